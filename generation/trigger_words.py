"""The word that calls a person's own model: one that means nothing yet.

A word that the text encoder knows already would pull its old meaning into every picture, and other prompts with that
word would change. What it knows stands in `common_words`. Rarer nouns, which the starter would read as one of its
names, are no trigger words either.
"""

import functools
import re
from pathlib import Path

from django.utils.translation import gettext

from generation.common_words import MIN_LENGTH, common_words
from generation.models.custom_model import TRIGGER_WORD_MAX_LENGTH

_FORM = re.compile(rf"[a-z0-9]{{{MIN_LENGTH},{TRIGGER_WORD_MAX_LENGTH}}}")
_OTHER_WORDS = Path(__file__).parent / "starter" / "thesaurus.txt"


def refusal(word: str) -> str:
    """Return why a word cannot call a model, and what to do; empty where it can."""
    if not word:
        return gettext("Choose a word that calls your model in prompts, such as “zwx” or “mytoy7”.")
    if not _FORM.fullmatch(word) or word.isdecimal():
        return gettext(
            "Write it in small letters and digits, %(min_length)s to %(length)s of them, and at least one letter."
        ) % {"min_length": MIN_LENGTH, "length": TRIGGER_WORD_MAX_LENGTH}
    if word in common_words() or word in other_words():
        return gettext(
            "“%(word)s” is a common word: prompts with it would always show your model. Try “%(word)sx7”."
        ) % {"word": word}
    return ""


@functools.cache
def other_words() -> frozenset[str]:
    """Return the words that the starter reads as one of its names."""
    lines = (line for line in _OTHER_WORDS.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    return frozenset(word.strip() for line in lines for word in line.partition(":")[2].split(","))
