"""What of a library is shown: a search over its words, and filters; read from an address and written back to one.

What belongs here: the fields of the library's form, their bounds, and the condition that each makes. What does not:
pages of pictures (`gallery`), folders themselves (`folders`).
"""

import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode

from django.db.models import BooleanField, Exists, F, OuterRef, Q, Subquery, Value
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop, ngettext

from accounts.models import User
from generation import folders, search_words, used_models
from generation.models import Job, JobInput, JobLora, SearchText
from generation.models.image import RATING_MAX, ImageQuerySet, OldestOf
from generation.models.tag import TAG_MAX_LENGTH, tag_name
from generation.search_words import SearchError
from generation.task_names import REPRODUCTION, TASK_NAMES, TRAINING, name_of

UNFILED = "none"
SHAPES = {
    "square": gettext_noop("Square"),
    "wide": gettext_noop("Wider than high"),
    "tall": gettext_noop("Higher than wide"),
}
TASKS = {task: name for task, name in TASK_NAMES.items() if task not in (TRAINING, REPRODUCTION)}
_SIZE = re.compile(r"(\d{1,5})\s*[x×]\s*(\d{1,5})", re.IGNORECASE)
_SEED = re.compile(r"\d{1,19}")
_SLUG_MAX_LENGTH = 64
_DAY_MIN, _DAY_MAX = date(1970, 1, 1), date(2999, 12, 31)


class FilterError(ValueError):
    """A filter's value that means nothing; the message says what, and what would be allowed."""


@dataclass(frozen=True)
class LibraryFilter:
    """What is asked for: `values` as typed, by field; `errors` of those that mean nothing."""

    user: User
    values: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    condition: Q = field(default_factory=Q)
    # The same as asked of one picture after the other; None where the library's own index answers that anyway.
    one_by_one: Q | None = None
    # What that index answers of it.
    indexed: Q = field(default_factory=Q)
    # What the model is called that is asked for, where that is known.
    model_name: str = ""

    @property
    def query(self) -> str:
        """Return it as an address carries it; empty: everything."""
        return urlencode(self.values)

    @property
    def folder(self) -> str:
        """The folder that is open: its id, `none` for what lies in none, empty for all."""
        return self.values.get("folder", "")

    @property
    def parts(self) -> list[tuple[str, str]]:
        """Each thing that is asked for beside words and folder: in words, and the address's query without it."""
        others = [name for name in self.values if name not in {"q", "folder"}]
        return [(_WORDS[name](self._shown(name)), self.without(name)) for name in others]

    def _shown(self, name: str) -> str:
        return self.model_name if name == "model" and self.model_name else self.values[name]

    def without(self, name: str) -> str:
        """Return the address's query without one field."""
        return urlencode({other: value for other, value in self.values.items() if other != name})

    def apply(self, images: ImageQuerySet) -> ImageQuerySet:
        """Return those of the pictures that are asked for; none where a value means nothing."""
        return images.none() if self.errors else images.filter(self.condition)

    def apply_in_two(self, images: ImageQuerySet, count: int) -> tuple[ImageQuerySet, ImageQuerySet]:
        """Return those that are asked for among the newest so many that the library's index finds, and the older ones.

        The newest are looked at one after the other, for as long as somebody wants more: of a word that is nearly
        everywhere the index of words would name every place first. The older ones are found as `apply` finds them.
        """
        assert self.one_by_one is not None
        oldest = OldestOf(images.filter(self.indexed).newest_first().values("pk")[:count])
        return images.filter(self.one_by_one, pk__gte=oldest), self.apply(images).filter(pk__lt=oldest)


def parse(data: Mapping[str, str], user: User) -> LibraryFilter:
    """Return what is asked for in a form or an address."""
    values = {name: " ".join(data.get(name, "").replace("\x00", " ").split()) for name in _CONDITIONS}
    values = {name: value for name, value in values.items() if value}
    errors: dict[str, str] = {}
    asked: dict[str, Q] = {}
    for name, value in values.items():
        try:
            asked[name] = _CONDITIONS[name](value, user)
        except (FilterError, SearchError) as error:
            errors[name] = str(error)
    alone = {name: one for name in asked if (one := _ONE_BY_ONE.get(name, _nothing)(values[name], user))}
    one_by_one = Q(*{**asked, **alone}.values()) if alone else None
    indexed = Q(*(asked[name] for name in asked if name in _INDEXED))
    return LibraryFilter(user, values, errors, Q(*asked.values()), one_by_one, indexed)


# --- one condition a field --------------------------------------------------------------------------


def _matching(value: str, user: User) -> Q:
    found = SearchText.objects.matching(user, search_words.parse(value))
    return Q(pk__in=found.values("image_id"))


def _task(value: str, user: User) -> Q:
    if value not in TASKS:
        raise FilterError(gettext("There is no task “%(value)s”. Choose one of the list.") % {"value": value[:40]})
    return Q(job__task=value, job__user=user)


def _model(value: str, user: User) -> Q:
    if len(value) > _SLUG_MAX_LENGTH:
        raise FilterError(
            gettext("A model's name has at most %(most)s characters; this has %(length)s.")
            % {"most": _SLUG_MAX_LENGTH, "length": len(value)}
        )
    if own := used_models.as_own(value):
        return Q(job__in=JobLora.objects.filter(user=user, model=own).values("job"))
    return Q(job__served_by=value, job__user=user) | Q(job__model=value, job__user=user)


def _shape(value: str, _user: User) -> Q:
    if value not in SHAPES:
        raise FilterError(gettext("There is no shape “%(value)s”: square, wide and tall are.") % {"value": value[:40]})
    shapes = {"square": Q(width=F("height")), "wide": Q(width__gt=F("height")), "tall": Q(width__lt=F("height"))}
    return shapes[value]


def _size(value: str, _user: User) -> Q:
    match = _SIZE.fullmatch(value)
    if match is None:
        raise FilterError(
            gettext("“%(value)s” is not a valid size. Write width x height in pixels, such as 1024x768.")
            % {"value": value[:40]}
        )
    return Q(width=int(match[1]), height=int(match[2]))


def _after(value: str, _user: User) -> Q:
    return Q(created_at__gte=_midnight(_date(value)))


def _until(value: str, _user: User) -> Q:
    return Q(created_at__lt=_midnight(_date(value) + timedelta(days=1)))


def _seed(value: str, _user: User) -> Q:
    if not _SEED.fullmatch(value) or int(value) >= 2**63:
        raise FilterError(
            gettext("“%(value)s” is not a valid seed. A seed is a whole number from 0.") % {"value": value[:40]}
        )
    return Q(seed=int(value))


def _folder(value: str, user: User) -> Q:
    if value == UNFILED:
        return Q(folder__isnull=True)
    try:
        pk = uuid.UUID(value)
    except ValueError:
        pk = None
    # Those that the page shows beside the pictures.
    if pk not in {folder.pk for folder in folders.of(user)}:
        raise FilterError(gettext("There is no such folder. It may have been deleted."))
    return Q(folder=pk)


def _rating(value: str, _user: User) -> Q:
    if value not in {str(stars) for stars in range(1, RATING_MAX + 1)}:
        raise FilterError(
            gettext("“%(value)s” is not a valid rating. Choose 1 to %(most)s stars.")
            % {"value": value[:40], "most": RATING_MAX}
        )
    return Q(rating__gte=int(value))


def _favourite(_value: str, _user: User) -> Q:
    return Q(is_favourite=True)


def _parent(value: str, _user: User) -> Q:
    if value not in _PARENTS:
        raise FilterError(
            gettext("“%(value)s” is not a valid choice: yes is for what began from a picture, no for words alone.")
            % {"value": value[:40]}
        )
    has_parent = Exists(JobInput.objects.filter(job=OuterRef("job_id")))
    return Q(has_parent) if value == "yes" else ~Q(has_parent)


def _tag(value: str, user: User) -> Q:
    name = tag_name(value)
    if len(name) > TAG_MAX_LENGTH:
        raise FilterError(
            gettext("A tag has at most %(most)s characters; this has %(length)s.")
            % {"most": TAG_MAX_LENGTH, "length": len(name)}
        )
    return Q(tags__user=user, tags__name=name)


def _date(value: str) -> date:
    try:
        day = date.fromisoformat(value)
    except ValueError:
        raise FilterError(
            gettext("“%(value)s” is not a valid date. Write year-month-day, such as 2026-03-15.")
            % {"value": value[:40]}
        ) from None
    if not _DAY_MIN <= day <= _DAY_MAX:
        raise FilterError(
            gettext("“%(day)s” is out of bounds: %(day_min)s to %(day_max)s.")
            % {"day": day, "day_min": _DAY_MIN, "day_max": _DAY_MAX}
        )
    return day


def _midnight(day: date) -> datetime:
    """Return when a day begins where the reader is."""
    return timezone.make_aware(datetime.combine(day, time.min))


# --- the same of one picture after the other --------------------------------------------------------
# Each an expression of its own: of a join the planner would begin with the other table.


def _fits(value: str, user: User) -> Q:
    return Q(SearchText.objects.fits(user, search_words.parse(value)))


def _task_of_run(value: str, user: User) -> Q:
    return _of_run(Q(task=value), user)


def _model_of_run(value: str, user: User) -> Q | None:
    return None if used_models.as_own(value) else _of_run(Q(served_by=value) | Q(model=value), user)


def _of_run(condition: Q, user: User) -> Q:
    fitting = Job.objects.filter(condition, pk=OuterRef("job_id"), user=user).annotate(fits=Value(value=True))
    return Q(Subquery(fitting.values("fits"), output_field=BooleanField()))


def _nothing(_value: str, _user: User) -> None:
    return None


_PARENTS = {"yes": gettext_noop("Made from a picture"), "no": gettext_noop("Made from words alone")}
_CONDITIONS: dict[str, Callable[[str, User], Q]] = {
    "q": _matching,
    "folder": _folder,
    "task": _task,
    "model": _model,
    "shape": _shape,
    "size": _size,
    "after": _after,
    "until": _until,
    "seed": _seed,
    "rating": _rating,
    "favourite": _favourite,
    "parent": _parent,
    "tag": _tag,
}
_ONE_BY_ONE: dict[str, Callable[[str, User], Q | None]] = {
    "q": _fits,
    "task": _task_of_run,
    "model": _model_of_run,
}
# What `image_library` has columns for.
_INDEXED = frozenset({"folder", "shape", "size", "after", "until", "seed", "rating", "favourite"})
FIELDS = tuple(_CONDITIONS)
_WORDS: dict[str, Callable[[str], str]] = {
    "task": lambda value: name_of(value) if value in TASKS else value,
    "model": lambda value: gettext("Model %(value)s") % {"value": value},
    "shape": lambda value: gettext(SHAPES[value]) if value in SHAPES else value,
    "size": lambda value: value,
    "after": lambda value: gettext("From %(value)s") % {"value": value},
    "until": lambda value: gettext("Until %(value)s") % {"value": value},
    "seed": lambda value: gettext("Seed %(seed)s") % {"seed": value},
    "rating": lambda value: _stars(value),
    "favourite": lambda _value: gettext("Favourites"),
    "parent": lambda value: gettext(_PARENTS[value]) if value in _PARENTS else value,
    "tag": lambda value: gettext("Tag %(value)s") % {"value": value},
}


def _stars(value: str) -> str:
    more = ngettext("%(stars)s star or more", "%(stars)s stars or more", int(value))
    words = gettext("%(stars)s stars") if value == str(RATING_MAX) else more
    return words % {"stars": value}
