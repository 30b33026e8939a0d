"""Webhooks: where an account wants to be told what became of its runs, and each telling with its tries."""

import base64
import secrets
from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.ids import uuid7
from accounts.models import ApiKey, User
from generation import sealing
from generation.models.job import Job

SECRET_BYTES = 32


class Event(models.TextChoices):
    """What an endpoint can be told."""

    FINISHED = "diffusion.finished", _("Finished")
    FAILED = "diffusion.failed", _("Failed")
    CANCELED = "diffusion.canceled", _("Canceled")
    # Sent when its owner asks for it, whatever the filter says.
    TEST = "webhook.test", _("Test")


FILTERABLE = (Event.FINISHED, Event.FAILED, Event.CANCELED)


def all_events() -> list[str]:
    """Return what a new endpoint is told: everything."""
    return [event.value for event in FILTERABLE]


def new_secret() -> str:
    """Return a secret as the Standard Webhooks specification writes it."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def new_sealed_secret() -> str:
    """Return a secret as it is kept."""
    return sealing.seal(new_secret())


class WebhookEndpointQuerySet(models.QuerySet["WebhookEndpoint"]):
    """Rules about sets of endpoints."""

    def visible_to(self, user: User) -> "WebhookEndpointQuerySet":
        """Endpoints this person may see: their own."""
        return self.filter(user=user)

    def visible_to_key(self, key: ApiKey) -> "WebhookEndpointQuerySet":
        """Endpoints this key may see: to a test key those made with test keys, to a live key the others."""
        return self.visible_to(key.user).filter(is_test=key.is_test)


class WebhookEndpoint(models.Model):
    """An address that is told. Its secret can be read again, as every message is signed with it: it is kept sealed."""

    class Off(models.TextChoices):
        """Why nothing is sent."""

        OWNER = "owner", _("Switched off by you")
        FAILING = "failing", _("Switched off after days of failures")
        GONE = "gone", _("Switched off: it answered 410 Gone")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="webhook_endpoints")
    url = models.CharField(max_length=2000)
    description = models.CharField(max_length=100, blank=True)
    events = models.JSONField(default=all_events)
    # Made with a test key: told of runs of test keys alone.
    is_test = models.BooleanField(default=False, editable=False)
    sealed_secret = models.CharField(max_length=sealing.SEALED_MAX_LENGTH, default=new_sealed_secret, editable=False)
    # Signs beside the new one until then.
    sealed_previous_secret = models.CharField(max_length=sealing.SEALED_MAX_LENGTH, blank=True, editable=False)
    previous_secret_until = models.DateTimeField(null=True, blank=True)
    # Empty: switched on.
    off = models.CharField(max_length=8, choices=Off.choices, blank=True)
    # Since when every try has failed.
    failing_since = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[models.Manager["WebhookEndpoint"]] = models.Manager.from_queryset(WebhookEndpointQuerySet)()

    class Meta:
        indexes = [models.Index(fields=["user", "id"], name="webhook_endpoint_by_user")]

    def __str__(self) -> str:
        return f"webhook endpoint {self.pk}"

    @property
    def is_enabled(self) -> bool:
        """Whether it is told."""
        return not self.off

    @property
    def secret(self) -> str:
        """What its messages are signed with."""
        return sealing.unseal(self.sealed_secret)

    def secrets_at(self, now: datetime) -> list[str]:
        """Return the secrets that sign at this moment, the newest first. Raises: SecretUnreadable."""
        overlaps = self.previous_secret_until is not None and now < self.previous_secret_until
        return [self.secret, sealing.unseal(self.sealed_previous_secret)] if overlaps else [self.secret]


class WebhookDeliveryQuerySet(models.QuerySet["WebhookDelivery"]):
    """Rules about sets of deliveries."""

    def visible_to(self, user: User) -> "WebhookDeliveryQuerySet":
        """Deliveries this person may see: those to their own endpoints."""
        return self.filter(endpoint__user=user)

    def due(self, now: datetime) -> "WebhookDeliveryQuerySet":
        """Deliveries whose next try may begin, those that have waited longest first."""
        waiting = self.filter(status=WebhookDelivery.Status.WAITING, due_at__lte=now, endpoint__off="")
        return waiting.order_by("due_at", "id")


class WebhookDelivery(models.Model):
    """One message to one endpoint. Its id is the message's on every try; what it says is written at each try anew."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        DELIVERED = "delivered", _("Delivered")
        FAILED = "failed", _("Failed")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    endpoint = models.ForeignKey(WebhookEndpoint, models.CASCADE, related_name="deliveries")
    event = models.CharField(max_length=32, choices=Event.choices)
    # Empty: a test.
    job = models.ForeignKey(Job, models.CASCADE, null=True, blank=True, related_name="webhook_deliveries")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.WAITING)
    # Tries begun since it was first sent, or sent again by hand; how many there were in all, the tries' rows say.
    tries = models.PositiveSmallIntegerField(default=0)
    # When the next try may begin. While one goes on: when it is taken for lost.
    due_at = models.DateTimeField(default=timezone.now)
    claimed_by = models.CharField(max_length=32, blank=True)
    # The body as it was last sent.
    payload = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    ended_at = models.DateTimeField(null=True, blank=True)

    # Of the rows of a log alone: what the latest try brought.
    last_status_code: int | None
    last_milliseconds: int | None
    attempts_made: int

    objects: ClassVar[models.Manager["WebhookDelivery"]] = models.Manager.from_queryset(WebhookDeliveryQuerySet)()

    class Meta:
        verbose_name_plural = "webhook deliveries"
        constraints = [
            models.UniqueConstraint(
                fields=["endpoint", "job", "event"], name="webhook_told_once", condition=Q(job__isnull=False)
            ),
            models.CheckConstraint(
                condition=Q(status="waiting", ended_at__isnull=True)
                | Q(status__in=["delivered", "failed"], ended_at__isnull=False),
                name="webhook_delivery_ended_has_time",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], name="webhook_due", condition=Q(status="waiting")),
            models.Index(fields=["endpoint", "-id"], name="webhook_log"),
            models.Index(fields=["created_at"], name="webhook_age"),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.message_id} {self.status}"

    @property
    def message_id(self) -> str:
        """The webhook-id header."""
        return f"msg_{self.pk.hex}"

    @property
    def is_under_way(self) -> bool:
        """Whether a try is going on."""
        return self.status == self.Status.WAITING and bool(self.claimed_by)


class WebhookAttempt(models.Model):
    """One try: when, how long, what came back."""

    delivery = models.ForeignKey(WebhookDelivery, models.CASCADE, related_name="attempts")
    started_at = models.DateTimeField()
    milliseconds = models.PositiveIntegerField()
    # Empty: nothing came back, and `trouble` says why.
    status_code = models.PositiveSmallIntegerField(null=True, blank=True)
    trouble = models.CharField(max_length=300, blank=True)
    answer = models.TextField(blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["delivery", "-id"], name="webhook_attempts_made")]

    def __str__(self) -> str:
        return f"try of {self.delivery_id} at {self.started_at:%Y-%m-%d %H:%M:%S}"

    @property
    def is_accepted(self) -> bool:
        """Whether the receiver has taken it."""
        return self.status_code is not None and 200 <= self.status_code < 300
