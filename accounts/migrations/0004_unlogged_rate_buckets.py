"""Rates are counted at every request and forgotten after a minute: on PostgreSQL nobody waits for them to reach the disk.

An unlogged table is empty after a crash, which costs nobody anything: every rate then begins anew.
"""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def _leave_out_of_the_log(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:  # noqa: ARG001
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER TABLE accounts_ratebucket SET UNLOGGED")


def _log(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:  # noqa: ARG001
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER TABLE accounts_ratebucket SET LOGGED")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_api_keys")]

    operations = [migrations.RunPython(_leave_out_of_the_log, _log)]
