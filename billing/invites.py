"""What a person reads about their invites: the link, what it brings, what each invite became."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self
from urllib.parse import quote

from django.conf import settings
from django.db.models import F, Prefetch, Sum
from django.utils.translation import gettext, gettext_noop

from accounts import addresses, referrals
from accounts.models import Referral, User
from billing import referral_rewards
from billing.models import ReferralReward

State, Fault, Side = Referral.State, Referral.Fault, ReferralReward.Side

# Further back nobody looks; the totals count all.
LINES_MAX = 200

_FAULTS = {
    Fault.SELF: gettext_noop("This was you. An account of your own brings no credits."),
    Fault.EXISTING: gettext_noop("They had an account already."),
    Fault.RING: gettext_noop("This invite leads back to somebody it came from."),
    Fault.DISPOSABLE: gettext_noop("Their address is a throw-away one."),
    Fault.PLACE: gettext_noop("Joined in your own browser, or too many friends joined from one computer or network."),
    Fault.CARD: gettext_noop("Paid with the same card as you or as another friend."),
    Fault.TEAM: gettext_noop("Our team looked at this invite."),
}


@dataclass(frozen=True)
class InviteLine:
    """One invite. `friend` is a masked address, empty while the link was only opened."""

    state: str
    name: str
    friend: str
    at: datetime
    words: str
    credits: int


@dataclass(frozen=True)
class InviteTotals:
    """What all invites together brought. `left` friends can still be rewarded."""

    joined: int
    rewarded: int
    credits: int
    left: int


@dataclass(frozen=True)
class InvitePage:
    """A person's link and invites, and what the settings promise at this moment."""

    code: str
    link: str
    mail: str
    totals: InviteTotals
    lines: tuple[InviteLine, ...]
    referrer_credits: int
    friend_credits: int
    paid_credits: int
    paid_from: int
    refund_days: int
    friends_max: int

    @property
    def brings_credits(self) -> bool:
        """Whether an invite brings credits to anybody."""
        return any((self.referrer_credits, self.friend_credits, self.paid_credits))

    @classmethod
    def of(cls, user: User) -> Self:
        """Read the page of a person; their code is drawn the first time."""
        link = referrals.link_of(user)
        return cls(
            code=referrals.code_of(user),
            link=link,
            mail=_mail(link),
            totals=_totals(user),
            lines=tuple(_line(referral) for referral in _invites(user)),
            referrer_credits=settings.REFERRAL_CREDITS,
            friend_credits=settings.REFERRAL_FRIEND_CREDITS,
            paid_credits=settings.REFERRAL_PAID_CREDITS,
            paid_from=referral_rewards.smallest_payment_cents(),
            refund_days=settings.REFUND_WINDOW_DAYS,
            friends_max=settings.REFERRAL_FRIENDS_MAX,
        )


def _mail(link: str) -> str:
    """Return an address that opens a letter to a friend."""
    gift = gettext("You get %(credits)s credits more after your first picture.\n\n") % {
        "credits": settings.REFERRAL_FRIEND_CREDITS
    }
    body = gettext("I make pictures with %(site_name)s. %(gift)s%(link)s") % {
        "site_name": settings.SITE_NAME,
        "gift": gift if settings.REFERRAL_FRIEND_CREDITS else "",
        "link": link,
    }
    subject = gettext("Pictures with %(site_name)s") % {"site_name": settings.SITE_NAME}
    return f"mailto:?subject={quote(subject)}&body={quote(body)}"


def _totals(user: User) -> InviteTotals:
    mine = ReferralReward.objects.filter(referral__referrer=user).exclude(side=Side.FRIEND)
    rewarded = mine.filter(side=Side.REFERRER).count()
    kept = mine.aggregate(credits=Sum(F("credits") - F("taken_back")))["credits"] or 0
    joined = Referral.objects.filter(referrer=user, friend__isnull=False).count()
    return InviteTotals(joined, rewarded, kept, max(0, settings.REFERRAL_FRIENDS_MAX - rewarded))


def _invites(user: User) -> list[Referral]:
    mine = ReferralReward.objects.exclude(side=Side.FRIEND)
    invites = Referral.objects.filter(referrer=user).select_related("friend").order_by("-id")
    return list(invites.prefetch_related(Prefetch("rewards", queryset=mine, to_attr="mine"))[:LINES_MAX])


def _line(referral: Referral) -> InviteLine:
    rewards: list[ReferralReward] = referral.mine  # type: ignore[attr-defined]  # prefetched above
    dates = (referral.refused_at, referral.rewarded_at, referral.confirmed_at, referral.joined_at, referral.clicked_at)
    return InviteLine(
        state=referral.state,
        name=referral.get_state_display(),
        friend=addresses.masked(referral.friend.email) if referral.friend else "",
        at=next(date for date in dates if date is not None),
        words=_words(referral, rewards),
        credits=sum(reward.kept for reward in rewards),
    )


def _words(referral: Referral, rewards: list[ReferralReward]) -> str:
    """Say why, or what comes next."""
    if referral.state == State.REFUSED:
        return referral.note or gettext(_FAULTS[Fault(referral.fault)])
    if referral.state == State.REWARDED:
        return _words_of_reward(referral, rewards)
    if referral.state == State.CONFIRMED:
        return (
            gettext("Your credits come within a minute.")
            if referral.pictured_at
            else gettext("Their first picture is still to come.")
        )
    if referral.state == State.JOINED:
        return gettext("They have yet to confirm their address.")
    return gettext("They have yet to sign up.")


def _words_of_reward(referral: Referral, rewards: list[ReferralReward]) -> str:
    if referral.fault == Fault.CAP:
        return gettext("You had reached the cap of %(cap)s. Your friend still got their credits.") % {
            "cap": settings.REFERRAL_FRIENDS_MAX
        }
    taken_back = sum(reward.taken_back for reward in rewards)
    if taken_back:
        return gettext("%(taken_back)s credits went back with your friend’s payment.") % {
            "taken_back": f"{taken_back:,}"
        }
    if any(reward.side == Side.PAID for reward in rewards):
        return gettext("They made a first picture and became a customer.")
    return gettext("They made a first picture.")
