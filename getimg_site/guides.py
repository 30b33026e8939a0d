"""Guides to the settings: sliders over pictures that the starter drew beforehand, and a way to try each.

The pictures are made by `python -m generation.starter.site_pictures`; it writes what it drew, with every setting, into
static/img/guides/guides.json. Guides to the features: `feature_guides`.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _


@dataclass(frozen=True)
class Guide:
    """What one setting does. `lessons` are short paragraphs."""

    slug: str
    title: str
    about: str
    label: str
    lessons: tuple[str, ...]

    @property
    def card(self) -> str:
        """The picture that links to it are previewed with."""
        return f"img/share/guide-{self.slug}.jpg"

    @property
    def text(self) -> str:
        """All that it says, a line each, as search engines are told."""
        return "\n".join(gettext(lesson) for lesson in self.lessons)


@dataclass(frozen=True)
class Stop:
    """One place of a slider: what is chosen, the picture, and the form's settings that draw it."""

    label: str
    file: str
    settings: dict[str, str]

    @property
    def address(self) -> str:
        """The form with these settings; what begins from a picture opens the editor with that picture."""
        if "strength" not in self.settings:
            return f"{reverse('generation:create')}?{urlencode(self.settings)}"
        start = {"tool": "image-to-image", "example": "strength"}
        return f"{reverse('generation:editor')}?{urlencode(start | self.settings)}"


GUIDES = (
    Guide(
        "steps",
        _("Steps"),
        _("How often the model goes over the picture."),
        _("Steps"),
        (
            _(
                "A picture begins as noise. Each step takes some of it away; the first ones decide what stands "
                "where, the last ones edges and shine."
            ),
            _(
                "Beyond a point more steps change little and cost more. Try half of the default before you try "
                "twice as many."
            ),
        ),
    ),
    Guide(
        "guidance",
        _("Guidance"),
        _("How strictly the words are followed."),
        _("Guidance"),
        (
            _(
                "At each step the model draws twice, with your words and without them, and moves away from the "
                "picture without. Guidance says how far."
            ),
            _(
                "Low, the picture is soft and free; high, it is stark, with hard colours. The default of each "
                "model is a good place to begin."
            ),
        ),
    ),
    Guide(
        "seed",
        _("Seed"),
        _("The noise that a picture begins from."),
        _("Seed"),
        (
            _(
                "The same seed with the same settings draws the same picture. Another seed draws another one of "
                "the same words."
            ),
            _("Found a picture that is nearly right? Keep its seed and change one word at a time."),
        ),
    ),
    Guide(
        "negative-prompt",
        _("Negative prompt"),
        _("What the picture should move away from."),
        _("Negative prompt"),
        (
            _(
                "The picture without your words is replaced by one of what you do not want; guidance then leads "
                "away from that."
            ),
            _("It works on things and colours that the model knows, one or two at a time. It needs guidance above 1."),
        ),
    ),
    Guide(
        "strength",
        _("Strength"),
        _("How much of a picture is drawn anew, when you begin from one."),
        _("Strength"),
        (
            _(
                "Your picture is covered with noise and drawn to its end again. Strength is how much noise: at "
                "0.2 hardly anything changes, at 1 nothing of it is left."
            ),
            _("Between 0.5 and 0.75 the composition stays and the thing can change."),
        ),
    ),
)
BY_SLUG = {guide.slug: guide for guide in GUIDES}


def stops(guide: Guide) -> list[Stop]:
    """Return the places of a guide's slider, in order; none where its pictures were not made."""
    return [Stop(_label(stop["label"]), stop["file"], stop["settings"]) for stop in _drawn().get(guide.slug, [])]


def _label(drawn: str) -> str:
    return gettext(drawn) if drawn in _LABELS else drawn


# What stands at a slider in words of ours; numbers and prompts stay as they were drawn.
_LABELS = (_("nothing"),)
# What the prompt book calls its chapters, as the drawn pictures name them.
_CHAPTERS = (_("Animals"), _("Colours and places"), _("Food"), _("Things"), _("Two and three"))


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
