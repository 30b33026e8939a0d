"""What somebody says went wrong, with files that show it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

TEXT_MAX_LENGTH = 5000


class BugReport(models.Model):
    """One report. Operators read it in the admin and answer by mail."""

    class State(models.TextChoices):
        NEW = "new", _("New")
        SEEN = "seen", _("Seen")
        DONE = "done", _("Done")

    # Empty: somebody who was not signed in, and left an address to answer to.
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="+")
    email = models.EmailField(blank=True)
    text = models.TextField(_("what happened"), max_length=TEXT_MAX_LENGTH)
    # Where it happened: the page's address, and what the browser calls itself.
    page = models.CharField(max_length=500, blank=True)
    browser = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=5, choices=State.choices, default=State.NEW)
    note = models.TextField(blank=True, help_text=_("For operators; nobody else reads it."))
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(author__isnull=False) | ~Q(email=""), name="bug_report_can_be_answered"),
        ]

    def __str__(self) -> str:
        return f"Report {self.pk}"

    @property
    def reply_to(self) -> str:
        """The address that the answer goes to. Reads its author."""
        return self.author.email if self.author else self.email


class BugReportFile(models.Model):
    """A file that came with a report (`getimg_site.attachments`); operators alone get it, as a download."""

    report = models.ForeignKey(BugReport, models.CASCADE, related_name="files")
    file = models.CharField(max_length=120)
    # What it was called where it came from.
    name = models.CharField(max_length=100, default="picture.png")
    content_type = models.CharField(max_length=40, default="image/png")
    size_bytes = models.PositiveBigIntegerField()

    def __str__(self) -> str:
        return self.name
