"""Make a picture two or four times as wide and as high."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext

from generation.engine.options import UPSCALE_FACTORS, UpscaleOptions
from generation.params.edit import EditParams
from generation.params.pictures import EditReader
from generation.params.reader import shown, whole


@dataclass(frozen=True, kw_only=True)
class UpscaleParams(EditParams):
    """`factor`: 2 or 4."""

    task = "upscale"
    has_words = False
    fields = {"model": str, "image": str, "factor": int}

    factor: int

    @classmethod
    def take_own(cls, reader: EditReader) -> dict[str, Any]:
        """Return the factor."""
        given = reader.raw("factor")
        factor = UPSCALE_FACTORS[0] if given in (None, "") else whole(given)
        if factor not in UPSCALE_FACTORS:
            reader.refuse(
                "factor", gettext("“%(shown)s” is not a valid factor; choose 2 or 4.") % {"shown": shown(given)}
            )
            factor = UPSCALE_FACTORS[0]
        return {"factor": factor}

    @staticmethod
    def options_of(stored: Mapping[str, Any]) -> UpscaleOptions:
        """Return the factor."""
        return UpscaleOptions(stored["factor"])

    def price_facts(self) -> list[int]:
        """What the price depends on: the factor as well."""
        return [*super().price_facts(), self.factor]
