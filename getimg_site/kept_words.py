"""Sentences that are kept in English, where they were written, and read in the language of whoever looks.

Such are the ledger's lines, why a run failed or top-ups stopped, and what a licence says: they stand in the database
and on documents, which are the same for everybody. Each is named where it is written; what is not named here, such as
what an operator typed, is read as it stands.
"""

import re
from collections.abc import Callable

from django.utils.translation import get_language, gettext, ngettext

from billing import (
    clawback,
    closing,
    grants,
    ledger_batch,
    paid_months,
    payments,
    referral_rewards,
    top_ups,
)
from generation import exports, licences, orders, settling, storing, troubles
from generation.task_names import TASK_NAMES

_LANGUAGE = "en"
# Whole sentences, and such with places, which are read in turn.
_KNOWN: tuple[str, ...] = (
    *(grants.REASON, grants.FOR_DAYS, grants.UP_TO, paid_months.REASON, payments.BOUGHT, top_ups.REASON),
    *top_ups.PROBLEMS,
    *(ledger_batch.EXPIRED, closing.FORFEITED),
    *(clawback.DISPUTED, clawback.REFUNDED, clawback.GOOD_AFTER_ALL),
    *referral_rewards.REASONS.values(),
    *(referral_rewards.GOOD_AFTER_ALL, referral_rewards.WENT_BACK, referral_rewards.ONE_CARD),
    *(referral_rewards.REFUSED, referral_rewards.REFUSED_WITH_NOTE, referral_rewards.TAKEN_BACK),
    *(settling.TRAINED, settling.GIVEN_BACK, orders.VIDEO, orders.TRAINING_OF_A_MODEL),
    *(settling.CANCELED, settling.NOT_ARRIVED, settling.DRAWER_LOST, settling.TRAINER_LOST, storing.NOT_STORED),
    *(exports.DISK_FULL, exports.GIVEN_UP),
    *troubles.OF_PICTURES.values(),
    *troubles.OF_TRAININGS.values(),
    *(licences.COMMERCIAL, licences.PERSONAL, licences.BROUGHT, licences.FROM_PERSONAL, licences.BY_TEST_KEY),
    *(licences.ON_PLAN, licences.MODEL_FORBIDS, licences.TAKE_ANOTHER_MODEL, licences.BEGIN_AGAIN),
    *(licences.MODEL_FORBIDS_API, licences.TAKE_ANOTHER_MODEL_API, licences.BEGIN_AGAIN_API),
    *(licences.TAKE_A_LIVE_KEY, licences.TAKE_A_PLAN, licences.COMMERCIAL_API, licences.BY_LIVE_KEY),
)
# For one and for several; written out once more, for that is how translators get both forms.
COUNTED: dict[tuple[str, str], Callable[[int], str]] = {
    settling.PICTURES: lambda count: ngettext("%(count)s picture", "%(count)s pictures", count),
    settling.VIDEO: lambda count: ngettext("%(count)s video", "%(count)s videos", count),
    orders.FROM_TEXT: lambda count: ngettext("%(count)s picture from text", "%(count)s pictures from text", count),
    orders.BY_TASK: lambda count: ngettext("%(count)s picture: %(task)s", "%(count)s pictures: %(task)s", count),
    storing.HELD_BACK: lambda count: ngettext(
        "%(count)s picture was held back by the content policy (%(seen)s) and not charged. "
        "You can appeal under Settings, Refusals.",
        "%(count)s pictures were held back by the content policy (%(seen)s) and not charged. "
        "You can appeal under Settings, Refusals.",
        count,
    ),
}
_PLACE = re.compile(r"%\\\((\w+)\\\)s")


def read(text: str) -> str:
    """Return a kept sentence in the language of this moment; what is none comes back as it is."""
    if get_language() in (None, _LANGUAGE):
        return text
    if text in _SENTENCES:
        return gettext(text)
    for pattern, words_of in _PATTERNS:
        if found := pattern.fullmatch(text):
            values = found.groupdict()
            return words_of(int(values.get("count", 0))) % {name: _value(name, value) for name, value in values.items()}
    return text


def _value(name: str, text: str) -> str:
    """Return what stands in a place: a task by its name in small letters, another kept sentence, or what it is."""
    if name == "task":
        return next((gettext(task).lower() for task in TASK_NAMES.values() if task.lower() == text), text)
    return read(text)


def _pattern(words: str) -> re.Pattern[str]:
    """Return what a sentence with places looks like when they are filled."""
    places = _PLACE.sub(lambda place: rf"(?P<{place[1]}>{_shape(place[1])})", re.escape(words))
    return re.compile(places, re.DOTALL)


def _shape(name: str) -> str:
    return r"\d+" if name == "count" else ".+"


_SENTENCES = frozenset(words for words in _KNOWN if "%(" not in words)
_PATTERNS: list[tuple[re.Pattern[str], Callable[[int], str]]] = [
    *((_pattern(words), words_of) for forms, words_of in COUNTED.items() for words in forms),
    # What says more goes first: "Given back: …" is nearly anything.
    *(
        (_pattern(words), lambda _, words=words: gettext(words))
        for words in sorted(_KNOWN, key=len, reverse=True)
        if "%(" in words
    ),
]
