"""Triggers that refuse to change or delete a line of the ledger.

A later migration that alters this table on SQLite copies it, and the copy has no triggers: install them again there.
"""

from django.db import migrations

from billing import append_only


def install(apps, schema_editor):
    append_only.install(schema_editor.connection)


def remove(apps, schema_editor):
    append_only.remove(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("billing", "0001_initial")]

    operations = [migrations.RunPython(install, remove)]
