"""Draw more pictures like one: close to it, or only after it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext

from generation.engine.options import VariationsOptions
from generation.params.edit import EditParams
from generation.params.pictures import EditReader

# How much of the picture is drawn anew.
STRENGTHS = {"subtle": 0.35, "strong": 0.7}


@dataclass(frozen=True, kw_only=True)
class VariationsParams(EditParams):
    """`mode`: subtle or strong. Without a prompt the picture's own is taken, where it was made here."""

    task = "variations"
    fields = {**EditParams.fields, "image": str, "mode": str}
    needs_prompt = False

    mode: str

    @classmethod
    def take_own(cls, reader: EditReader) -> dict[str, Any]:
        """Return the mode."""
        return {"mode": reader.one_of("mode", gettext("mode"), "subtle", tuple(STRENGTHS))}

    @staticmethod
    def options_of(stored: Mapping[str, Any]) -> VariationsOptions:
        """Return the mode's strength."""
        return VariationsOptions(STRENGTHS[stored["mode"]])
