"""What people want to be told of."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_unlogged_rate_buckets"),
    ]

    operations = [
        migrations.CreateModel(
            name="NotificationChoice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "happening",
                    models.CharField(
                        choices=[
                            ("run_done", "A run is done"),
                            ("run_failed", "A run failed"),
                            ("training_done", "A training is done"),
                            ("training_failed", "A training failed"),
                            ("low_credits", "API credits run low"),
                            ("next_grant", "Monthly credits have come"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "channel",
                    models.CharField(
                        choices=[("browser", "Browser"), ("sound", "Sound"), ("email", "Email")], max_length=8
                    ),
                ),
                ("is_on", models.BooleanField()),
                ("told_until", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("is_on", True)), fields=["happening", "channel"], name="notification_chosen"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("user", "happening", "channel"), name="notification_choice_once")
                ],
            },
        ),
    ]
