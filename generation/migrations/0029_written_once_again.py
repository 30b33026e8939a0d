"""The law that a licence is written once, again: SQLite dropped its trigger when 0025 made the pictures' table anew."""

from typing import Any

from django.db import migrations

from generation import written_once


def restore(_apps: Any, schema_editor: Any) -> None:
    """Install it, whether it is still there or not."""
    written_once.remove(schema_editor.connection)
    written_once.install(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("generation", "0028_disk_full_since")]

    operations = [migrations.RunPython(restore, migrations.RunPython.noop, elidable=False)]
