"""Guides to the settings: sliders over pictures that the starter drew beforehand, and a way to try each.

The pictures are made by `python -m generation.starter.site_pictures`; it writes what it drew, with every setting, into
static/img/guides/guides.json. Their words stand in guides.toml.
"""

import json
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.utils.http import urlencode


@dataclass(frozen=True)
class Guide:
    """What one setting does. `lessons` are short paragraphs."""

    slug: str
    title: str
    about: str
    label: str
    lessons: tuple[str, ...]


@dataclass(frozen=True)
class Stop:
    """One place of a slider: what is chosen, the picture, and the form's settings that draw it."""

    label: str
    file: str
    settings: dict[str, str]

    @property
    def query(self) -> str:
        """The settings as they go to the form."""
        return urlencode(self.settings)


GUIDES = tuple(
    Guide(**{**words, "lessons": tuple(words["lessons"])})
    for words in tomllib.loads((Path(__file__).parent / "guides.toml").read_text(encoding="utf-8"))["guides"]
)
BY_SLUG = {guide.slug: guide for guide in GUIDES}


def stops(guide: Guide) -> list[Stop]:
    """Return the places of a guide's slider, in order; none where its pictures were not made."""
    return [Stop(stop["label"], stop["file"], stop["settings"]) for stop in _drawn().get(guide.slug, [])]


@dataclass(frozen=True)
class Chapter:
    """Prompts of one kind, each with its picture: one part of the prompt book."""

    title: str
    stops: list[Stop]


def chapters() -> list[Chapter]:
    """Return the prompt book: what to write, by example."""
    found: dict[str, list[Stop]] = {}
    for one in _drawn().get("book", []):
        found.setdefault(one["chapter"], []).append(Stop(one["label"], one["file"], one["settings"]))
    return [Chapter(title, stops) for title, stops in found.items()]


@cache
def _drawn() -> dict[str, list[dict[str, Any]]]:
    listed = finders.find("img/guides/guides.json")
    if not listed:
        return {}
    found: dict[str, list[dict[str, Any]]] = json.loads(Path(str(listed)).read_text(encoding="utf-8"))
    return found
