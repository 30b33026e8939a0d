"""API keys: made, checked, rotated, revoked. A key's text leaves here once, when it is made; only its hash stays."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from accounts import key_text, networks
from accounts.compiled import Compiled
from accounts.errors import KeyEnded, KeyRefused, Refusal, TooManyKeys
from accounts.models import ApiAccount, ApiKey, User, every_scope

logger = logging.getLogger(__name__)

KEYS_MAX = 50
# How long the text before a rotation works on, unless its owner says otherwise.
OVERLAP = timedelta(hours=24)
_NOTE_USE_EVERY = timedelta(minutes=1)


def create(
    user: User,
    name: str,
    *,
    is_test: bool = False,
    scopes: Sequence[str] | None = None,
    expires_at: datetime | None = None,
    allowed_networks: Sequence[str] = (),
    daily_cap: int | None = None,
    monthly_cap: int | None = None,
) -> tuple[ApiKey, str]:
    """Make a key and return it with its text, which is seen this once.

    Raises: TooManyKeys.
    """
    text = key_text.make(is_test=is_test)
    with transaction.atomic():
        # Counted under the person's lock, so that two forms at once cannot both be the last that fits.
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        if working(user).count() >= KEYS_MAX:
            raise TooManyKeys(KEYS_MAX)
        ApiAccount.objects.get_or_create(user=user)
        key = ApiKey.objects.create(
            user=user,
            name=name,
            is_test=is_test,
            scopes=every_scope() if scopes is None else list(scopes),
            expires_at=expires_at,
            allowed_networks=[networks.parse(network) for network in allowed_networks],
            daily_cap=daily_cap,
            monthly_cap=monthly_cap,
            **_facts_of(text),
        )
    logger.info("api key created", extra={"api_key": key.pk, "is_test": is_test})
    return key, text


def verify(text: str, address: str) -> ApiKey:
    """Return the key that has this text, with its owner, for a request from this address.

    Text that cannot be a key is refused without a look at the database. Of the owner only the id is read; what else
    somebody asks of it is fetched then. Raises: KeyRefused.
    """
    if not key_text.is_well_formed(text):
        raise KeyRefused(Refusal.UNKNOWN)
    digest = key_text.digest_of(text)
    key = next(iter(_find.rows(digest=digest)), None)
    if key is None:
        raise KeyRefused(Refusal.UNKNOWN)
    key.user = User.from_db(key._state.db, ["id"], [key.user_id])
    refusal = _refusal(key, digest, address)
    if refusal is not None:
        raise KeyRefused(refusal, address)
    key.digest_used = digest
    _note_use(key)
    return key


def passes_silently(key: ApiKey, digest: str, address: str) -> bool:
    """Whether `verify` would let a key in that was read together with something else, and write nothing down."""
    return _refusal(key, digest, address) is None and not _is_use_due(key)


def with_digest(digest: str, path: str = "") -> Q:
    """Match keys whose text has this digest; `path` leads to the keys from another model's rows."""
    return Q(**{f"{path}digest": digest}) | Q(**{f"{path}previous_digest": digest})


def change(key: ApiKey, **facts: Any) -> None:
    """Give a key another name or other limits, from its next request on. Raises: KeyEnded.

    facts: `name`, `scopes`, `expires_at`, `allowed_networks`, `daily_cap`, `monthly_cap`.
    """
    if not ApiKey.objects.filter(pk=key.pk, revoked_at__isnull=True).update(**facts):
        raise KeyEnded
    key.refresh_from_db()
    logger.info("api key changed", extra={"api_key": key.pk})


def rotate(key: ApiKey, *, overlap: timedelta = OVERLAP) -> str:
    """Give the key a new text, which is seen this once; the one before works on for `overlap` (0: ends at once).

    A second rotation within the overlap ends the oldest text. Raises: KeyEnded.
    """
    text = key_text.make(is_test=key.is_test)
    with transaction.atomic():
        row = ApiKey.objects.select_for_update(no_key=True).get(pk=key.pk)
        if not row.is_live:
            raise KeyEnded
        facts: dict[str, Any] = {
            **_facts_of(text),
            "previous_digest": row.digest,
            "previous_until": timezone.now() + overlap,
        }
        ApiKey.objects.filter(pk=key.pk).update(**facts)
    key.refresh_from_db()
    logger.info("api key rotated", extra={"api_key": key.pk, "overlap_seconds": int(overlap.total_seconds())})
    return text


def revoke(key: ApiKey) -> bool:
    """End a key, and the text before it, with the next request. Returns False when it was revoked before."""
    changed = ApiKey.objects.filter(pk=key.pk, revoked_at__isnull=True).update(revoked_at=timezone.now())
    key.refresh_from_db()
    if changed:
        logger.info("api key revoked", extra={"api_key": key.pk})
    return bool(changed)


def listed(user: User) -> QuerySet[ApiKey]:
    """Return a person's keys that were not revoked, the newest first."""
    return ApiKey.objects.filter(user=user, revoked_at__isnull=True).order_by("-id")


def working(user: User) -> QuerySet[ApiKey]:
    """Return a person's keys that open something."""
    unexpired = Q(expires_at__isnull=True) | Q(expires_at__gt=timezone.now())
    return ApiKey.objects.filter(unexpired, user=user, revoked_at__isnull=True)


def _facts_of(text: str) -> dict[str, str]:
    return {"prefix": key_text.prefix_of(text), "digest": key_text.digest_of(text)}


# Every request of the API comes by here.
_OWNER: dict[str, Any] = {"owner_is_active": F("user__is_active")}
_find = Compiled(lambda digest: ApiKey.objects.filter(with_digest(digest)).annotate(**_OWNER), digest=str)


def _refusal(key: ApiKey, digest: str, address: str) -> Refusal | None:
    if not key.owner_is_active:
        return Refusal.UNKNOWN
    if key.is_revoked:
        return Refusal.REVOKED
    if key.is_expired:
        return Refusal.EXPIRED
    if digest != key.digest and not key.is_overlapping:
        return Refusal.REPLACED
    if key.allowed_networks and not networks.contains(key.allowed_networks, address):
        return Refusal.NETWORK
    return None


def _note_use(key: ApiKey) -> None:
    """Write down the use, once a minute at most: of many requests at once one writes."""
    if not _is_use_due(key):
        return
    now = timezone.now()
    not_noted = Q(last_used_at__isnull=True) | Q(last_used_at__lte=now - _NOTE_USE_EVERY)
    ApiKey.objects.filter(not_noted, pk=key.pk).update(last_used_at=now)
    key.last_used_at = now


def _is_use_due(key: ApiKey) -> bool:
    return key.last_used_at is None or key.last_used_at <= timezone.now() - _NOTE_USE_EVERY
