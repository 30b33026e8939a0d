"""Wallets whose credits run low, until they are enough again."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0015_ledger_audits"),
    ]

    operations = [
        migrations.CreateModel(
            name="LowCredits",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("seen_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("mailed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "wallet",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="low", to="billing.wallet"
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "low credits",
            },
        ),
    ]
