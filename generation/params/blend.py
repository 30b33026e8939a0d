"""Make one picture of two to four."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext

from generation import catalog
from generation.engine.options import BlendOptions
from generation.params.edit import EditParams
from generation.params.image_to_image import STRENGTH_MAX, STRENGTH_MIN
from generation.params.pictures import EditReader
from generation.params.reader import Reader, shown
from generation.params.sources import Picture

# Weights are parts of the whole, in whatever numbers.
WEIGHT_MIN, WEIGHT_MAX = 0.01, 100.0


@dataclass(frozen=True, kw_only=True)
class BlendParams(EditParams):
    """`weights`: each picture's part, together 1; `strength`: how far the model draws on from the blend.

    `sees_pictures` is no one's choice: it is so where an IP-Adapter for the model was installed when the run was sent.
    """

    task = "blend"
    fields = {**EditParams.fields, "images": list, "weights": list, "strength": float}
    needs_prompt = False

    weights: tuple[float, ...]
    strength: float
    sees_pictures: bool

    @classmethod
    def take_pictures(cls, reader: EditReader) -> list[Picture]:
        """Return the pictures in their order."""
        return reader.several()

    @classmethod
    def take_own(cls, reader: EditReader) -> dict[str, Any]:
        """Return the weights, the strength and the way of blending."""
        strength = reader.decimal("strength", gettext("strength"), 0.5, STRENGTH_MIN, STRENGTH_MAX)
        weights = _weights(reader, len(reader.pictures))
        return {"weights": weights, "strength": strength, "sees_pictures": catalog.sees_pictures(reader.chosen)}

    @staticmethod
    def options_of(stored: Mapping[str, Any]) -> BlendOptions:
        """Return the weights, the strength and the way of blending."""
        return BlendOptions(tuple(stored["weights"]), stored["strength"], stored.get("sees_pictures", False))


def as_given(parts: Sequence[float]) -> list[float]:
    """Return weights as they are stored, of which none is below the bound, so that they can be sent again."""
    smallest = min(parts)
    scale = WEIGHT_MIN / smallest if smallest < WEIGHT_MIN else 1.0
    return [min(max(part * scale, WEIGHT_MIN), WEIGHT_MAX) for part in parts]


def _weights(reader: Reader, count: int) -> tuple[float, ...]:
    """Return one part a picture; equal ones where none were given."""
    given = reader.listed("weights")
    if not count:
        return ()  # the pictures were refused, which is said already
    if given and len(given) != count:
        reader.refuse(
            "weights",
            gettext("There are %(count)s pictures and %(count_2)s weights; send one for each.")
            % {"count": count, "count_2": len(given)},
        )
        return ()
    parts = [_part(reader, weight) for weight in given] or [1.0] * count
    return tuple(part / sum(parts) for part in parts)


def _part(reader: Reader, value: Any) -> float:
    try:
        part = float(value) if not isinstance(value, bool) else 0.0
    except (TypeError, ValueError, OverflowError):
        part = 0.0
    if not WEIGHT_MIN <= part <= WEIGHT_MAX:
        reader.refuse(
            "weights",
            gettext("“%(shown)s” is outside the bounds: weights go from 0.01 to 100.") % {"shown": shown(value)},
        )
        return 1.0
    return part
