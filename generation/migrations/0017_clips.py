"""Videos: a picture may be the first frame of one."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("generation", "0016_licence_of_inputs")]
    operations = [
        migrations.CreateModel(
            name="Clip",
            fields=[
                (
                    "image",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="clip",
                        serialize=False,
                        to="generation.image",
                    ),
                ),
                ("mp4", models.CharField(max_length=200)),
                ("webp", models.CharField(max_length=200)),
                ("gif", models.CharField(max_length=200)),
                ("width", models.PositiveIntegerField()),
                ("height", models.PositiveIntegerField()),
                ("frames", models.PositiveSmallIntegerField()),
                ("fps", models.PositiveSmallIntegerField()),
                ("size_bytes", models.PositiveBigIntegerField()),
                ("webp_bytes", models.PositiveBigIntegerField()),
                ("gif_bytes", models.PositiveBigIntegerField()),
                ("sha256", models.CharField(max_length=64)),
            ],
            options={
                "indexes": [models.Index(fields=["sha256"], name="clip_by_checksum")],
                "constraints": [models.CheckConstraint(condition=Q(frames__gt=0, fps__gt=0), name="clip_has_length")],
            },
        ),
    ]
