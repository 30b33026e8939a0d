"""Things that pages count, one and many: what the filter `counted` puts behind a number."""

from collections.abc import Callable

from django.utils.formats import number_format
from django.utils.translation import ngettext

# By the singular, as templates write it.
NOUNS: dict[str, Callable[[int], str]] = {
    "credit": lambda number: ngettext("%(count)s credit", "%(count)s credits", number),
    "day": lambda number: ngettext("%(count)s day", "%(count)s days", number),
    "friend": lambda number: ngettext("%(count)s friend", "%(count)s friends", number),
    "key": lambda number: ngettext("%(count)s key", "%(count)s keys", number),
    "like": lambda number: ngettext("%(count)s like", "%(count)s likes", number),
    "model": lambda number: ngettext("%(count)s model", "%(count)s models", number),
    "month": lambda number: ngettext("%(count)s month", "%(count)s months", number),
    "network": lambda number: ngettext("%(count)s network", "%(count)s networks", number),
    "other picture": lambda number: ngettext("%(count)s other picture", "%(count)s other pictures", number),
    "own model": lambda number: ngettext("%(count)s own model", "%(count)s own models", number),
    "picture": lambda number: ngettext("%(count)s picture", "%(count)s pictures", number),
    "run": lambda number: ngettext("%(count)s run", "%(count)s runs", number),
    "upload": lambda number: ngettext("%(count)s upload", "%(count)s uploads", number),
    "vote": lambda number: ngettext("%(count)s vote", "%(count)s votes", number),
}


def counted(number: int, noun: str) -> str:
    """Return "1 credit", "4 credits" in the reader's language. Raises: KeyError for a noun that is not in NOUNS."""
    return NOUNS[noun](number) % {"count": number_format(number, force_grouping=True)}
