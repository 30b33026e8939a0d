"""What a picture may be used for stays as it was written: triggers; and what finds a picture by its checksum or age.

A later migration that alters this table on SQLite copies it, and the copy has no triggers: install them again there.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from generation import written_once


COLUMNS = ("plan", "licence", "model_licence", "sha256")


def install(apps, schema_editor):
    written_once.install(schema_editor.connection, COLUMNS)


def remove(apps, schema_editor):
    written_once.remove(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [
        ("generation", "0004_plans_and_licences"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="image",
            name="model_licence",
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AddIndex(
            model_name="image",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", True)), fields=["created_at"], name="image_by_age"
            ),
        ),
        migrations.AddIndex(
            model_name="image",
            index=models.Index(fields=["sha256"], name="image_by_checksum"),
        ),
        migrations.CreateModel(
            name="ExpiryMail",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("sent_at", models.DateTimeField()),
            ],
        ),
        migrations.RunPython(install, remove),
    ]
