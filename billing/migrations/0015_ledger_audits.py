"""Audits of the ledger that operators ask for: one row each."""

import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0014_note_agreed_prices"),
    ]

    operations = [
        migrations.CreateModel(
            name="LedgerAudit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("asked_by", models.UUIDField(editable=False)),
                ("asked_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("due_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("is_open", models.BooleanField(default=True, editable=False)),
                ("ended_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("wallets", models.PositiveBigIntegerField(default=0, editable=False)),
                ("checked", models.PositiveBigIntegerField(default=0, editable=False)),
                ("last_wallet", models.UUIDField(blank=True, editable=False, null=True)),
                ("faults", models.PositiveIntegerField(default=0, editable=False)),
                ("findings", models.JSONField(blank=True, default=list, editable=False)),
            ],
            options={
                "verbose_name": "ledger audit",
                "verbose_name_plural": "ledger audits",
                "permissions": [("run_ledger_audit", "Can have the ledger audited")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("is_open", True)), fields=("is_open",), name="ledger_audit_one_open"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at__isnull", True), ("is_open", True)),
                            models.Q(("ended_at__isnull", False), ("is_open", False)),
                            _connector="OR",
                        ),
                        name="ledger_audit_ended_has_time",
                    ),
                ],
            },
        ),
    ]
