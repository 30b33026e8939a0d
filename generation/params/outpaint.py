"""Paint on beyond a picture's edges."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext

from generation.engine.options import FEATHER_MAX, MARGIN_MAX, OutpaintOptions
from generation.params.edit import EditParams
from generation.params.pictures import EditReader

SIDES = ("left", "right", "top", "bottom")


@dataclass(frozen=True, kw_only=True)
class OutpaintParams(EditParams):
    """How many pixels are added at each side; `feather`: over how many the new part blends into the picture."""

    task = "outpaint"
    fields = {**EditParams.fields, "image": str, **dict.fromkeys(SIDES, int), "feather": int}
    needs_prompt = False

    left: int
    right: int
    top: int
    bottom: int
    feather: int

    @classmethod
    def take_own(cls, reader: EditReader) -> dict[str, Any]:
        """Return the sides and the feather."""
        sides = {side: reader.integer(side, gettext("pixels"), 0, 0, MARGIN_MAX) for side in SIDES}
        if reader.is_asking and not any(sides.values()):
            sides["right"] = 1  # the least that it can cost
        if not any(sides.values()) and not reader.errors:
            reader.refuse("right", gettext("Nothing is added at any side. Say how many pixels, at one side at least."))
        return {**sides, "feather": reader.integer("feather", gettext("pixels of feather"), 16, 0, FEATHER_MAX)}

    @staticmethod
    def options_of(stored: Mapping[str, Any]) -> OutpaintOptions:
        """Return the sides and the feather."""
        return OutpaintOptions(**{side: stored[side] for side in SIDES}, feather=stored["feather"])
