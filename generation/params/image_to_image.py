"""Draw a picture anew from another one and words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext

from generation.engine.options import ImageToImageOptions
from generation.params.edit import EditParams
from generation.params.pictures import EditReader

STRENGTH_MIN, STRENGTH_MAX = 0.05, 1.0


@dataclass(frozen=True, kw_only=True)
class ImageToImageParams(EditParams):
    """`strength`: how much of the picture is drawn anew."""

    task = "image-to-image"
    fields = {**EditParams.fields, "image": str, "strength": float}

    strength: float

    @classmethod
    def take_own(cls, reader: EditReader) -> dict[str, Any]:
        """Return the strength."""
        return {"strength": reader.decimal("strength", gettext("strength"), 0.6, STRENGTH_MIN, STRENGTH_MAX)}

    @staticmethod
    def options_of(stored: Mapping[str, Any]) -> ImageToImageOptions:
        """Return the strength."""
        return ImageToImageOptions(stored["strength"])
