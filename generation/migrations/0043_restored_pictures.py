"""When a picture whose time was over was brought back from the trash."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("generation", "0042_folders_are_of_one_person")]
    operations = [
        migrations.AddField(
            model_name="image",
            name="restored_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
    ]
