"""Everything of a person's as one file."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import accounts.ids


class Migration(migrations.Migration):
    dependencies = [
        ("generation", "0022_base_weights"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Export",
            fields=[
                ("id", models.UUIDField(default=accounts.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("working", "In progress"),
                            ("ready", "Ready"),
                            ("failed", "Failed"),
                            ("canceled", "Canceled"),
                            ("expired", "Expired"),
                        ],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("attempt", models.PositiveSmallIntegerField(default=0)),
                ("lease_expires_at", models.DateTimeField(blank=True, null=True)),
                ("pictures", models.PositiveIntegerField(default=0)),
                ("pictures_done", models.PositiveIntegerField(default=0)),
                ("pictures_skipped", models.PositiveIntegerField(default=0)),
                ("file", models.CharField(blank=True, max_length=200)),
                ("size_bytes", models.PositiveBigIntegerField(default=0)),
                ("failure_reason", models.CharField(blank=True, max_length=200)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("expires_at", models.DateTimeField(blank=True, null=True)),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="exports",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["user", "-id"], name="export_by_user"),
                    models.Index(
                        condition=models.Q(("status__in", ["waiting", "working"])), fields=["id"], name="export_waiting"
                    ),
                    models.Index(
                        condition=models.Q(("status", "ready")), fields=["expires_at"], name="export_expiring"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("status__in", ["waiting", "working"])),
                        fields=("user",),
                        name="export_one_at_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "ready"), _negated=True),
                            models.Q(("expires_at__isnull", False), models.Q(("file", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="export_ready_has_file",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("pictures_done__lte", models.F("pictures")),
                            ("pictures_skipped__lte", models.F("pictures_done")),
                        ),
                        name="export_counts_fit",
                    ),
                ],
            },
        ),
    ]
