"""The LoRAs that a request names: looked up among the models that the sender can use, each with its weight.

JSON gives a list of `{"id", "weight"}`; a form and a command line write the same as `id:weight, id:weight`. The id of
such a model in the place of a model's name is short for its base with it.
"""

import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.utils.translation import gettext, gettext_noop

from accounts.models import User
from generation import base_weights
from generation.catalog_shapes import CatalogModel
from generation.engine.protocol import LORA_WEIGHT_MAX, LORA_WEIGHT_MIN, LORAS_MAX
from generation.models import CustomModel

_WEIGHT = 1.0
_NOT_READY = {
    CustomModel.State.DRAFT: gettext_noop("“%(name)s” has not been trained yet. Choose another."),
    CustomModel.State.TRAINING: gettext_noop("“%(name)s” is still being trained. Choose another."),
    CustomModel.State.FAILED: gettext_noop("“%(name)s” could not be trained. Choose another."),
    CustomModel.State.DELETED: gettext_noop("“%(name)s” was deleted. Choose another."),
}


@dataclass(frozen=True)
class LoraUse:
    """One model of the person's and how much it counts; name and checksum are what they were when it was ordered.

    A stored run has no name of it any more (an empty one) where the account that it belonged to was erased.
    """

    id: str
    weight: float
    sha256: str
    name: str
    # Whether its base had other weights by then than those that it was made for.
    base_changed: bool = False

    def stored(self) -> dict[str, Any]:
        """Every field; a base that changed only where it has, so that the others read as they always did."""
        values = asdict(self)
        return values if self.base_changed else {name: values[name] for name in values if name != "base_changed"}


class LorasRefused(Exception):
    """What was named cannot be used; the message says which, and what to do."""

    def __init__(self, message: str, code: str = "invalid_value") -> None:
        self.code = code
        super().__init__(message)


def as_id(value: object) -> uuid.UUID | None:
    """Return the id that is written as ids are; None for any other value."""
    if not isinstance(value, str):
        return None
    try:
        found = uuid.UUID(value)
    except ValueError:
        return None
    return found if str(found) == value.lower() else None


def base_of(model_id: uuid.UUID, user: User) -> str:
    """Return the catalogue's slug of the model that this one changes. Raises: LorasRefused."""
    return _find(model_id, user).base_model


def read(value: object, user: User | None, base: CatalogModel, named: uuid.UUID | None = None) -> tuple[LoraUse, ...]:
    """Return what is to be used with `base`; `named` stood in the place of the model. Raises: LorasRefused."""
    wanted = _wanted(value)
    if named is not None and named not in (pk for pk, _ in wanted):
        wanted.insert(0, (named, _WEIGHT))
    if len(wanted) > LORAS_MAX:
        raise LorasRefused(
            gettext("%(count)s models of your own came; %(loras_max)s can be used together.")
            % {"count": len(wanted), "loras_max": LORAS_MAX}
        )
    if len({pk for pk, _ in wanted}) < len(wanted):
        raise LorasRefused(gettext("The same model is there twice. Name it once, with the weight that you want."))
    if wanted and user is None:
        raise LorasRefused(gettext("Models of one's own need a person who has them."))
    used = tuple(_use(pk, weight, user, base) for pk, weight in wanted if user is not None)
    if len({one.sha256 for one in used}) < len(used):
        raise LorasRefused(
            gettext("Two of these models have the same file. Name one of them, with the weight you want.")
        )
    return used


def _use(pk: uuid.UUID, weight: float, user: User, base: CatalogModel) -> LoraUse:
    model = _find(pk, user)
    if model.base_model != base.slug:
        message = gettext(
            "“%(model_name)s” was made for the model %(base_model)s and fits no other. Choose that one."
        ) % {"model_name": model.name, "base_model": model.base_model}
        raise LorasRefused(message, "wrong_base_model")
    return LoraUse(str(pk), weight, model.sha256, model.name, base_weights.was_replaced(model))


def _find(pk: uuid.UUID, user: User) -> CustomModel:
    model = CustomModel.objects.usable_by(user).filter(pk=pk).first()
    if model is not None:
        return model
    own = CustomModel.objects.filter(pk=pk, owner=user).first()
    if own is None:
        raise LorasRefused(gettext("You have no model %(pk)s.") % {"pk": pk}, "model_not_yours")
    message = gettext(_NOT_READY[CustomModel.State(own.state)]) % {"name": own.name}
    raise LorasRefused(message, "model_not_ready")


def _wanted(value: object) -> list[tuple[uuid.UUID, float]]:
    if value is None or value == "":
        return []
    if isinstance(value, str):
        value = [_item(part.strip()) for part in value.split(",")]
    if not isinstance(value, (list, tuple)):
        raise LorasRefused(gettext("These are not LoRAs; send a list of {“id”, “weight”}."))
    return [_read(item) for item in value]


def _item(text: str) -> dict[str, Any]:
    pk, colon, weight = text.partition(":")
    return {"id": pk, "weight": weight} if colon else {"id": pk}


def _read(item: object) -> tuple[uuid.UUID, float]:
    if not isinstance(item, Mapping) or not item.keys() <= {"id", "weight"}:
        raise LorasRefused(gettext("Each LoRA is an id and a weight: {“id”: …, “weight”: 1}."))
    pk = as_id(item.get("id"))
    if pk is None:
        raise LorasRefused(gettext("“%(value)s” is not the id of a model.") % {"value": str(item.get("id"))[:40]})
    return pk, _weight(item.get("weight", _WEIGHT))


def _weight(value: object) -> float:
    try:
        number = float(value) if isinstance(value, (int, float, str)) and not isinstance(value, bool) else float("nan")
    except (ValueError, OverflowError):
        number = float("nan")
    if not LORA_WEIGHT_MIN <= number <= LORA_WEIGHT_MAX:
        raise LorasRefused(
            gettext("“%(value)s” is outside the bounds: a weight goes from %(lora_weight_min)s to %(lora_weight_max)s.")
            % {
                "value": str(value)[:40],
                "lora_weight_min": f"{LORA_WEIGHT_MIN:g}",
                "lora_weight_max": f"{LORA_WEIGHT_MAX:g}",
            }
        )
    return round(number, 2)
