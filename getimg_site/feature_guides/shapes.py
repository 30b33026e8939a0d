"""What a guide to a feature is made of, as it is written; `pages` has it as it is read."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.urls import reverse
from django.utils.http import urlencode


@dataclass(frozen=True)
class Picture:
    """A picture that a guide shows: a static file, what is on it, and what stands below."""

    file: str
    alt: str
    caption: str
    width: int = 128
    height: int = 128


@dataclass(frozen=True)
class Trouble:
    """What goes wrong, and what to do."""

    what: str
    remedy: str


@dataclass(frozen=True)
class Feature:
    """What one feature is for and how it is used; texts may name the numbers of `pages.numbers`.

    What stands in “quotation marks” and begins with a capital is what a button or a field of the studio says.
    `tasks`: whose prices are listed. `tries`: what to try on the example that the editor has under the guide's name.
    """

    slug: str
    title: str
    about: str
    opens: str
    place: str
    steps: tuple[str, ...]
    good: tuple[str, ...]
    troubles: tuple[Trouble, ...]
    cost: str
    pictures: tuple[Picture, ...]
    tool: str = ""
    tasks: tuple[str, ...] = ()
    tries: Mapping[str, str] = field(default_factory=dict)

    @property
    def card(self) -> str:
        """The picture that links to it are previewed with."""
        return "img/share/guides.jpg"

    @property
    def cover(self) -> Picture:
        """The picture that it is listed with: what came of it."""
        return self.pictures[-1]

    @property
    def address(self) -> str:
        """Where the feature is."""
        return reverse(self.place) + (f"?{urlencode({'tool': self.tool})}" if self.tool else "")

    @property
    def trial(self) -> str:
        """The editor with the guide's own picture; empty where there is none."""
        if not self.tries:
            return ""
        return f"{reverse(self.place)}?{urlencode({'tool': self.tool, 'example': self.slug, **self.tries})}"
