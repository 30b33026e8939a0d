"""Which backups were taken, for whoever is told when there was none for long."""

import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("getimg_site", "0005_worker_time"),
    ]

    operations = [
        migrations.CreateModel(
            name="Backup",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("ended_at", models.DateTimeField(db_index=True, default=django.utils.timezone.now, editable=False)),
                ("size_bytes", models.PositiveBigIntegerField(default=0, editable=False)),
            ],
        ),
    ]
