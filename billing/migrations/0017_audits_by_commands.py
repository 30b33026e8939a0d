"""Audits that a command has made have nobody who asked for them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0016_low_credits"),
    ]

    operations = [
        migrations.AlterField(
            model_name="ledgeraudit",
            name="asked_by",
            field=models.UUIDField(editable=False, null=True),
        ),
    ]
