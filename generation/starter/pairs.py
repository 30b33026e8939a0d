"""Read a prompt that names two things: "a fox and an apple" is two foxes' left one and two apples' right one.

What belongs here: which prompts are pairs, and the captions of their halves. What does not: how two halves become one
picture (``composing``). Knows no torch.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from dataclasses import dataclass

from generation.starter.thesaurus import load_thesaurus
from generation.starter.vocabulary import COLOURS, common_names, to_plural

_JOINTS = (" and ", ", and ", ", ", " & ", " + ", " next to ", " beside ", " to the left of ")
_JOINT_OTHER_WAY_ROUND = " to the right of "
# Before a noun these are no look of its own: they make it several things, or a part of another phrase.
_NO_LOOK = "a an the and or of in on at to by for from as with without no not some many few two three four five six"


@dataclass(frozen=True)
class Pair:
    """The captions of the halves of a picture of two things, as training's captions spoke of two of a kind."""

    left: str
    right: str


def read_pair(prompt: str) -> Pair | None:
    """Return the halves of a prompt that names two of the taught things side by side and says nothing else, or None.

    Other words for names are read as these, as in the text encoder's tokenizer.
    """
    found = _pattern().fullmatch(" ".join(load_thesaurus().read(prompt).lower().split()))
    if found is None:
        return None
    first, second, background = found["first"], found["second"], found["background"] or ""
    if first == "orange" and second.split()[0] in COLOURS:
        return None  # "an orange and black cat" is one thing
    left, right = (second, first) if found["joint"] == _JOINT_OTHER_WAY_ROUND else (first, second)
    return Pair(f"two {to_plural(left)}{background}", f"two {to_plural(right)}{background}")


@functools.cache
def _pattern() -> re.Pattern[str]:
    """Return what a pair looks like."""
    look = rf"(?:(?!(?:{_any_of(_NO_LOOK.split())}) )[a-z-]+ ){{0,3}}"
    thing = rf"(?:an? |the |one )?(?P<%s>{look}{_any_of(common_names())})"
    joint = _any_of([*_JOINTS, _JOINT_OTHER_WAY_ROUND])
    colour = _any_of(COLOURS)
    background = (
        rf",? on an? {colour} background|, (?:an? )?{colour} background|,? on {colour}"
        rf"|,? on an? {colour} to {colour} gradient|,? on (?:grass|sand|water)|,? in the (?:snow|night sky)|,? at night"
    )
    return re.compile(
        r"(?:(?:an? )?(?:picture|photo|emoji|drawing|image) of )?"
        rf"{thing % 'first'}(?P<joint>{joint}){thing % 'second'}(?P<background>{background})?[.!]?"
    )


def _any_of(words: Iterable[str]) -> str:
    """Return a pattern of one of these words, the longest first."""
    return f"(?:{'|'.join(sorted(map(re.escape, words), key=len, reverse=True))})"
