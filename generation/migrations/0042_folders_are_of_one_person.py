"""Tells PostgreSQL's planner that all pictures of a folder are one person's.

Taken for chance, a folder of somebody with many pictures seemed to hold next to none, and a search within it looked at
every picture there instead of asking the index of words.
"""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

_NAME = "generation_image_folders_owner"


def note(_apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Have it counted now, and later whenever the server looks at the table anew."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"CREATE STATISTICS {_NAME} (dependencies) ON folder_id, user_id FROM generation_image")
        schema_editor.execute("ANALYZE generation_image")


def forget(_apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Undo it."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"DROP STATISTICS {_NAME}")


class Migration(migrations.Migration):
    dependencies = [("generation", "0041_passes_and_frames")]
    operations = [migrations.RunPython(note, forget)]
