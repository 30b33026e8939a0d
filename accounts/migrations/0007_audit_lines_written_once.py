"""Triggers that refuse to change or delete an audit line.

A later migration that alters this table on SQLite copies it, and the copy has no triggers: install them again there.
"""

from django.db import migrations

from accounts import audit_law


def install(apps, schema_editor):
    audit_law.install(schema_editor.connection)


def remove(apps, schema_editor):
    audit_law.remove(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_audit_lines")]

    operations = [migrations.RunPython(install, remove)]
