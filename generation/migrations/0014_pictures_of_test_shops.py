"""A picture remembers whether it was made where plans are sold for no money; that is written once, too.

Pictures from before are taken for what the site is now: where it sells for no money, nothing was a licence.
"""

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from generation import licences, written_once

COLUMNS = ("plan", "licence", "model_licence", "is_test", "sha256")
COLUMNS_BEFORE = ("plan", "licence", "model_licence", "sha256")


def remove(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Let the table be changed: on SQLite that copies it."""
    written_once.remove(schema_editor.connection)


def note_and_install(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Note it on the pictures that are there, then let nobody change it."""
    if licences.is_test():
        apps.get_model("generation", "Image").objects.update(is_test=True)
    written_once.install(schema_editor.connection, COLUMNS)


def install_as_before(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Let nobody change what could not be changed before."""
    written_once.install(schema_editor.connection, COLUMNS_BEFORE)


class Migration(migrations.Migration):
    dependencies = [("generation", "0013_uploads_and_inputs")]
    operations = [
        migrations.RunPython(remove, install_as_before),
        migrations.AddField("image", "is_test", models.BooleanField(default=False)),
        migrations.RunPython(note_and_install, remove),
    ]
