"""What looks at pictures before anybody sees them: a classifier, chosen by the operator, and the bounds it is held to.

A classifier gives each category of the policy a score from 0 to 1. `nudenet` runs in the process that asks, on the CPU;
the Stable Diffusion safety checker runs in the engine, which sends its scores with each picture. Without either nothing
is looked at. What follows from a finding is not this file's business.
"""

import importlib.util
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from generation import catalog, policy_rules
from generation.catalog import CatalogModel
from generation.engine import looks
from generation.moderation_rules import MINORS

NUDENET, SAFETY_CHECKER = "nudenet", "safety-checker"
CHOICES = ("", NUDENET, SAFETY_CHECKER)
Pixels = npt.NDArray[np.uint8]
# Of the safety checker 0.5 is its authors' own bound; what may show a child is held to less.
_THRESHOLDS = {"sexual": 0.5, "minors": 0.4}
SEEN_CATEGORIES, SHIPPED_MINORS = frozenset(_THRESHOLDS), _THRESHOLDS["minors"]
# What of NudeNet's eighteen labels is explicit. Bare feet, bellies, armpits and men's chests are not.
_EXPLICIT = {
    "sexual": frozenset(
        {
            "FEMALE_GENITALIA_EXPOSED",
            "MALE_GENITALIA_EXPOSED",
            "ANUS_EXPOSED",
            "FEMALE_BREAST_EXPOSED",
            "BUTTOCKS_EXPOSED",
        }
    )
}


@dataclass(frozen=True)
class Sight:
    """What a classifier saw that is not allowed."""

    category: str
    score: float


class Classifier(Protocol):
    """Looks at one picture."""

    def scores(self, pixels: Pixels) -> dict[str, float]:
        """Return a score from 0 to 1 for each category that it knows; pixels: (height, width, 3), RGB."""


class NudeNet:
    """NudeNet's detector, as its package brings it: which parts of people are to be seen, and how bare.

    `categories` say which of its labels count for which category.
    """

    def __init__(self, categories: Mapping[str, frozenset[str]] = _EXPLICIT) -> None:
        from nudenet import NudeDetector

        self._detector, self._categories = NudeDetector(), categories

    def scores(self, pixels: Pixels) -> dict[str, float]:
        """Return the most certain of the findings of each category."""
        # It expects what OpenCV reads: blue first.
        return scores_of(self._detector.detect(np.ascontiguousarray(pixels[..., ::-1])), self._categories)


def is_on() -> bool:
    """Whether anything looks at pictures here. Raises: ImproperlyConfigured."""
    if settings.MODERATION_IMAGES not in CHOICES:
        words = f"MODERATION_IMAGES={settings.MODERATION_IMAGES} is neither {NUDENET} nor {SAFETY_CHECKER}, nor empty."
        raise ImproperlyConfigured(words)
    return bool(settings.MODERATION_IMAGES)


def engines_tool() -> CatalogModel | None:
    """Return what the engine is to look with; None where it is not the engine that looks."""
    return catalog.MODELS[SAFETY_CHECKER] if is_on() and settings.MODERATION_IMAGES == SAFETY_CHECKER else None


def scores_of(
    found: Sequence[Mapping[str, Any]], categories: Mapping[str, frozenset[str]] = _EXPLICIT
) -> dict[str, float]:
    """Return what NudeNet's findings (`class` and `score` of each) come to, by category."""
    return {
        category: max((float(one["score"]) for one in found if one["class"] in labels), default=0.0)
        for category, labels in categories.items()
    }


def look(pixels: Pixels) -> dict[str, float]:
    """Return what this process's own classifier says; nothing where there is none.

    pixels: (height, width, 3 or 4), of a video (frames, height, width, 3).
    """
    if not is_on() or settings.MODERATION_IMAGES != NUDENET:
        return {}
    worst: dict[str, float] = {}
    for picture in looks.pictures_of(pixels):
        for category, score in _nudenet().scores(picture).items():
            worst[category] = max(score, worst.get(category, 0.0))
    return worst


def look_at(raw: Path) -> dict[str, float]:
    """Return what this process's own classifier says of raw pixels in an `.npy` file; nothing where there is none."""
    return look(np.load(raw, allow_pickle=False)) if settings.MODERATION_IMAGES else {}


def verdict(scores: Mapping[str, float]) -> Sight | None:
    """Return what is not allowed; what endangers children first. None where all is well."""
    bounds = {**_thresholds(tuple(settings.MODERATION_IMAGE_THRESHOLDS)), **policy_rules.image_thresholds()}
    over = [Sight(key, round(scores[key], 3)) for key in sorted(bounds) if scores.get(key, 0.0) >= bounds[key]]
    return over[0] if over else None


def problems() -> list[str]:
    """Return what keeps the chosen classifier from working, in words; for the checks at the start."""
    try:
        tool = engines_tool()
        _thresholds(tuple(settings.MODERATION_IMAGE_THRESHOLDS))
    except ImproperlyConfigured as error:
        return [str(error)]
    if tool is not None and not tool.is_installed:
        return [f"MODERATION_IMAGES: fetch it first, manage.py download_model {tool.slug}."]
    if settings.MODERATION_IMAGES == NUDENET and importlib.util.find_spec(NUDENET) is None:
        return ["MODERATION_IMAGES: nudenet is not installed; docs/moderation.md says how it is."]
    return []


# --- private, in the order of their callers --------------------------------------------------------


@cache
def _nudenet() -> Classifier:
    return NudeNet()


@lru_cache(maxsize=8)
def _thresholds(changes: tuple[str, ...]) -> dict[str, float]:
    bounds = dict(_THRESHOLDS)
    for change in changes:
        key, _, text = change.partition(":")
        try:
            bounds[key] = float(text)
        except ValueError:
            bounds[key] = -1.0
        if key not in _THRESHOLDS or not 0 < bounds[key] <= 1:
            words = f"MODERATION_IMAGE_THRESHOLDS: “{change}” is not one of {', '.join(_THRESHOLDS)} with a number ≤ 1."
            raise ImproperlyConfigured(words)
        if bounds[MINORS] > SHIPPED_MINORS:
            words = (
                f"MODERATION_IMAGE_THRESHOLDS: “{change}”: what endangers children is held to {SHIPPED_MINORS} at most."
            )
            raise ImproperlyConfigured(words)
    return bounds
