"""A run sent once more: its settings as they are read now, and what that costs.

The price is today's, in the studio's credits, whatever the run cost then: one by a test key cost nothing, and an alias
may lead to another model since. A page shows many such prices, so what runs name is looked up once for all of them.
"""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from accounts.models import User
from generation import catalog, params, pricing
from generation.errors import InvalidParams, ModelUnavailable, ModelUnknown
from generation.models import CustomModel, Job
from generation.params import Params, sources
from generation.params.sources import Lookup, Source

# Where a request names pictures; a blend names several.
_ROLES = ("image", "images", "end_image", "mask", "strokes")


@dataclass(frozen=True)
class Offer:
    """What it costs to send a run once more; `credits` is None where it would be refused, with the words for it."""

    credits: int | None
    refusal: str = ""


def params_of(job: Job, user: User, *, is_varied: bool = False) -> Params:
    """Read a run's settings as a new request of this person's, with another seed where it is varied.

    Raises: InvalidParams.
    """
    values = params.values_of(job.task, job.params)
    if is_varied:
        values.pop("seed", None)
    return params.parse(job.task, values, user)


def offers_of(jobs: Iterable[Job], user: User) -> dict[uuid.UUID, Offer]:
    """Price ended runs of this person's anew; the pictures and models that they name are looked up together."""
    wanted = {job.pk: (job.task, params.values_of(job.task, job.params)) for job in jobs}
    named = [value for _, values in wanted.values() for value in _pictures(values)]
    pictures = sources.find_all(user, named)
    bases = _bases_of({one["id"] for _, values in wanted.values() for one in values.get("loras", ())}, user)
    return {pk: _offer(task, _looked_up(values, pictures, bases), user) for pk, (task, values) in wanted.items()}


def _offer(task: str, values: Mapping[str, Any], user: User) -> Offer:
    try:
        return Offer(pricing.quote(params.parse(task, values, user)).credits)
    except InvalidParams as error:
        return Offer(None, error.errors[0].message)
    except (ModelUnknown, ModelUnavailable) as error:
        return Offer(None, str(error))


def _pictures(values: Mapping[str, Any]) -> Iterable[str]:
    for role in _ROLES:
        found = values.get(role) or ()
        yield from (found,) if isinstance(found, str) else found


def _bases_of(ids: set[str], user: User) -> dict[str, str]:
    """Return what the person's models among these are made for, by their ids."""
    if not ids:
        return {}
    rows = CustomModel.objects.usable_by(user).filter(pk__in=ids).values_list("pk", "base_model")
    return {str(pk): base for pk, base in rows}


def _looked_up(values: dict[str, Any], pictures: Mapping[str, Source], bases: Mapping[str, str]) -> dict[str, Any]:
    """Put in what was found. Who reads the settings refuses pictures that were not; models are asked for there."""
    for role in _ROLES:
        found = values.get(role)
        if isinstance(found, str):
            values[role] = pictures.get(found, Lookup.GONE)
        elif found:
            values[role] = [pictures.get(one, Lookup.GONE) for one in found]
    if values.get("loras"):
        # They change no price: only those that would be refused are left to be read.
        base = catalog.serving(values["model"])
        values["loras"] = [one for one in values["loras"] if base is None or bases.get(one["id"]) != base]
    return values
