"""Change a picture as one is told: “make it winter”."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext, gettext_noop

from generation.engine.options import InstructOptions
from generation.params.edit import EditParams
from generation.params.pictures import EditReader

IMAGE_GUIDANCE_MIN, IMAGE_GUIDANCE_MAX = 1.0, 10.0


@dataclass(frozen=True, kw_only=True)
class InstructParams(EditParams):
    """The prompt is the instruction; `image_guidance_scale`: how closely the result stays with the picture."""

    task = "instruct"
    fields = {**EditParams.fields, "image": str, "image_guidance_scale": float}
    prompt_missing = gettext_noop("Say what should change.")

    image_guidance_scale: float

    @classmethod
    def take_own(cls, reader: EditReader) -> dict[str, Any]:
        """Return how closely it stays."""
        scale = reader.decimal(
            "image_guidance_scale", gettext("image guidance"), 1.5, IMAGE_GUIDANCE_MIN, IMAGE_GUIDANCE_MAX
        )
        return {"image_guidance_scale": scale}

    @staticmethod
    def options_of(stored: Mapping[str, Any]) -> InstructOptions:
        """Return how closely it stays."""
        return InstructOptions(stored["image_guidance_scale"])
