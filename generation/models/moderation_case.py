"""What moderation refused, held back or was told of: one case each, with its appeal and its decision.

Written by `moderation` (refusals), `showcase` (reports), `storing` (pictures) and `moderation_queue` (decisions).
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.ids import uuid7
from accounts.models import User
from generation.models.image import Image
from generation.models.job import Job

APPEAL_MAX_LENGTH = 1000
REASON_MAX_LENGTH = 1000


class ModerationCaseQuerySet(models.QuerySet["ModerationCase"]):
    """Rules about sets of cases."""

    def visible_to(self, user: User) -> "ModerationCaseQuerySet":
        """Refusals and take-downs of a person; of what was only looked at nothing is said."""
        told = Q(decision=ModerationCase.Decision.UPHELD) | Q(appealed_at__isnull=False)
        return self.filter(user=user).filter(Q(action=ModerationCase.Action.BLOCKED) | told)

    def waiting(self) -> "ModerationCaseQuerySet":
        """Those that an operator is to decide."""
        return self.filter(is_waiting=True)

    def decision_on(self, case: "ModerationCase") -> str:
        """Return what was decided about the very same text or picture of the same person; empty: nothing."""
        found = self.filter(user=case.user, kind=case.kind, digest=case.digest).values_list("decision", flat=True)
        return found.first() or ""


class ModerationCase(models.Model):
    """One thing of one person; what is refused again counts up, so that a person has one case for it."""

    class Kind(models.TextChoices):
        PROMPT = "prompt", _("Prompt")
        TEXT = "text", _("Text for others")
        RESULT = "result", _("Picture that was made")
        UPLOAD = "upload", _("Picture that was brought")
        PUBLICATION = "publication", _("Picture that is shown")

    class Action(models.TextChoices):
        BLOCKED = "blocked", _("Refused")
        FLAGGED = "flagged", _("Let through, to be looked at")
        REPORTED = "reported", _("Reported by others")

    class Decision(models.TextChoices):
        NONE = "", _("Not decided")
        UPHELD = "upheld", _("Not allowed")
        PASSED = "passed", _("Allowed")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="moderation_cases", db_index=False)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    action = models.CharField(max_length=8, choices=Action.choices)
    category = models.CharField(max_length=24)
    score = models.FloatField(default=0)
    # What was found: the words, or what a classifier saw.
    found = models.CharField(max_length=300, blank=True)
    # The words that it is about; where they stood, by the form's name.
    text = models.TextField(blank=True)
    place = models.CharField(max_length=24, blank=True)
    # Of the words or the picture: the same again is the same case, and may pass once an operator has said so.
    digest = models.CharField(max_length=64, blank=True)
    times = models.PositiveIntegerField(default=1)
    job = models.ForeignKey(Job, models.SET_NULL, null=True, blank=True, related_name="+")
    image = models.ForeignKey(Image, models.CASCADE, null=True, blank=True, related_name="moderation_cases")
    # Of a picture that is held back: what its row will say if it is released. Of one taken down: its place
    # (of a prompt: of each picture).
    withheld = models.JSONField(default=dict, blank=True)

    created_at = models.DateTimeField(default=timezone.now, editable=False)
    last_at = models.DateTimeField(default=timezone.now)
    appeal = models.CharField(max_length=APPEAL_MAX_LENGTH, blank=True)
    appealed_at = models.DateTimeField(null=True, blank=True)

    is_waiting = models.BooleanField(_("waits for a decision"), default=False)
    decision = models.CharField(max_length=8, choices=Decision.choices, default="", blank=True)
    reason = models.CharField(max_length=REASON_MAX_LENGTH, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[ModerationCaseQuerySet] = ModerationCaseQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "kind", "digest"], name="moderation_case_once", condition=~Q(digest="")
            ),
            models.UniqueConstraint(
                fields=["image"],
                name="moderation_case_once_open",
                condition=Q(kind="publication", is_waiting=True),
            ),
        ]
        indexes = [
            models.Index(fields=["user", "-id"], name="moderation_case_by_user"),
            models.Index(fields=["-last_at"], name="moderation_case_waiting", condition=Q(is_waiting=True)),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.category}"

    @property
    def can_be_appealed(self) -> bool:
        """Whether its owner may say something against it: once, and while it is not allowed."""
        is_against = self.action == self.Action.BLOCKED or self.decision == self.Decision.UPHELD
        return is_against and self.decision != self.Decision.PASSED and self.appealed_at is None

    @property
    def state(self) -> str:
        """How it stands, in words for its owner."""
        if self.decision == self.Decision.PASSED:
            return gettext("Allowed")
        if self.appealed_at and self.is_waiting:
            return gettext("Appeal is being looked at")
        if self.decision == self.Decision.UPHELD:
            return gettext("Not allowed, as decided")
        return gettext("Not allowed")
