"""Whether an address from before was ever confirmed. Of those that are there nobody knows."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0014_erased_mailboxes")]

    operations = [
        migrations.AddField(
            "formeraddress", "was_confirmed", models.BooleanField(db_default=False, default=False, editable=False)
        ),
    ]
