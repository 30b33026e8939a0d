"""Invites: who followed whose link and what became of it.

Written by `accounts/referrals.py`. What an invite brings is decided above, in billing, which notes here that it was
rewarded and when it wants to look again.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.ids import uuid7

NOTE_MAX_LENGTH = 200


class Referral(models.Model):
    """One invite, from the click on."""

    class State(models.TextChoices):
        CLICKED = "clicked", _("Opened the link")
        JOINED = "joined", _("Joined")
        CONFIRMED = "confirmed", _("Confirmed")
        REWARDED = "rewarded", _("Rewarded")
        REFUSED = "refused", _("Refused")

    class Fault(models.TextChoices):
        """What is wrong with an invite."""

        SELF = "self", _("Invited oneself")
        EXISTING = "existing", _("Had an account already")
        RING = "ring", _("Leads back to who it came from")
        DISPOSABLE = "disposable", _("Disposable address")
        PLACE = "place", _("Too many from one place")
        CARD = "card", _("Same card")
        # The one that refuses only the referrer's side.
        CAP = "cap", _("Rewarded for as many as can be")
        TEAM = "team", _("Refused by the team")

    # What can still become a reward.
    OPEN: ClassVar = (State.JOINED, State.CONFIRMED)

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    referrer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="invites", db_index=False)
    # Empty while the link was only opened.
    friend = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="invited_by"
    )
    state = models.CharField(max_length=12, choices=State.choices)
    fault = models.CharField(max_length=12, choices=Fault.choices, blank=True)
    # What the team wrote when it refused.
    note = models.CharField(max_length=NOTE_MAX_LENGTH, blank=True)
    # Keyed hashes of where it came from (see `accounts/places.py`); empty: not known.
    network = models.CharField(max_length=32, blank=True)
    device = models.CharField(max_length=32, blank=True)
    clicked_at = models.DateTimeField(null=True, blank=True)
    joined_at = models.DateTimeField(null=True, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    pictured_at = models.DateTimeField(_("first picture at"), null=True, blank=True)
    rewarded_at = models.DateTimeField(null=True, blank=True)
    refused_at = models.DateTimeField(null=True, blank=True)
    # When billing looks at it next; empty: when something happens.
    review_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(friend__isnull=True) | ~Q(friend=F("referrer")), name="referral_of_somebody_else"
            ),
            models.CheckConstraint(
                condition=Q(state="clicked", friend__isnull=True)
                | Q(state="refused")
                | Q(state__in=["joined", "confirmed", "rewarded"], friend__isnull=False),
                name="referral_friend_fits_state",
            ),
            models.CheckConstraint(condition=~Q(state="refused") | ~Q(fault=""), name="referral_refused_for_a_reason"),
        ]
        indexes = [
            models.Index(fields=["referrer", "-id"], name="referral_by_referrer"),
            models.Index(fields=["network"], name="referral_by_network", condition=~Q(network="")),
            models.Index(fields=["device"], name="referral_by_device", condition=~Q(device="")),
            models.Index(fields=["review_at"], name="referral_due", condition=Q(review_at__isnull=False)),
            models.Index(fields=["clicked_at"], name="referral_clicked", condition=Q(state="clicked")),
        ]
        permissions = [("refuse_referral", "Can refuse an invite with a reason")]

    def __str__(self) -> str:
        return f"Invite {self.pk}, {self.get_state_display().lower()}"

    @property
    def is_over(self) -> bool:
        """Whether it was refused."""
        return self.state == self.State.REFUSED
