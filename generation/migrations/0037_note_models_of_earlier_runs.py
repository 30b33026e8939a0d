"""Note which of people's own models the runs so far drew with."""

import uuid
from typing import Any

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

_CHUNK = 1000


def note(apps: Apps, _schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Write a row for each model of each run that names some; models whose rows are gone have none."""
    job_model, lora_model = apps.get_model("generation", "Job"), apps.get_model("generation", "JobLora")
    there = set(apps.get_model("generation", "CustomModel").objects.values_list("pk", flat=True))
    runs = job_model.objects.filter(params__has_key="loras").exclude(task="reproduction")
    uses: list[Any] = []
    for pk, user_id, params in runs.values_list("pk", "user_id", "params").iterator(_CHUNK):
        ids = {uuid.UUID(used["id"]) for used in params["loras"]} & there
        uses += [lora_model(job_id=pk, model_id=model_id, user_id=user_id) for model_id in ids]
        if len(uses) >= _CHUNK:
            lora_model.objects.bulk_create(uses, ignore_conflicts=True)
            uses = []
    lora_model.objects.bulk_create(uses, ignore_conflicts=True)


class Migration(migrations.Migration):
    """Only data; going back leaves it, as the table goes."""

    dependencies = [("generation", "0036_models_of_runs")]

    operations = [migrations.RunPython(note, migrations.RunPython.noop)]
