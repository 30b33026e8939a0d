"""What somebody says went wrong, with pictures of it."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

TEXT_MAX_LENGTH = 5000


class BugReport(models.Model):
    """One report. Operators read it in the admin and answer by mail."""

    class State(models.TextChoices):
        NEW = "new", _("New")
        SEEN = "seen", _("Seen")
        DONE = "done", _("Done")

    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    text = models.TextField("what happened", max_length=TEXT_MAX_LENGTH)
    # Where it happened: the page's address, and what the browser calls itself.
    page = models.CharField(max_length=500, blank=True)
    browser = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=5, choices=State.choices, default=State.NEW)
    note = models.TextField(blank=True, help_text="For operators; nobody else reads it.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"Report {self.pk}"


class BugReportPicture(models.Model):
    """A picture that came with a report: re-encoded, as every picture that is brought along."""

    report = models.ForeignKey(BugReport, models.CASCADE, related_name="pictures")
    file = models.CharField(max_length=120)
    size_bytes = models.PositiveBigIntegerField()

    def __str__(self) -> str:
        return self.file
