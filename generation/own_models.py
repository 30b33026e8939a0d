"""The part of a form that chooses models of one's own: a box and a weight for each, and one text that says both.

The text is what `params.loras` reads: `id:weight, id:weight`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Prefetch
from django.http import QueryDict

from accounts.models import User
from generation import base_weights, image_check
from generation.catalog import MODELS
from generation.engine.protocol import LORA_WEIGHT_MAX, LORA_WEIGHT_MIN
from generation.models import CustomModel, CustomModelSample

BOX = "lora"
WEIGHT = "lora_weight_"
_WHOLE = "1"


@dataclass(frozen=True)
class OwnModel:
    """One model that can be chosen; `weight` as it stands in its field."""

    model: CustomModel
    is_chosen: bool
    weight: str
    picture: str
    # Whether its base got other weights since it was made.
    is_outdated: bool = False
    weight_min: float = LORA_WEIGHT_MIN
    weight_max: float = LORA_WEIGHT_MAX

    @property
    def base_name(self) -> str:
        """What people call the model that it changes."""
        base = MODELS.get(self.model.base_model)
        return base.name if base else self.model.base_model


class OwnModels:
    """What a person can draw with, fetched when it is first read, once for all forms that share this."""

    def __init__(self, user: User | None = None) -> None:
        self._user = user

    @cached_property
    def all(self) -> list[CustomModel]:
        """All of them, whatever they were made for, the newest first."""
        return usable(self._user) if self._user else []


def text_of(data: Mapping[str, Any]) -> str:
    """Return what a form's boxes and weights say; a form without any may send the text itself, as `loras`."""
    chosen = data.getlist(BOX) if isinstance(data, QueryDict) else [data[BOX]] if BOX in data else []
    if not chosen:
        return str(data.get("loras", ""))
    return ",".join(f"{pk}:{data.get(f'{WEIGHT}{pk}') or _WHOLE}" for pk in map(str, chosen))


def text_of_run(stored: Mapping[str, Any]) -> str:
    """Return the same of a run's stored settings."""
    return ",".join(f"{used['id']}:{used['weight']:g}" for used in stored.get("loras", ()))


def usable(user: User) -> list[CustomModel]:
    """Return what the person can draw with, whatever it was made for, the newest first.

    Where only the engine's safety checker looks at pictures others' models come without samples: it has not seen them.
    """
    samples = CustomModelSample.objects.all()
    if image_check.engines_tool() is not None:
        samples = samples.filter(model__owner=user)
    return list(CustomModel.objects.usable_by(user).newest_first().prefetch_related(Prefetch("samples", samples)))


def choices(models: Iterable[CustomModel], text: str, base: str = "") -> list[OwnModel]:
    """Return models as they can be chosen, with what `text` has chosen; with `base` only what fits that model."""
    chosen = _read(text)
    fit = [one for one in models if base in ("", one.base_model)]
    outdated = base_weights.replaced(fit)
    return [
        OwnModel(one, str(one.pk) in chosen, chosen.get(str(one.pk), _WHOLE), picture_of(one), one.pk in outdated)
        for one in fit
    ]


def is_base_here(model: CustomModel) -> bool:
    """Whether the model that it changes is offered and installed; without it nobody can draw with this one."""
    base = MODELS.get(model.base_model)
    return base is not None and base.is_installed


def fitting(text: str, offered: list[OwnModel]) -> str:
    """Return what of `text` is among those offered; the rest can be chosen no more."""
    there = {str(one.model.pk) for one in offered}
    return ",".join(f"{pk}:{weight}" for pk, weight in _read(text).items() if pk in there)


def picture_of(model: CustomModel) -> str:
    """Return the storage key of what shows a model best: the newest of its samples; empty where it has none."""
    newest = max(model.samples.all(), key=lambda sample: (sample.quarter, -sample.position), default=None)
    return newest.thumbnail if newest else ""


def _read(text: str) -> dict[str, str]:
    pairs = (part.strip().partition(":") for part in text.split(",") if part.strip())
    return {pk: weight or _WHOLE for pk, _, weight in pairs}
