"""A feature that somebody wishes for, and the voices of those who wish it too."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

TITLE_MAX_LENGTH, TEXT_MAX_LENGTH = 100, 2000


class Wish(models.Model):
    """One wish. Its author's own voice counts as one."""

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        PLANNED = "planned", _("Planned")
        DONE = "done", _("Done")
        DECLINED = "declined", _("Declined")
        HIDDEN = "hidden", _("Hidden")

    # Gone with its author; what was wished stays.
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="wishes")
    title = models.CharField(max_length=TITLE_MAX_LENGTH)
    text = models.TextField(max_length=TEXT_MAX_LENGTH, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    # The operators' words beside it.
    answer = models.CharField(max_length=300, blank=True)
    votes_count = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name_plural = "wishes"
        indexes = [models.Index(fields=["-votes_count", "-id"], name="wish_by_votes")]

    def __str__(self) -> str:
        return self.title


class WishVote(models.Model):
    """One voice of one person."""

    wish = models.ForeignKey(Wish, models.CASCADE, related_name="votes")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["wish", "user"], name="wish_one_vote_each")]

    def __str__(self) -> str:
        return f"{self.user_id} for {self.wish_id}"
