"""Which files a test key brought; those from before are taken for the others'."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("generation", "0043_restored_pictures")]
    operations = [
        migrations.AddField(
            model_name="upload",
            name="is_test",
            field=models.BooleanField(db_default=False, default=False, editable=False),
        ),
    ]
