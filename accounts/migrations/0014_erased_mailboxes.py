"""Mailboxes whose accounts were erased, as keyed hashes."""

import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0013_former_addresses"),
    ]

    operations = [
        migrations.CreateModel(
            name="ErasedMailbox",
            fields=[
                (
                    "digest",
                    models.CharField(editable=False, max_length=32, primary_key=True, serialize=False),
                ),
                ("erased_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
            options={"verbose_name_plural": "erased mailboxes"},
        ),
    ]
