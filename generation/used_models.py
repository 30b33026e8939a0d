"""The models that somebody's pictures can have been made with: what the library's filter offers.

Beside the installed ones of the catalogue these are the person's own, those of others that a link let them use, and
what the catalogue has no more. Each is found in an index; neither pictures nor runs are read.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.models import Exists, OuterRef

from accounts.models import User
from generation.catalog import MODELS
from generation.models import CustomModel, Image, Job, JobLora

# From one name to the next in the index `job_by_model`, as often as there are names.
_USED = """
WITH RECURSIVE used(slug) AS (
    SELECT MIN(served_by) FROM generation_job WHERE user_id = %s
    UNION ALL
    SELECT (SELECT MIN(served_by) FROM generation_job WHERE user_id = %s AND served_by > used.slug)
    FROM used WHERE used.slug IS NOT NULL
)
SELECT slug FROM used WHERE slug IS NOT NULL
"""


@dataclass(frozen=True)
class UsedModels:
    """Models to choose from: what the filter takes, and the name of each."""

    offered: list[tuple[str, str]]
    own: list[tuple[str, str]]
    gone: list[tuple[str, str]]


def offered() -> list[tuple[str, str]]:
    """Return the catalogue's installed models, by slug. Reads nothing."""
    return sorted({(model.slug, model.name) for model in MODELS.values() if model.is_installed})


def of(user: User) -> UsedModels:
    """Return what this person's pictures can have been made with. Two queries."""
    installed = offered()
    known = {slug for slug, _ in installed}
    used = JobLora.objects.filter(user=user, model=OuterRef("pk"))
    own = CustomModel.objects.filter(Exists(used)).order_by("name", "pk")
    gone = [(slug, MODELS[slug].name if slug in MODELS else slug) for slug in _slugs(user) if slug not in known]
    return UsedModels(installed, [(str(model.pk), model.name) for model in own.only("pk", "name")], gone)


def name_in(images: Sequence[Image], model: str) -> str:
    """Return what a model is called, as far as these pictures of it say; empty where they do not. Reads their runs."""
    if model in MODELS:
        return MODELS[model].name
    loras = images[0].job.params.get("loras", ()) if images else ()
    return next((str(used["name"]) for used in loras if used["id"] == model), "")


def as_own(value: str) -> uuid.UUID | None:
    """Return the id of one of people's own models that a filter names; None for a name of the catalogue."""
    try:
        return uuid.UUID(value)
    except ValueError:
        return None


def _slugs(user: User) -> list[str]:
    key = Job._meta.pk.get_db_prep_value(user.pk, connection)
    with connection.cursor() as cursor:
        cursor.execute(_USED, [key, key])
        return [slug for (slug,) in cursor.fetchall()]
