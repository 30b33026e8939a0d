"""What people who run the site did, one line an action. Written by `accounts/audit.py` alone, and never again."""

from django.db import models
from django.utils import timezone

NOTE_MAX_LENGTH = 1000
TEXT_MAX_LENGTH = 200


class AuditLine(models.Model):
    """Who did what, when, from where, to what. Triggers refuse every change and deletion (`audit_law.py`).

    Nothing is referred to by a foreign key: a line outlasts what it tells of.
    """

    at = models.DateTimeField(default=timezone.now, editable=False)
    # The person's id.
    actor = models.UUIDField(editable=False)
    # The network address the request came from; empty where none could be told.
    address = models.CharField(max_length=45, blank=True, editable=False)
    verb = models.CharField(max_length=60, editable=False)
    # The object's model ("accounts.user"), id and name; empty where an action is about none.
    kind = models.CharField(max_length=100, blank=True, editable=False)
    object_id = models.CharField(max_length=64, blank=True, editable=False)
    object_text = models.CharField(max_length=TEXT_MAX_LENGTH, blank=True, editable=False)
    # {field: [before, after]}; secrets are left out, of long texts only that they changed.
    changes = models.JSONField(default=dict, blank=True, editable=False)
    # The reason that was given, or what the form said of the change.
    note = models.CharField(max_length=NOTE_MAX_LENGTH, blank=True, editable=False)

    class Meta:
        verbose_name = "audit line"
        indexes = [
            models.Index(fields=["actor", "-id"], name="audit_by_actor"),
            models.Index(fields=["kind", "object_id", "-id"], name="audit_by_object"),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.kind} {self.object_id}".strip()
