"""The lists that prompts may name: those for everybody (`wildcards.toml`) and a person's own.

What belongs here: reading, making, changing and their limits. What does not: how a prompt uses them (`wildcards.py`).
"""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

from django.db import IntegrityError, transaction

from accounts.models import User
from generation import wildcards
from generation.errors import FieldError, InvalidParams
from generation.models import WordList
from generation.wildcards import Lists, TemplateError

LISTS_MAX = 50
ENTRIES_MAX = 500
ENTRY_MAX_LENGTH = 200

BUILT_IN: Mapping[str, list[str]] = tomllib.loads(Path(__file__).with_name("wildcards.toml").read_text())
# How people elsewhere write it.
_ALSO = {"color": "colour", "soft-color": "soft-colour"}


def lists_for(user: User) -> Lists:
    """Return every list that this person's prompts may name."""
    own = dict(WordList.objects.visible_to(user).values_list("name", "entries"))
    return {**{name: BUILT_IN[of] for name, of in _ALSO.items()}, **BUILT_IN, **own}


def save(user: User, name: str, text: str, *, changed: WordList | None = None) -> WordList:
    """Make a list of the lines of `text`, or change one. Raises: InvalidParams."""
    found = changed or WordList(user=user)
    found.name, found.entries = name.strip().strip("_").lower(), _entries(text)
    errors = [*_wrong_name(found.name), *_wrong_entries(found.entries)]
    if changed is None and WordList.objects.visible_to(user).count() >= LISTS_MAX:
        errors.append(FieldError("name", f"You have {LISTS_MAX} lists, which is the most. Delete one first."))
    if errors:
        raise InvalidParams(errors)
    try:
        with transaction.atomic():
            found.save()
    except IntegrityError:
        raise InvalidParams([FieldError("name", f"You have a list __{found.name}__ already.")]) from None
    return found


def _entries(text: str) -> list[str]:
    lines = (line.strip() for line in text.splitlines())
    return list(dict.fromkeys(line for line in lines if line))


def _wrong_name(name: str) -> list[FieldError]:
    if not re.fullmatch(wildcards.NAME, name):
        words = f"“{name[:40]}” is no name for a list: letters, digits and hyphens, a letter first, 40 at most."
        return [FieldError("name", words)]
    if name in BUILT_IN or name in _ALSO:
        return [FieldError("name", f"__{name}__ is one of the lists for everybody. Choose another name.")]
    return []


def _wrong_entries(entries: list[str]) -> list[FieldError]:
    if not entries:
        return [FieldError("entries", "Write at least one entry, each on a line of its own.")]
    if len(entries) > ENTRIES_MAX:
        return [FieldError("entries", f"These are {len(entries):,} entries; {ENTRIES_MAX} is the most.")]
    for number, entry in enumerate(entries, start=1):
        if len(entry) > ENTRY_MAX_LENGTH:
            words = f"Entry {number} has {len(entry):,} characters; {ENTRY_MAX_LENGTH} is the most."
            return [FieldError("entries", words)]
        if "\x00" in entry:
            return [FieldError("entries", f"Entry {number} holds a null character, which can't be stored.")]
        try:
            wildcards.parse(entry)
        except TemplateError as error:
            return [FieldError("entries", f"Entry {number}: {error}")]
    return []
