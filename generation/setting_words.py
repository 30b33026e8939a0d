"""What a run's own settings say on its pictures' pages: those that belong to its task, beside what all runs have."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext, gettext_noop

_SIDES = {
    "left": gettext_noop("Left + %(pixels)s px"),
    "top": gettext_noop("Top + %(pixels)s px"),
    "right": gettext_noop("Right + %(pixels)s px"),
    "bottom": gettext_noop("Bottom + %(pixels)s px"),
}
_GUIDES = {
    "canny": gettext_noop("Guided by edges"),
    "scribble": gettext_noop("Guided by a scribble"),
    "depth": gettext_noop("Guided by depths"),
    "pose": gettext_noop("Guided by a pose"),
}
_MODES = {"subtle": gettext_noop("Subtle"), "strong": gettext_noop("Strong")}


def own_settings(task: str, stored: Mapping[str, Any]) -> list[str]:
    """Return a few words for each; `stored` are a run's params. Empty for a task that has none."""
    return [*_of_drawing(stored), *_of_blend(task, stored), *_of_size(stored), *_of_guide(stored)]


def _of_drawing(stored: Mapping[str, Any]) -> Iterator[str]:
    if "strength" in stored:
        yield gettext("Strength %(strength)s") % {"strength": f"{stored['strength']:g}"}
    if "mode" in stored:
        yield gettext(_MODES[stored["mode"]])
    if "feather" in stored:
        yield gettext("Soft edge %(pixels)s px") % {"pixels": stored["feather"]}
    if "image_guidance_scale" in stored:
        yield gettext("Image guidance %(scale)s") % {"scale": f"{stored['image_guidance_scale']:g}"}


def _of_blend(task: str, stored: Mapping[str, Any]) -> Iterator[str]:
    if task != "blend":
        return
    weights = " : ".join(f"{weight:.0%}" for weight in stored["weights"])
    yield gettext("Weights %(weights)s") % {"weights": weights}
    # Runs from before it was written down say nothing.
    if "sees_pictures" in stored:
        yield (
            gettext("By what the pictures are of (IP-Adapter)")
            if stored["sees_pictures"]
            else gettext("By shapes and colours (latents)")
        )


def _of_size(stored: Mapping[str, Any]) -> Iterator[str]:
    for side, words in _SIDES.items():
        if stored.get(side):
            yield gettext(words) % {"pixels": stored[side]}
    if "factor" in stored:
        yield gettext("Enlarged × %(factor)s") % {"factor": stored["factor"]}


def _of_guide(stored: Mapping[str, Any]) -> Iterator[str]:
    if "control" not in stored:
        return
    guide = gettext(_GUIDES[stored["control"]])
    yield gettext("%(guide)s, as brought") % {"guide": guide} if stored["is_map"] else guide
    yield gettext("Strictness %(scale)s") % {"scale": f"{stored['conditioning_scale']:g}"}
    if stored["control"] == "canny" and not stored["is_map"]:
        yield gettext("Thresholds %(low)s and %(high)s") % {
            "low": stored["low_threshold"],
            "high": stored["high_threshold"],
        }
