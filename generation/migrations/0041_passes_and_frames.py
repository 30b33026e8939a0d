"""In what company a picture was drawn, and the checksum of a video's frames: what drawing it again needs."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("generation", "0040_reports_once_a_place"),
    ]

    operations = [
        migrations.AddField(
            model_name="clip",
            name="frames_sha256",
            field=models.CharField(blank=True, db_default="", default="", max_length=64),
        ),
        migrations.AddField(
            model_name="image",
            name="pass_place",
            field=models.PositiveSmallIntegerField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="image",
            name="pass_size",
            field=models.PositiveSmallIntegerField(blank=True, editable=False, null=True),
        ),
    ]
