"""What a run's own settings say on its pictures' pages: those that belong to its task, beside what all runs have."""

from collections.abc import Iterator, Mapping
from typing import Any

_SIDES = ("left", "top", "right", "bottom")
_GUIDES = {"canny": "edges", "scribble": "a scribble", "depth": "depths", "pose": "a pose"}


def own_settings(task: str, stored: Mapping[str, Any]) -> list[str]:
    """Return a few words for each; `stored` are a run's params. Empty for a task that has none."""
    return [*_of_drawing(stored), *_of_blend(task, stored), *_of_size(stored), *_of_guide(stored)]


def _of_drawing(stored: Mapping[str, Any]) -> Iterator[str]:
    if "strength" in stored:
        yield f"Strength {stored['strength']:g}"
    if "mode" in stored:
        yield str(stored["mode"]).capitalize()
    if "feather" in stored:
        yield f"Soft edge {stored['feather']} px"
    if "image_guidance_scale" in stored:
        yield f"Image guidance {stored['image_guidance_scale']:g}"


def _of_blend(task: str, stored: Mapping[str, Any]) -> Iterator[str]:
    if task != "blend":
        return
    yield "Weights " + " : ".join(f"{weight:.0%}" for weight in stored["weights"])
    # Runs from before it was written down say nothing.
    if "sees_pictures" in stored:
        yield (
            "By what the pictures are of (IP-Adapter)" if stored["sees_pictures"] else "By shapes and colours (latents)"
        )


def _of_size(stored: Mapping[str, Any]) -> Iterator[str]:
    for side in _SIDES:
        if stored.get(side):
            yield f"{side.capitalize()} + {stored[side]} px"
    if "factor" in stored:
        yield f"Enlarged × {stored['factor']}"


def _of_guide(stored: Mapping[str, Any]) -> Iterator[str]:
    if "control" not in stored:
        return
    yield f"Guided by {_GUIDES[stored['control']]}" + (", as brought" if stored["is_map"] else "")
    yield f"Strictness {stored['conditioning_scale']:g}"
    if stored["control"] == "canny" and not stored["is_map"]:
        yield f"Thresholds {stored['low_threshold']} and {stored['high_threshold']}"
