"""Styles: words that go around a prompt, and words to leave out. They are written into the form, never behind it.

What belongs here: putting a style on a text and taking it off again. What does not: people's own (`presets.py`).
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.utils.translation import gettext, gettext_noop

PLACE = "{prompt}"
# What a preset keeps of Create's form.
FORM_SETTINGS = ("model", "size", "num_images", "steps", "guidance_scale", "scheduler")


@dataclass(frozen=True)
class Style:
    """What a prompt becomes. `settings` are values of the form that come with it, by the form's names."""

    key: str
    name: str
    prompt: str = ""
    negative_prompt: str = ""
    settings: dict[str, str] = field(default_factory=dict)
    for_starter: bool = False
    is_own: bool = False

    @property
    def ends(self) -> tuple[str, str] | None:
        """What stands before and after the prompt; None where it is replaced, or left as it is."""
        if PLACE not in self.prompt:
            return None
        before, _, after = self.prompt.partition(PLACE)
        return before, after

    @property
    def shown_name(self) -> str:
        """Its name in the reader's language; a person's own as they wrote it."""
        return self.name if self.is_own else gettext(self.name)

    @property
    def words(self) -> str:
        """What it does, in a line of a menu."""
        return self.prompt.replace(PLACE, "…") or gettext("Settings only")


@dataclass(frozen=True)
class Text:
    """A prompt and what is left out of the picture."""

    prompt: str
    negative_prompt: str


# What styles.toml calls them: to be translated where they are shown.
_NAMES = (
    gettext_noop("On white"),
    gettext_noop("On dark blue"),
    gettext_noop("On any colour"),
    gettext_noop("Photograph"),
    gettext_noop("Cinematic"),
    gettext_noop("Studio portrait"),
    gettext_noop("Product shot"),
    gettext_noop("Oil painting"),
    gettext_noop("Watercolour"),
    gettext_noop("Ink drawing"),
    gettext_noop("Pencil sketch"),
    gettext_noop("Comic"),
    gettext_noop("Anime"),
    gettext_noop("Picture book"),
    gettext_noop("3D render"),
    gettext_noop("Low poly"),
    gettext_noop("Pixel art"),
    gettext_noop("Cut paper"),
)
BUILT_IN = tuple(
    Style(facts.pop("slug"), **facts)
    for facts in tomllib.loads(Path(__file__).with_name("styles.toml").read_text())["style"]
)


def current(text: Text, styles: Iterable[Style]) -> Style | None:
    """Return the style that a text has on; of several that fit, the one with most words."""
    fitting = [style for style in styles if _inside(text.prompt, style) is not None]
    return max(fitting, key=lambda style: len(style.prompt), default=None)


def put_on(style: Style, text: Text, styles: Iterable[Style]) -> Text:
    """Return the text with this style instead of the one it has on; one that goes around a prompt needs one."""
    bare = take_off(text, styles)
    if style.ends is None:
        prompt = style.prompt or bare.prompt
    else:
        before, after = style.ends
        prompt = f"{before}{bare.prompt}{after}"
    left_out = [part for part in (bare.negative_prompt, style.negative_prompt) if part]
    return Text(prompt, ", ".join(dict.fromkeys(left_out)))


def take_off(text: Text, styles: Iterable[Style]) -> Text:
    """Return the text without the style it has on; what was changed by hand since stays."""
    style = current(text, styles)
    if style is None:
        return text
    negative_prompt = text.negative_prompt
    if style.negative_prompt and negative_prompt.endswith(style.negative_prompt):
        negative_prompt = negative_prompt.removesuffix(style.negative_prompt).rstrip(" ,")
    return Text(_inside(text.prompt, style) or "", negative_prompt)


def read_settings(values: Mapping[str, Any], names: Iterable[str] = FORM_SETTINGS) -> dict[str, str]:
    """Return those settings of a form that a preset keeps."""
    return {name: str(values[name]) for name in names if values.get(name) not in (None, "")}


def describe_settings(settings: Mapping[str, str]) -> str:
    """Return settings in a line: what they are called where the value alone would say nothing."""
    words = {
        "steps": "{} steps",
        "size": "{}",
        "model": "{}",
        "task": "{}",
        "mode": "{}",
        "control": "{}",
        "factor": "× {}",
    }
    return ", ".join(words.get(name, name.replace("_", " ") + " {}").format(value) for name, value in settings.items())


def _inside(prompt: str, style: Style) -> str | None:
    """Return what a style stands around; None where it does not."""
    if style.ends is None:
        return None
    before, after = style.ends
    if not (before or after) or len(prompt) <= len(before) + len(after):
        return None
    if not (prompt.startswith(before) and prompt.endswith(after)):
        return None
    return prompt[len(before) : len(prompt) - len(after)]
