"""How large the file of an upload is by itself; of those from before, the storage says it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("generation", "0045_files_once_a_side")]
    operations = [
        migrations.AddField(
            model_name="upload",
            name="file_bytes",
            field=models.PositiveBigIntegerField(editable=False, null=True),
        ),
    ]
