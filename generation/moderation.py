"""The policy: which words may be drawn, or shown to others, and why not. Writes down what it refuses.

What the words are stands in `moderation_rules`. What becomes of an appeal is `moderation_queue`'s. Texts that nobody
objects to cost no query.
"""

import hashlib
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop

from accounts.models import User
from generation import moderation_rules, policy_rules
from generation.errors import ContentRefused, FieldError, InvalidParams
from generation.models import Job, ModerationCase
from generation.moderation_rules import MINORS, Category, Finding, RuleChange, Rules

logger = logging.getLogger(__name__)

BLOCK, FLAG, ALLOW = ACTIONS = ("block", "flag", "allow")
CODE = "content_policy"
WHERE_TO_APPEAL = gettext_noop("You can appeal under Settings, Refusals.")
# Below this guidance a model draws away from the prompt, towards what was to be left out.
_GUIDANCE_NEUTRAL = 1.0
_HELP = gettext_noop("If you think of hurting yourself, please talk to somebody: findahelpline.com.")
# What the shipped rules call their categories: to be translated where they are shown.
_CATEGORY_NAMES = (
    gettext_noop("sexual content involving minors"),
    gettext_noop("explicit sexual content"),
    gettext_noop("graphic violence"),
    gettext_noop("hate against people"),
    gettext_noop("self-harm"),
    gettext_noop("deceiving about, or undressing, real people"),
    gettext_noop("help with serious crimes"),
)
Kind, Action = ModerationCase.Kind, ModerationCase.Action


@dataclass(frozen=True)
class Policy:
    """What is done about each category here: the shipped rules, as the operator's settings change them."""

    rules: Rules
    categories: dict[str, Category]

    def verdict(self, text: str) -> tuple[str, Finding | None]:
        """Return what is done about a text, and for what; the gravest first."""
        flagged = None
        for finding in self.rules.find(text):
            category = self.categories[finding.category]
            if finding.score < category.threshold or category.action == ALLOW:
                continue
            if category.action == BLOCK:
                return BLOCK, finding
            flagged = flagged or finding
        return (FLAG, flagged) if flagged else (ALLOW, None)


def policy() -> Policy:
    """Return the policy in force. Raises: ImproperlyConfigured."""
    return _policy(tuple(settings.MODERATION), settings.MODERATION_RULES, policy_rules.changes())


def check_run(user: User, job: Job) -> list[ModerationCase]:
    """Return what is to be looked at of a run's words, unsaved. Raises: ContentRefused; nothing was charged then."""
    if not job.words:
        pairs = [job.words_of(0)]
    else:
        pairs = job.words
    # What is to be left out may name anything, unless the guidance turns it into what is drawn.
    inverted = float(job.params.get("guidance_scale") or _GUIDANCE_NEUTRAL) < _GUIDANCE_NEUTRAL
    texts = dict.fromkeys([*(pair[0] for pair in pairs), *((pair[1] for pair in pairs) if inverted else ())])
    return check(user, "prompt", texts, kind=Kind.PROMPT)


def check_shown(user: User, place: str, *texts: str) -> None:
    """Refuse words that others would read. Raises: ContentRefused."""
    for case in check(user, place, texts, kind=Kind.TEXT):
        keep(case)


def check(user: User, place: str, texts: Iterable[str], *, kind: ModerationCase.Kind) -> list[ModerationCase]:
    """Return what is to be looked at of some texts, unsaved. Raises: ContentRefused, with its case written down."""
    flagged = []
    for text in texts:
        action, finding = policy().verdict(text) if text else (ALLOW, None)
        if finding is None:
            continue
        case = _case(user, kind, place, text, finding)
        decision = ModerationCase.objects.decision_on(case)
        if decision == ModerationCase.Decision.PASSED:
            continue
        if action == BLOCK or decision == ModerationCase.Decision.UPHELD:
            raise _refusal(keep(case), finding)
        case.action, case.is_waiting = Action.FLAGGED, True
        flagged.append(case)
    return flagged


def refuse_picture(user: User, sha256: str, category: str, score: float) -> str:
    """Write down that a picture was not taken in, and return why; empty where an operator has allowed this very one."""
    name = category_name(category)
    case = ModerationCase(user=user, kind=Kind.UPLOAD, action=Action.BLOCKED, category=category, digest=sha256)
    if ModerationCase.objects.decision_on(case) == ModerationCase.Decision.PASSED:
        return ""
    case.score, case.found, case.place = score, name, "picture"
    keep(case)
    return gettext(
        "A program that looks at pictures saw %(name)s in this one, which is not allowed here. %(where_to_appeal)s"
    ) % {"name": name, "where_to_appeal": gettext(WHERE_TO_APPEAL)}


def keep(case: ModerationCase) -> ModerationCase:
    """Write a case down; the same again counts up the one that is there. Returns the row."""
    facts = {"job": case.job, "action": case.action, "category": case.category, "score": case.score}
    facts |= {"found": case.found, "text": case.text, "place": case.place, "is_waiting": case.is_waiting}
    facts |= {"withheld": case.withheld}
    row, is_new = ModerationCase.objects.get_or_create(
        user=case.user, kind=case.kind, digest=case.digest, defaults=facts
    )
    if not is_new:
        # An appeal or a decision stands; what was only looked at may be refused by now.
        facts = {"action": case.action} if case.action == Action.BLOCKED else {}
        ModerationCase.objects.filter(pk=row.pk).update(times=F("times") + 1, last_at=timezone.now(), **facts)
    logger.info("content refused", extra={"case": row.pk, "category": row.category, "kind": row.kind})
    return row


def keep_all(cases: Iterable[ModerationCase], job: Job) -> None:
    """Write down what is to be looked at of a run."""
    for case in cases:
        case.job = job
        keep(case)


def said(error: InvalidParams) -> str:
    """Return what to say of a refusal where no link can be given: its words, and where to appeal."""
    message = error.errors[0].message
    return f"{message} {gettext(WHERE_TO_APPEAL)}" if isinstance(error, ContentRefused) else message


def category_name(key: str) -> str:
    """Return what a category is called; the key of one that there is no more."""
    found = policy().categories.get(key)
    return gettext(found.name) if found else key.replace("_", " ")


def digest_of(text: str) -> str:
    """Return what tells a text from others, whatever its case and blanks."""
    return hashlib.sha256(" ".join(text.casefold().split()).encode()).hexdigest()


def link_of(case: ModerationCase) -> str:
    """Return the path of the page that says why, and takes the appeal."""
    return reverse("generation:refusal", args=[case.pk])


# --- private, in the order of their callers --------------------------------------------------------


@lru_cache(maxsize=8)
def _policy(changes: tuple[str, ...], own: str, rows: tuple[RuleChange, ...]) -> Policy:
    try:
        rules = moderation_rules.read(Path(own) if own else None, rows)
    except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
        raise ImproperlyConfigured(f"MODERATION_RULES: {own} cannot be read: {error}") from error
    categories = dict(rules.categories)
    for change in changes:
        key, action, threshold = (*change.split(":"), "", "")[:3]
        if key not in categories or action not in ACTIONS:
            words = f"MODERATION: “{change}” is not one of {', '.join(categories)} with one of {', '.join(ACTIONS)}."
            raise ImproperlyConfigured(words)
        if key == MINORS and action != BLOCK:
            raise ImproperlyConfigured("MODERATION: what endangers children is always blocked.")
        was = categories[key]
        categories[key] = Category(key, was.name, action, _threshold(change, threshold, was), was.pairs)
    for row in rows:
        if row[0] in categories:
            categories[row[0]] = _changed(categories[row[0]], action=row[1], threshold=row[2])
    return Policy(rules, categories)


def _changed(was: Category, action: str, threshold: float | None) -> Category:
    """Return a category as an operator has it; what endangers children can be made stricter alone."""
    bound = was.threshold if threshold is None else threshold
    if was.key == MINORS:
        return Category(was.key, was.name, BLOCK, min(bound, was.threshold), was.pairs)
    return Category(was.key, was.name, action or was.action, bound, was.pairs)


def _threshold(change: str, text: str, was: Category) -> float:
    try:
        value = float(text) if text else was.threshold
    except ValueError:
        value = 0.0
    if not 0 < value <= (was.threshold if was.key == MINORS else 100):
        raise ImproperlyConfigured(f"MODERATION: “{change}” has no threshold above 0 that is allowed there.")
    return value


def _case(user: User, kind: ModerationCase.Kind, place: str, text: str, finding: Finding) -> ModerationCase:
    return ModerationCase(
        user=user,
        kind=kind,
        action=Action.BLOCKED,
        category=finding.category,
        score=finding.score,
        found=", ".join(finding.words)[:300],
        text=text,
        place=place,
        digest=digest_of(text),
    )


def _refusal(case: ModerationCase, finding: Finding) -> ContentRefused:
    name = category_name(finding.category)
    words = ", ".join(f"“{word}”" for word in finding.words)
    message = gettext("This reads as %(name)s, which is not allowed here. Found: %(words)s.") % {
        "name": name,
        "words": words,
    }
    if case.kind == Kind.PROMPT:
        message = gettext("%(message)s Nothing was charged.") % {"message": message}
    if finding.category == "self_harm":
        message = f"{message} {gettext(_HELP)}"
    return ContentRefused([FieldError(case.place, message, CODE, link_of(case))])
