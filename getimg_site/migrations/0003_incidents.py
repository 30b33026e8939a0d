"""What operators tell everybody about disturbances."""

import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("getimg_site", "0002_files_of_reports"),
    ]

    operations = [
        migrations.CreateModel(
            name="Incident",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("title", models.CharField(max_length=100)),
                (
                    "text",
                    models.TextField(help_text="What does not work, for whom, and what comes next.", max_length=2000),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("investigating", "Being looked into"), ("mended", "Mended")],
                        default="investigating",
                        max_length=13,
                    ),
                ),
                ("started_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="from")),
                (
                    "ended_at",
                    models.DateTimeField(blank=True, help_text="Empty while it goes on.", null=True, verbose_name="to"),
                ),
            ],
            options={
                "ordering": ["-started_at", "-pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at__isnull", True), ("state", "investigating")),
                            models.Q(("ended_at__isnull", False), ("state", "mended")),
                            _connector="OR",
                        ),
                        name="incident_mended_has_end",
                        violation_error_message="What is mended has an end, and what has an end is mended.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ended_at__isnull", True),
                            ("ended_at__gte", models.F("started_at")),
                            _connector="OR",
                        ),
                        name="incident_ends_after_start",
                        violation_error_message="It ends after it began.",
                    ),
                ],
            },
        ),
    ]
