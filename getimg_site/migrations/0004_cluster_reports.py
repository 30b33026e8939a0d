"""What the supervisor of each queue cluster tells of it, for /metrics."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("getimg_site", "0003_incidents"),
    ]

    operations = [
        migrations.CreateModel(
            name="ClusterReport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("host", models.CharField(editable=False, max_length=255)),
                ("cluster", models.CharField(editable=False, max_length=20)),
                ("folder", models.CharField(editable=False, max_length=500)),
                ("told_at", models.DateTimeField(editable=False)),
                ("is_busy", models.BooleanField(editable=False)),
                ("restarts", models.PositiveIntegerField(editable=False)),
                ("memory_bytes", models.PositiveBigIntegerField(editable=False)),
                ("disk_free_bytes", models.PositiveBigIntegerField(editable=False)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("host", "cluster", "folder"), name="cluster_report_once")
                ],
            },
        ),
    ]
