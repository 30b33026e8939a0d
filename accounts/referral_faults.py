"""What makes an invite worthless: one's own accounts, thrown-away addresses, too many from one place, rings.

Looked at when a friend joins, and again before anybody is rewarded: addresses change in between. A card says more,
but only billing sees it.
"""

from collections.abc import Iterator
from datetime import timedelta

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db.models import Q

from accounts import addresses, erased_mailboxes
from accounts.models import Referral, User

Fault = Referral.Fault

# Networks are handed on from house to house; a browser's name is its own.
NETWORK_COUNTS_FOR = timedelta(days=90)
# Further up nobody is looked for; longer chains than any that people make.
_CHAIN_MAX = 100


def find(referral: Referral) -> Fault | None:
    """Return what is wrong with an invite that somebody joined by; None where nothing is known to be."""
    friend, referrer = referral.friend, referral.referrer
    assert friend is not None
    if _is_the_same(friend, referrer):
        return Fault.SELF
    if any(_is_the_same(friend, ancestor) for ancestor in chain(referrer)):
        return Fault.RING
    if _had_an_account(friend):
        return Fault.EXISTING
    if addresses.is_disposable(friend.email):
        return Fault.DISPOSABLE
    if referral.device and referral.device == referrer.device:
        return Fault.PLACE
    if _others_before(referral) >= settings.REFERRAL_SAME_PLACE_MAX:
        return Fault.PLACE
    return None


def chain(user: User) -> Iterator[User]:
    """Yield who invited this person, who invited them, and so on. A ring is walked round once."""
    seen = {user.pk}
    for _ in range(_CHAIN_MAX):
        step = Referral.objects.filter(friend=user).select_related("referrer").first()
        if step is None:
            return
        user = step.referrer
        yield user
        if user.pk in seen:
            return
        seen.add(user.pk)


def is_confirmed(user: User) -> bool:
    """Return whether the person's address is known to be theirs, or nobody's need be."""
    if not settings.EMAIL_VERIFICATION_REQUIRED:
        return True
    return bool(EmailAddress.objects.filter(user=user, verified=True).exists())


def _had_an_account(friend: User) -> bool:
    """Whether the person had one before, as far back as erased ones are known.

    Asked once the mailbox is known to be theirs: the referrer reads the answer, who may have typed in another's.
    """
    if not is_confirmed(friend):
        return False
    earlier = User.objects.filter(mailbox=friend.mailbox, date_joined__lte=friend.date_joined).exclude(pk=friend.pk)
    return earlier.exists() or erased_mailboxes.is_known(friend.mailbox)


def _is_the_same(friend: User, other: User) -> bool:
    """Whether two accounts are one person's: mail for both ends up in one mailbox."""
    if friend == other or friend.mailbox == other.mailbox:
        return True
    others = EmailAddress.objects.filter(user=other).annotate(mailbox=addresses.mailbox())
    return bool(others.filter(mailbox=friend.mailbox).exists())


def _others_before(referral: Referral) -> int:
    """Return how many friends, whoever invited them, joined from the same place before this one.

    The order decides, not the moment of looking: two who join at once are not both let in, nor both refused.
    """
    same = Q(pk__in=[])
    if referral.device:
        same |= Q(device=referral.device)
    if referral.network and referral.joined_at:
        same |= Q(network=referral.network, joined_at__gt=referral.joined_at - NETWORK_COUNTS_FOR)
    before = Q(joined_at__lt=referral.joined_at) | Q(joined_at=referral.joined_at, pk__lt=referral.pk)
    friends = Referral.objects.filter(same, before, friend__isnull=False).exclude(state=Referral.State.REFUSED)
    return friends.count()
