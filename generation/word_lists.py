"""The lists that prompts may name: those for everybody (`wildcards.toml`) and a person's own.

What belongs here: reading, making, changing and their limits. What does not: how a prompt uses them (`wildcards.py`).
"""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

from django.db import IntegrityError, transaction
from django.utils.translation import gettext

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
        errors.append(
            FieldError(
                "name",
                gettext("You have %(most)s lists, which is the most. Delete one first.") % {"most": LISTS_MAX},
            )
        )
    if errors:
        raise InvalidParams(errors)
    try:
        with transaction.atomic():
            found.save()
    except IntegrityError:
        raise InvalidParams(
            [FieldError("name", gettext("You have a list __%(name)s__ already.") % {"name": found.name})]
        ) from None
    return found


def _entries(text: str) -> list[str]:
    lines = (line.strip() for line in text.splitlines())
    return list(dict.fromkeys(line for line in lines if line))


def _wrong_name(name: str) -> list[FieldError]:
    if not re.fullmatch(wildcards.NAME, name):
        words = gettext(
            "“%(name_40)s” is not a valid name for a list: use letters, digits and hyphens, a letter first, 40 at most."
        ) % {"name_40": name[:40]}
        return [FieldError("name", words)]
    if name in BUILT_IN or name in _ALSO:
        return [
            FieldError(
                "name", gettext("__%(name)s__ is one of the lists for everybody. Choose another name.") % {"name": name}
            )
        ]
    return []


def _wrong_entries(entries: list[str]) -> list[FieldError]:
    if not entries:
        return [FieldError("entries", gettext("Write at least one entry, each on a line of its own."))]
    if len(entries) > ENTRIES_MAX:
        return [
            FieldError(
                "entries",
                gettext("These are %(count)s entries; %(most)s is the most.")
                % {"count": f"{len(entries):,}", "most": ENTRIES_MAX},
            )
        ]
    for number, entry in enumerate(entries, start=1):
        if len(entry) > ENTRY_MAX_LENGTH:
            words = gettext("Entry %(number)s has %(length)s characters; %(most)s is the most.") % {
                "number": number,
                "length": f"{len(entry):,}",
                "most": ENTRY_MAX_LENGTH,
            }
            return [FieldError("entries", words)]
        if "\x00" in entry:
            return [
                FieldError(
                    "entries",
                    gettext("Entry %(number)s holds a null character, which can't be stored.") % {"number": number},
                )
            ]
        try:
            wildcards.parse(entry)
        except TemplateError as error:
            return [FieldError("entries", gettext("Entry %(number)s: %(error)s") % {"number": number, "error": error})]
    return []
