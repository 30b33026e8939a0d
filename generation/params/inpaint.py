"""Paint a part of a picture anew; the rest stays as it is, to the last bit."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext, gettext_noop

from generation.engine.options import FEATHER_MAX, IMAGE, InpaintOptions
from generation.params.edit import EditParams
from generation.params.image_to_image import STRENGTH_MAX, STRENGTH_MIN
from generation.params.pictures import EditReader
from generation.params.sources import Picture

# How many pixels around the mask are drawn softly, where nothing else is asked for.
FEATHER = 8


@dataclass(frozen=True, kw_only=True)
class InpaintParams(EditParams):
    """`strength`: how little of what is there shows through; `feather`: how many pixels the edge is softened by."""

    task = "inpaint"
    fields = {**EditParams.fields, "image": str, "mask": str, "strength": float, "feather": int}
    prompt_missing = gettext_noop("Describe what should be there.")

    strength: float
    feather: int

    @classmethod
    def take_pictures(cls, reader: EditReader) -> list[Picture]:
        """Return the picture and the mask."""
        return reader.with_mask(reader.one(IMAGE))

    @classmethod
    def take_own(cls, reader: EditReader) -> dict[str, Any]:
        """Return strength and feather."""
        return {
            "strength": reader.decimal("strength", gettext("strength"), 1.0, STRENGTH_MIN, STRENGTH_MAX),
            "feather": reader.integer("feather", gettext("pixels of feather"), FEATHER, 0, FEATHER_MAX),
        }

    @staticmethod
    def options_of(stored: Mapping[str, Any]) -> InpaintOptions:
        """Return strength and feather."""
        return InpaintOptions(stored["strength"], stored["feather"])
