"""A person's own model: what it learns from, what came of it, who may use it. `custom_models` changes its state."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.ids import uuid7
from accounts.models import User
from generation.models.job import Job
from generation.models.upload import Upload

MODEL_NAME_MAX_LENGTH = 60
TRIGGER_WORD_MAX_LENGTH = 24
CAPTION_MAX_LENGTH = 200


class CustomModelQuerySet(models.QuerySet["CustomModel"]):
    """Rules about sets of models."""

    def visible_to(self, user: User) -> "CustomModelQuerySet":
        """Models on this person's own page: their own that were not deleted."""
        return self.stored().filter(owner=user)

    def usable_by(self, user: User) -> "CustomModelQuerySet":
        """Models this person can draw with: their own, and those whose link they followed while it leads there."""
        guest = CustomModelGuest.objects.filter(model=OuterRef("pk"), user=user, share_token=OuterRef("share_token"))
        ready = self.filter(state=CustomModel.State.READY)
        return ready.filter(Q(owner=user) | Q(Exists(guest), share_token__isnull=False, owner__is_active=True))

    def shared(self) -> "CustomModelQuerySet":
        """Models that a link leads to: ready, of people who are not suspended."""
        return self.filter(state=CustomModel.State.READY, share_token__isnull=False, owner__is_active=True)

    def stored(self) -> "CustomModelQuerySet":
        """Models that take one of the places that a plan has."""
        return self.exclude(state=CustomModel.State.DELETED)

    def fail(self, reason: str) -> None:
        """End trainings without a model: `reason` is for the person. They can be started again."""
        training = self.filter(state=CustomModel.State.TRAINING)
        training.update(
            state=CustomModel.State.FAILED,
            failure_reason=reason[:300],
            finished_at=timezone.now(),
            seconds_left=None,
        )

    def reopen(self) -> None:
        """Make drafts again of models whose training was canceled; their pictures and samples so far stay."""
        self.filter(state=CustomModel.State.TRAINING).update(state=CustomModel.State.DRAFT, seconds_left=None)

    def newest_first(self) -> "CustomModelQuerySet":
        """In the order of the page."""
        return self.order_by("-id")


class CustomModel(models.Model):
    """A LoRA that one person trained or brought along, and the draft that it begins as."""

    class Subject(models.TextChoices):
        PERSON = "person", _("Person")
        PET = "pet", _("Pet")
        OBJECT = "object", _("Object")
        STYLE = "style", _("Style")

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        TRAINING = "training", _("Training")
        READY = "ready", _("Ready")
        FAILED = "failed", _("Failed")
        DELETED = "deleted", _("Deleted")

    class Origin(models.TextChoices):
        TRAINED = "trained", _("Trained here")
        UPLOADED = "uploaded", _("Brought along")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="custom_models", db_index=False)
    name = models.CharField(max_length=MODEL_NAME_MAX_LENGTH)
    origin = models.CharField(max_length=8, choices=Origin.choices, default=Origin.TRAINED)
    subject_class = models.CharField(max_length=8, choices=Subject.choices, default=Subject.OBJECT)
    # In small letters; empty only for one that was brought along.
    trigger_word = models.CharField(max_length=TRIGGER_WORD_MAX_LENGTH, blank=True)
    # The catalogue's slug of the model it changes; it fits no other.
    base_model = models.CharField(max_length=64)
    # The checksum of the base's weights that it was made for (`base_weights`); empty where nobody wrote it down.
    base_sha256 = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.DRAFT)
    # The training; empty until it was started, and for one that was brought along.
    job = models.OneToOneField(Job, models.PROTECT, null=True, blank=True, related_name="custom_model")
    # What was agreed to, word by word, and when; asked for pictures of people.
    consent_text = models.TextField(blank=True)
    consented_at = models.DateTimeField(null=True, blank=True)

    # The LoRA: its name in the storage, its checksum, its bytes. Empty until there is one.
    weights = models.CharField(max_length=200, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    size_bytes = models.PositiveBigIntegerField(default=0)
    rank = models.PositiveSmallIntegerField(null=True, blank=True)

    # How the training goes: [step, loss] pairs, and the seconds that it still takes.
    steps_done = models.PositiveIntegerField(default=0)
    steps_total = models.PositiveIntegerField(default=0)
    seconds_left = models.PositiveIntegerField(null=True, blank=True)
    loss_curve = models.JSONField(default=list, blank=True)
    # For the person: what happened and what to do.
    failure_reason = models.CharField(max_length=300, blank=True)

    # In the address that shares it; empty: nobody else sees it.
    share_token = models.CharField(max_length=43, null=True, blank=True, unique=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    finished_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[models.Manager["CustomModel"]] = models.Manager.from_queryset(CustomModelQuerySet)()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "trigger_word"],
                name="custom_model_one_per_trigger_word",
                condition=~Q(state="deleted") & ~Q(trigger_word=""),
            ),
            models.CheckConstraint(
                condition=~Q(state="ready") | (~Q(weights="") & ~Q(sha256="")), name="custom_model_ready_has_weights"
            ),
            models.CheckConstraint(
                condition=Q(state="deleted", deleted_at__isnull=False)
                | (~Q(state="deleted") & Q(deleted_at__isnull=True)),
                name="custom_model_deleted_has_time",
            ),
        ]
        indexes = [models.Index(fields=["owner", "-id"], name="custom_model_by_owner")]

    def __str__(self) -> str:
        return f"model {self.pk} {self.state}"

    @property
    def is_draft(self) -> bool:
        """Not started yet; everything can still be changed."""
        return self.state == self.State.DRAFT

    @property
    def is_training(self) -> bool:
        """Waiting for its training, or in it."""
        return self.state == self.State.TRAINING

    @property
    def is_ready(self) -> bool:
        """It can be used."""
        return self.state == self.State.READY

    @property
    def is_failed(self) -> bool:
        """Its training ended without a model."""
        return self.state == self.State.FAILED

    @property
    def is_uploaded(self) -> bool:
        """Brought along, not trained here."""
        return self.origin == self.Origin.UPLOADED

    @property
    def percent(self) -> int:
        """How far the training is, 0 to 100."""
        return 100 * self.steps_done // self.steps_total if self.steps_total else 0


class CustomModelPicture(models.Model):
    """One picture that a model learns from."""

    model = models.ForeignKey(CustomModel, models.CASCADE, related_name="pictures", db_index=False)
    upload = models.ForeignKey(Upload, models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField()
    # What else is to be seen in it, so that this is not learned as the subject; may be empty.
    caption = models.CharField(max_length=CAPTION_MAX_LENGTH, blank=True)
    # {"code", "message", "is_blocking"} each, as the last check found them.
    problems = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["model", "upload"], name="custom_model_picture_once")]

    def __str__(self) -> str:
        return f"picture {self.position} of {self.model_id}"


class CustomModelSample(models.Model):
    """A picture that the model drew during its training, to be looked at."""

    model = models.ForeignKey(CustomModel, models.CASCADE, related_name="samples", db_index=False)
    # After which quarter of the training, 1 to 4; and which of its prompts, from 0.
    quarter = models.PositiveSmallIntegerField()
    position = models.PositiveSmallIntegerField(default=0)
    prompt = models.CharField(max_length=200)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    file = models.CharField(max_length=200)
    thumbnail = models.CharField(max_length=200)
    placeholder = models.CharField(max_length=600, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["quarter", "position"]
        constraints = [
            models.UniqueConstraint(fields=["model", "quarter", "position"], name="custom_model_sample_once")
        ]

    def __str__(self) -> str:
        return f"sample {self.quarter}.{self.position} of {self.model_id}"

    @property
    def files(self) -> tuple[str, str]:
        """Storage keys of everything that belongs to it."""
        return (self.file, self.thumbnail)


class CustomModelGuest(models.Model):
    """A person who took a shared model to their own pages; it holds while the model's link is the one they followed."""

    model = models.ForeignKey(CustomModel, models.CASCADE, related_name="guests", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    share_token = models.CharField(max_length=43)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["model", "user"], name="custom_model_guest_once")]

    def __str__(self) -> str:
        return f"guest {self.user_id} of {self.model_id}"
