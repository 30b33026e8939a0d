"""Models that operators have installed: one row each time."""

import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("generation", "0038_policy_rules"),
    ]

    operations = [
        migrations.CreateModel(
            name="ModelInstall",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("slug", models.CharField(editable=False, max_length=64)),
                ("folder", models.CharField(blank=True, editable=False, max_length=200)),
                ("asked_by", models.UUIDField(editable=False)),
                ("asked_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("due_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("is_open", models.BooleanField(default=True, editable=False)),
                ("tries", models.PositiveSmallIntegerField(default=0, editable=False)),
                ("done", models.PositiveIntegerField(default=0, editable=False)),
                ("files", models.PositiveIntegerField(default=0, editable=False)),
                ("at_hand", models.CharField(blank=True, editable=False, max_length=200)),
                ("ended_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("trouble", models.CharField(blank=True, editable=False, max_length=500)),
            ],
            options={
                "verbose_name": "model install",
                "verbose_name_plural": "model installs",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("is_open", True)), fields=("slug",), name="model_install_one_open"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at__isnull", True), ("is_open", True)),
                            models.Q(("ended_at__isnull", False), ("is_open", False)),
                            _connector="OR",
                        ),
                        name="model_install_ended_has_time",
                    ),
                ],
            },
        ),
    ]
