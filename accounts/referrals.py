"""Invites: codes and links, who came by whose, and what each invite became. The only file that changes a Referral.

An invite is attached when somebody signs up, and only then: by the code they typed, else by the cookie that a
followed link left in the browser. The cookie is signed but carries nothing worth stealing: whoever copies it has done
no more than follow the link. What is wrong with an invite (`referral_faults.py`) is written down at once; billing
looks again before it rewards anybody.
"""

import logging
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from accounts import places, referral_faults
from accounts.compiled import Compiled
from accounts.models import Referral, User

logger = logging.getLogger(__name__)

State, Fault = Referral.State, Referral.Fault

# Without letters and digits that are taken for one another.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 8
# So long is a click remembered, in the browser and here.
CLICK_LASTS = timedelta(days=30)
# Clicks of one link that are remembered; beyond them the cookie alone carries the invite.
CLICKS_MAX = 200
_COOKIE = "invite"
_SALT = "accounts.referrals"


@dataclass(frozen=True)
class Invite:
    """Who invites the visitor, and the click it began with, if that is remembered."""

    referrer: User
    click_id: UUID | None = None

    @property
    def credits(self) -> int:
        """What it promises whoever is invited."""
        return int(settings.REFERRAL_FRIEND_CREDITS)


# --- Codes and links ----------------------------------------------------------------------------------------------


def code_of(user: User) -> str:
    """Return the person's code; drawn the first time."""
    while not user.referral_code:
        drawn = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
        try:
            with transaction.atomic():
                # Two pages at once: the second keeps what the first drew.
                User.objects.filter(pk=user.pk, referral_code__isnull=True).update(referral_code=drawn)
        except IntegrityError:
            continue  # somebody else's: draw again
        user.refresh_from_db(fields=["referral_code"])
    return user.referral_code


def link_of(user: User) -> str:
    """Return the person's link, to be sent to friends."""
    return f"{settings.SITE_URL}{reverse('invite', args=[code_of(user)])}"


def find_referrer(code: str) -> User | None:
    """Return whose code this is, however it was typed."""
    tidy = "".join(sign for sign in code.upper() if sign.isalnum())
    if len(tidy) != CODE_LENGTH:
        return None
    return User.objects.filter(referral_code=tidy, is_active=True).first()


# --- Clicks -------------------------------------------------------------------------------------------------------


def remember_click(referrer: User, request: HttpRequest, response: HttpResponse) -> None:
    """Let the browser carry the invite until its owner signs up; a click is noted once a browser and network."""
    places.name_device(request, response)
    carried = invite_of(request)
    if carried and carried.referrer == referrer and carried.click_id:
        return
    click = _note_click(referrer, request)
    response.set_signed_cookie(
        _COOKIE,
        f"{referrer.referral_code}:{click.pk.hex if click else ''}",
        salt=_SALT,
        max_age=CLICK_LASTS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def invite_of(request: HttpRequest) -> Invite | None:
    """Return the invite that the browser carries; None where there is none, or none of ours."""
    carried = request.get_signed_cookie(_COOKIE, default="", salt=_SALT, max_age=CLICK_LASTS) or ""
    code, _, click = carried.partition(":")
    referrer = find_referrer(code)
    if referrer is None:
        return None
    try:
        return Invite(referrer, UUID(hex=click))
    except ValueError:
        return Invite(referrer)


def note_known_person(user: User, request: HttpRequest) -> None:
    """Refuse the click that somebody logged in with who has had an account before: the invite is for new people."""
    invite = invite_of(request)
    if invite and invite.click_id:
        fault = Fault.SELF if invite.referrer == user else Fault.EXISTING
        _clicked(invite).update(state=State.REFUSED, fault=fault, refused_at=timezone.now())


def note_device(user: User, device: str) -> None:
    """Note the browser in which somebody looks at their invites: who signs up in it is no friend."""
    if user.device != device:
        User.objects.filter(pk=user.pk).update(device=device)


def forget_old_clicks(now: datetime) -> int:
    """Delete clicks that nobody can sign up with any more; returns how many."""
    old = Referral.objects.filter(state=State.CLICKED, clicked_at__lt=now - CLICK_LASTS)
    return old.delete()[0]


# --- What an invite becomes ---------------------------------------------------------------------------------------


def join(friend: User, request: HttpRequest, *, code: str = "") -> Referral | None:
    """Note who invited somebody who signs up at this moment; None where nobody did, or it is noted already."""
    if Referral.objects.filter(friend=friend).exists():
        return None
    invite = invite_of(request)
    if code and (typed := find_referrer(code)) and not (invite and invite.referrer == typed):
        invite = Invite(typed)
    if invite is None or invite.referrer == friend:
        return None
    referral = _attach(invite, friend, request)
    if fault := referral_faults.find(referral):
        refuse(referral, fault)
    logger.info("friend joined", extra={"referral": referral.pk, "fault": referral.fault})
    return referral


def confirm(friend: User) -> None:
    """Note that the friend's address is known to be theirs."""
    now = timezone.now()
    joined = Referral.objects.filter(friend=friend, state=State.JOINED)
    joined.update(state=State.CONFIRMED, confirmed_at=now, review_at=now)


def note_picture(friend_id: UUID) -> None:
    """Note that the friend has made a picture; only the first counts."""
    if not _waits_for_picture.rows(friend_id=friend_id):
        return
    now = timezone.now()
    Referral.objects.filter(friend=friend_id, pictured_at__isnull=True).update(pictured_at=now, review_at=now)


# Every run that ends asks, and for hardly any is there one.
_waits_for_picture = Compiled(
    lambda friend_id: Referral.objects.filter(friend_id=friend_id, pictured_at__isnull=True), friend_id=UUID
)


def refuse(referral: Referral, fault: Referral.Fault, *, note: str = "") -> None:
    """Refuse an invite; it brings nothing from now on. What it brought is billing's to take back."""
    now = timezone.now()
    referral.state, referral.fault, referral.note = State.REFUSED, fault, note
    referral.refused_at, referral.review_at = now, now
    referral.save(update_fields=["state", "fault", "note", "refused_at", "review_at"])
    logger.info("invite refused", extra={"referral": referral.pk, "fault": fault})


def reward(referral: Referral, *, fault: str = "") -> None:
    """Note that an invite was rewarded; `fault` says why the referrer's side was not."""
    referral.state, referral.fault, referral.rewarded_at = State.REWARDED, fault, timezone.now()
    referral.save(update_fields=["state", "fault", "rewarded_at"])


# --- private, in the order of their callers -----------------------------------------------------------------------


def _note_click(referrer: User, request: HttpRequest) -> Referral | None:
    clicks = Referral.objects.filter(referrer=referrer, state=State.CLICKED)
    network = places.network_of(request)
    # Programs that draw previews of links carry no cookies: what comes from their network is one click.
    if network and (known := clicks.filter(network=network).first()):
        return known
    if clicks.count() >= CLICKS_MAX:
        return None
    now = timezone.now()
    return Referral.objects.create(referrer=referrer, state=State.CLICKED, network=network, clicked_at=now)


def _attach(invite: Invite, friend: User, request: HttpRequest) -> Referral:
    """Turn the click into a friend who joined; without a click of their own they get a row of their own."""
    facts = {
        "friend": friend,
        "state": State.JOINED,
        "network": places.network_of(request),
        "device": places.device_of(request),
        "joined_at": timezone.now(),
    }
    # Several may carry the same click: one gets it.
    if invite.click_id and _clicked(invite).update(**facts):
        return Referral.objects.select_related("referrer", "friend").get(pk=invite.click_id)
    return Referral.objects.create(referrer=invite.referrer, **facts)


def _clicked(invite: Invite) -> QuerySet[Referral]:
    assert invite.click_id is not None
    return Referral.objects.filter(pk=invite.click_id, referrer=invite.referrer, state=State.CLICKED)
