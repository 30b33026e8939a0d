"""A run: what was asked for, where it stands, what it costs. Its status is changed by `lifecycle.py` alone."""

from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Case, Count, Exists, F, OuterRef, Q, Subquery, When
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.ids import uuid7
from accounts.models import ApiKey, User
from billing.models import CreditHold, Product
from generation.models.queue_place import QueuePlace, QueueTurn
from generation.task_names import REPRODUCTION, TRAINING, name_of

REF_MAX_LENGTH = 120


class JobQuerySet(models.QuerySet["Job"]):
    """Rules about sets of runs."""

    def visible_to(self, user: User) -> "JobQuerySet":
        """Runs of pictures that this person may see: their own. Trainings are seen with their models."""
        return self.pictures().filter(user=user)

    def pictures(self) -> "JobQuerySet":
        """Runs that pictures come of."""
        return self.exclude(task__in=(TRAINING, REPRODUCTION))

    def trainings(self) -> "JobQuerySet":
        """Runs that train a model."""
        return self.filter(task=TRAINING)

    def of_product(self, product: Product) -> "JobQuerySet":
        """Runs that came in by this door and were not deleted."""
        return self.filter(product=product, deleted_at__isnull=True)

    def late(self) -> "JobQuerySet":
        """Waiting runs whose sender wanted them no more by now."""
        return self.waiting().filter(cancel_after__lte=timezone.now())

    def waiting(self) -> "JobQuerySet":
        """Runs that no worker has taken yet."""
        return self.filter(status=Job.Status.NEW)

    def startable(self, now: datetime | None = None) -> "JobQuerySet":
        """Waiting runs whose owner's plan has a place free; `running` and `places` say how many are taken of how many.

        `places` is None where no plan limits them.
        """
        running = Job.objects.filter(user=OuterRef("user"), status=Job.Status.PROCESSING, slot__isnull=False)
        count = running.order_by().values("user").annotate(count=Count("pk")).values("count")
        places = {"running": Coalesce(Subquery(count), 0), "places": F("hold__wallet__plan__jobs_at_once")}
        wanted = Q(cancel_after__isnull=True) | Q(cancel_after__gt=now or timezone.now())
        has_place = Q(places__isnull=True) | Q(running__lt=F("places"))
        return self.waiting().exclude(task=TRAINING).filter(wanted).annotate(**places).filter(has_place)

    def in_turn(self) -> "JobQuerySet":
        """Waiting runs in the order of service: whoever was served longest ago first, then the oldest.

        Nobody's backlog keeps another person waiting for more than one batch.
        """
        served = Job.objects.filter(user=OuterRef("user"), started_at__isnull=False)
        last_served = served.order_by("-started_at").values("started_at")[:1]
        return (
            self.waiting()
            .annotate(last_served_at=Subquery(last_served))
            .order_by(F("last_served_at").asc(nulls_first=True), "queued_at", "id")
        )

    def trainings_in_turn(self) -> "JobQuerySet":
        """Waiting trainings in the order of service: begun ones first, and nobody's second before another's first.

        Left out are those that failed a moment ago and are tried again later.
        """
        served = Job.objects.trainings().filter(user=OuterRef("user"), started_at__isnull=False)
        last_served = served.order_by("-started_at").values("started_at")[:1]
        running = Job.objects.trainings().filter(user=OuterRef("user"), status=Job.Status.PROCESSING)
        order = (F("last_served_at").asc(nulls_first=True), "queued_at", "id")
        return (
            self.waiting()
            .trainings()
            .filter(queued_at__lte=timezone.now())
            .annotate(last_served_at=Subquery(last_served), has_running=Exists(running))
            .order_by("has_running", F("started_at").asc(nulls_last=True), *order)
        )

    def with_place(self) -> "JobQuerySet":
        """Runs with what `queue_line.place_of` tells their place in the queue from."""
        counted = {"place_counted": QueuePlace(), "turn_counted": QueueTurn()}
        new = {name: Case(When(status=Job.Status.NEW, then=count), default=None) for name, count in counted.items()}
        return self.annotate(**new)

    def lost(self) -> "JobQuerySet":
        """Runs whose worker has not renewed its lease in time."""
        return self.filter(status=Job.Status.PROCESSING, lease_expires_at__lt=timezone.now())


class Job(models.Model):
    """One press of the button: 1–10 pictures with the same settings."""

    class Status(models.TextChoices):
        NEW = "NEW", _("Waiting")
        PROCESSING = "PROCESSING", _("In progress")
        FINISHED = "FINISHED", _("Finished")
        FAILED = "FAILED", _("Failed")
        CANCELED = "CANCELED", _("Canceled")

    ACTIVE = (Status.NEW, Status.PROCESSING)

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="jobs")
    # Empty: made with a test key, which costs nothing.
    hold = models.OneToOneField(CreditHold, models.PROTECT, null=True, blank=True, related_name="job")
    # The same form posted twice (a double click, Back and again) has the same key: one job, one charge. An API
    # request that is sent again with its Idempotency-Key has it too, and must then say the same: `request_digest`.
    submit_key = models.CharField(max_length=64)
    request_digest = models.CharField(max_length=64, blank=True)

    product = models.CharField(max_length=8, choices=Product.choices, default=Product.SITE)
    # No index of its own: `job_by_key` begins with it.
    api_key = models.ForeignKey(ApiKey, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    is_test = models.BooleanField(default=False)
    # The caller's own name for it.
    ref = models.CharField(max_length=REF_MAX_LENGTH, blank=True)
    # Not started by then, it is canceled.
    cancel_after = models.DateTimeField(null=True, blank=True)

    task = models.CharField(max_length=32)
    model = models.CharField(max_length=64)
    served_by = models.CharField(max_length=64)
    params = models.JSONField()
    # Prompt and negative prompt of each picture, where alternatives were chosen; empty: those of `params` for all.
    words = models.JSONField(default=list, blank=True)
    num_images = models.PositiveSmallIntegerField()
    credits_per_image = models.PositiveIntegerField()
    pricing_version = models.PositiveSmallIntegerField()
    # Runs with equal keys can share one pass through the model.
    batch_key = models.CharField(max_length=64)

    status = models.CharField(max_length=10, choices=Status.choices, default=Status.NEW)
    attempt = models.PositiveSmallIntegerField(default=0)
    # The last attempt that brought the run further, of those that can go on where another was interrupted.
    fruitful_attempt = models.PositiveSmallIntegerField(default=0)
    # Since when a training waits for room on the disk; empty once it gets further.
    disk_full_since = models.DateTimeField(null=True, blank=True)
    # Which of the places that the person's plan has for running jobs this one has: two claims cannot take the same.
    slot = models.PositiveSmallIntegerField(null=True, blank=True)
    claimed_by = models.CharField(max_length=120, blank=True)
    lease_expires_at = models.DateTimeField(null=True, blank=True)
    images_stored = models.PositiveSmallIntegerField(default=0)
    error_code = models.CharField(max_length=32, blank=True)
    error_message = models.CharField(max_length=300, blank=True)

    created_at = models.DateTimeField(default=timezone.now, editable=False)
    queued_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    # Hidden at its owner's wish; the row stays for the ledger's lines.
    deleted_at = models.DateTimeField(null=True, blank=True)

    # Of the rows of `startable` alone: how many of the owner's places are taken, of how many.
    running: int
    places: int | None
    # Of the rows of `with_place` alone.
    place_counted: int | None
    turn_counted: int | None

    objects: ClassVar[models.Manager["Job"]] = models.Manager.from_queryset(JobQuerySet)()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "submit_key"], name="job_one_per_submit_key"),
            models.CheckConstraint(
                condition=Q(hold__isnull=False) | Q(is_test=True) | Q(task=REPRODUCTION),
                name="job_free_only_in_test",
            ),
            models.CheckConstraint(condition=Q(num_images__gte=1, num_images__lte=10), name="job_one_to_ten_images"),
            models.CheckConstraint(
                condition=Q(images_stored__lte=F("num_images")), name="job_stores_no_more_than_asked"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["NEW", "PROCESSING"], finished_at__isnull=True)
                | Q(status__in=["FINISHED", "FAILED", "CANCELED"], finished_at__isnull=False),
                name="job_ended_has_time",
            ),
            models.UniqueConstraint(
                fields=["user", "slot"], name="job_one_per_slot", condition=Q(status="PROCESSING", slot__isnull=False)
            ),
            models.CheckConstraint(
                condition=~Q(status="PROCESSING") | Q(lease_expires_at__isnull=False, started_at__isnull=False),
                name="job_processing_has_lease",
            ),
        ]
        indexes = [
            models.Index(fields=["user", "-id"], name="job_by_user"),
            models.Index(fields=["user", "task", "-id"], name="job_by_task"),
            # Where the models that somebody drew with are found one after another, without reading the runs.
            models.Index(fields=["user", "served_by"], name="job_by_model"),
            models.Index(fields=["user", "-started_at"], name="job_last_served"),
            models.Index(fields=["queued_at"], name="job_waiting", condition=Q(status="NEW")),
            models.Index(
                fields=["user", "product", "queued_at", "id"], name="job_waiting_by_user", condition=Q(status="NEW")
            ),
            models.Index(
                fields=["cancel_after"], name="job_late", condition=Q(status="NEW", cancel_after__isnull=False)
            ),
            models.Index(fields=["user", "-id"], name="job_api_by_user", condition=Q(product="api")),
            models.Index(fields=["finished_at"], name="job_api_ended", condition=Q(product="api")),
            models.Index(fields=["api_key", "created_at"], name="job_by_key", condition=Q(api_key__isnull=False)),
            models.Index(fields=["lease_expires_at"], name="job_leased", condition=Q(status="PROCESSING")),
            # All that the operators' figures by day read (`run_figures`); written once, when a run ends.
            models.Index(
                fields=["finished_at", "status", "error_code", "task", "created_at", "started_at"],
                name="job_ended_by_day",
                condition=Q(finished_at__isnull=False),
            ),
            # What operators search by.
            models.Index(fields=["error_code", "-id"], name="job_by_error", condition=~Q(error_code="")),
            models.Index(fields=["ref", "-id"], name="job_by_ref", condition=~Q(ref="")),
        ]

    def __str__(self) -> str:
        return f"{self.task} {self.pk} {self.status}"

    @property
    def reference(self) -> str:
        """How billing's rows name this run."""
        return f"job:{self.pk}"

    @property
    def credits(self) -> int:
        """The price that was quoted and set aside."""
        return self.num_images * self.credits_per_image

    @property
    def credits_charged(self) -> int:
        """What the delivered pictures cost; 0 while nothing has been settled."""
        return 0 if self.is_active else self.images_stored * self.credits_per_image

    @property
    def is_active(self) -> bool:
        """Waiting or running."""
        return self.status in self.ACTIVE

    @property
    def prompt(self) -> str:
        """What the person described."""
        return str(self.params.get("prompt", ""))

    @property
    def drawn_task(self) -> str:
        """What the engine does for it: its task, or that of the picture that it draws again."""
        return str(self.params["drawn_task"]) if self.task == REPRODUCTION else self.task

    @property
    def company(self) -> tuple[int, int]:
        """The place in a pass, and its size, that its picture is drawn at; (0, 1): whatever it is drawn with."""
        place, size = self.params.get("company") or (0, 1)
        return int(place), int(size)

    def words_of(self, index: int) -> list[str]:
        """Return prompt and negative prompt of the picture at `index`, as the model gets them."""
        return self.words[index] if self.words else [self.prompt, str(self.params.get("negative_prompt", ""))]

    @property
    def title(self) -> str:
        """What the run is called: its words, or what was done where it has none."""
        return self.prompt or name_of(self.task)

    @property
    def task_name(self) -> str:
        """What people call what was done."""
        return name_of(self.task)

    @property
    def is_partial(self) -> bool:
        """Ended with fewer pictures than were asked for."""
        return not self.is_active and 0 < self.images_stored < self.num_images
