"""Draw from words what has the edges, depths, pose or lines of a picture."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext

from generation import catalog
from generation.engine.options import CONTROLS, ControlNetOptions
from generation.params.edit import EditParams
from generation.params.pictures import EditReader
from generation.params.reader import either

CONDITIONING_MAX = 2.0
THRESHOLD_MAX = 255


@dataclass(frozen=True, kw_only=True)
class ControlNetParams(EditParams):
    """See `engine.options.ControlNetOptions`."""

    task = "controlnet"
    fields = {
        **EditParams.fields,
        "image": str,
        "control": str,
        "conditioning_scale": float,
        "low_threshold": int,
        "high_threshold": int,
        "is_map": bool,
    }

    control: str
    conditioning_scale: float
    low_threshold: int
    high_threshold: int
    is_map: bool

    @classmethod
    def take_own(cls, reader: EditReader) -> dict[str, Any]:
        """Return what guides, how strongly, and Canny's thresholds."""
        low = reader.integer("low_threshold", gettext("thresholds"), 100, 0, THRESHOLD_MAX)
        high = reader.integer("high_threshold", gettext("thresholds"), 200, 0, THRESHOLD_MAX)
        if high < low:
            reader.refuse(
                "high_threshold",
                gettext("The high threshold %(high)s is below the low one, %(low)s.") % {"high": high, "low": low},
            )
        control = reader.one_of("control", gettext("control"), CONTROLS[0], CONTROLS)
        if control not in catalog.controls_of(reader.chosen):
            able = either(catalog.controls_of(reader.chosen))
            reader.refuse(
                "control",
                gettext("%(name)s has no ControlNet for %(control)s here; choose %(able)s.")
                % {"name": reader.chosen.name, "control": control, "able": able},
            )
        is_map = reader.flag("is_map")
        if not is_map and not catalog.draws_map(control):
            reader.refuse(
                "is_map",
                gettext("No model that finds %(control)ss is installed here. Bring such a map, and say so.")
                % {"control": control},
            )
        return {
            "control": control,
            "conditioning_scale": reader.decimal(
                "conditioning_scale", gettext("conditioning"), 1.0, 0.0, CONDITIONING_MAX
            ),
            "low_threshold": low,
            "high_threshold": max(low, high),
            "is_map": is_map,
        }

    @staticmethod
    def options_of(stored: Mapping[str, Any]) -> ControlNetOptions:
        """Return them."""
        names = ("control", "conditioning_scale", "low_threshold", "high_threshold", "is_map")
        return ControlNetOptions(**{name: stored[name] for name in names})
