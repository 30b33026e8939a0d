"""A picture: its files, its recipe, whose it is."""

from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Func, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.ids import uuid7
from accounts.models import User
from generation import wildcards, word_weights
from generation.models.environment import Environment
from generation.models.folder import Folder
from generation.models.job import Job
from generation.models.tag import Tag
from generation.task_names import VIDEO_TASK

if TYPE_CHECKING:
    from generation.models.clip import Clip


ALT_TEXT_MAX_LENGTH = 1000
RATING_MAX = 5


class ImageQuerySet(models.QuerySet["Image"]):
    """Rules about sets of pictures."""

    def visible_to(self, user: User) -> "ImageQuerySet":
        """Pictures this person may see: their own that are not deleted."""
        return self.filter(user=user, deleted_at__isnull=True)

    def in_trash_of(self, user: User) -> "ImageQuerySet":
        """Pictures this person deleted that can still be brought back; what a program deleted cannot."""
        return self.filter(user=user, deleted_at__isnull=False, purged_at__isnull=True, job__deleted_at__isnull=True)

    def kept_for(self, user: User) -> "ImageQuerySet":
        """Pictures that this person can still get at: in the library or in the trash."""
        return self.filter(Q(deleted_at__isnull=True) | Q(job__deleted_at__isnull=True), user=user, purged_at=None)

    def newest_first(self) -> "ImageQuerySet":
        """In the order of the library."""
        return self.order_by("-id")


class OldestOf(Subquery):
    """The id of the oldest among pictures of which a sliced query gives the ids."""

    template = "(SELECT * FROM (%(subquery)s) AS picture ORDER BY 1 LIMIT 1)"


class FirstOf(Func):
    """So many ids of two sliced queries: those of the first, and only where they are too few, those of the second.

    Both databases take the parts of UNION ALL one after the other and stop at LIMIT: the second is not begun before the
    first has ended.
    """

    template = "(SELECT * FROM (SELECT * FROM %(expressions)s AS later) AS found LIMIT %(most)s)"
    arg_joiner = " AS sooner UNION ALL SELECT * FROM "

    def __init__(self, first: models.QuerySet["Image", Any], second: models.QuerySet["Image", Any], most: int) -> None:
        """Take two queries of ids that have none in common."""
        super().__init__(Subquery(first), Subquery(second), output_field=models.UUIDField(), most=most)


class Licence(models.TextChoices):
    """What a picture may be used for."""

    PERSONAL = "personal", _("Personal use")
    COMMERCIAL = "commercial", _("Commercial use")


class Image(models.Model):
    """One picture of a run, with everything that is needed to make it again."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="images")
    job = models.ForeignKey(Job, models.PROTECT, related_name="images")
    index = models.PositiveSmallIntegerField()
    # Reproduces this picture alone, whatever batch it was made in.
    seed = models.BigIntegerField()
    # Its prompt and negative prompt, where the run's held alternatives; empty: as the run's.
    words = models.JSONField(default=list, blank=True)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    file = models.CharField(max_length=200)
    thumbnail_320 = models.CharField(max_length=200)
    thumbnail_640 = models.CharField(max_length=200)
    # A WebP of a few pixels, base64: stands in the right place and colour until the picture has loaded.
    placeholder = models.CharField(max_length=600)
    content_type = models.CharField(max_length=32)
    size_bytes = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    # Of its pixels alone, and with what they were drawn; unknown of pictures older than these columns.
    pixels_sha256 = models.CharField(max_length=64, blank=True)
    environment = models.ForeignKey(
        Environment, models.PROTECT, null=True, blank=True, related_name="+", db_index=False, editable=False
    )
    # Its place in the pass that drew it, and how many that drew: rounding goes by them. Unknown of older pictures.
    pass_place = models.PositiveSmallIntegerField(null=True, blank=True, editable=False)
    pass_size = models.PositiveSmallIntegerField(null=True, blank=True, editable=False)
    # What it may be used for, by the plan in force when it was made. These and the checksum are written once:
    # `written_once` has the database refuse every change.
    plan = models.CharField(max_length=32, default="free")
    licence = models.CharField(max_length=12, choices=Licence.choices, default=Licence.PERSONAL)
    # The model's own licence then (`catalog.LICENCES`); empty on pictures older than this column.
    model_licence = models.CharField(max_length=64, blank=True)
    # Made where plans are sold for no money: then nothing of the above is a licence.
    is_test = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    # What its owner says of it. No index of its own for the folder: `image_in_folder` begins with it.
    folder = models.ForeignKey(Folder, models.SET_NULL, null=True, blank=True, related_name="images", db_index=False)
    is_favourite = models.BooleanField(default=False)
    # Stars, 1 to 5; 0: none were given.
    rating = models.PositiveSmallIntegerField(default=0)
    tags = models.ManyToManyField(Tag, blank=True, related_name="images")
    # What it shows, for people who cannot see it; empty: its prompt says so.
    alt_text = models.CharField(max_length=ALT_TEXT_MAX_LENGTH, blank=True)

    deleted_at = models.DateTimeField(null=True, blank=True)
    # Brought back after its plan's time was over; from then it has a time of its own, once (`retention`).
    restored_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Its files are gone for good; the row stays for what it says about the licence.
    purged_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[models.Manager["Image"]] = models.Manager.from_queryset(ImageQuerySet)()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["job", "index"], name="image_one_per_place_in_job"),
            models.CheckConstraint(condition=Q(width__gt=0, height__gt=0), name="image_has_size"),
            models.CheckConstraint(condition=Q(rating__lte=RATING_MAX), name="image_rating_in_bounds"),
            models.CheckConstraint(
                condition=Q(purged_at__isnull=True) | Q(deleted_at__isnull=False), name="image_purged_is_deleted"
            ),
        ]
        indexes = [
            # With what the library's filters ask, so that a large library is filtered in the index alone.
            models.Index(
                fields=["user", "-id"],
                include=["width", "height", "seed", "rating", "is_favourite", "folder", "created_at", "job"],
                name="image_library",
                condition=Q(deleted_at__isnull=True),
            ),
            models.Index(fields=["folder", "-id"], name="image_in_folder", condition=Q(folder__isnull=False)),
            models.Index(
                fields=["user", "-id"], name="image_favourites", condition=Q(is_favourite=True, deleted_at__isnull=True)
            ),
            models.Index(
                fields=["deleted_at"], name="image_trash", condition=Q(deleted_at__isnull=False, purged_at__isnull=True)
            ),
            models.Index(
                fields=["user", "-id"],
                name="image_trash_of",
                condition=Q(deleted_at__isnull=False, purged_at__isnull=True),
            ),
            models.Index(fields=["created_at"], name="image_by_age", condition=Q(deleted_at__isnull=True)),
            models.Index(fields=["sha256"], name="image_by_checksum"),
        ]

    def __str__(self) -> str:
        return f"picture {self.pk}"

    @property
    def recipe(self) -> dict[str, Any]:
        """The run's settings with this picture's own seed and words: they make it alone, and it only."""
        own = dict(zip(("prompt", "negative_prompt"), map(wildcards.escape, self.words), strict=False))
        return {**self.job.params, **own, "seed": self.seed, "num_images": 1}

    @property
    def prompt(self) -> str:
        """What it was drawn from."""
        return self.words[0] if self.words else self.job.prompt

    @property
    def negative_prompt(self) -> str:
        """What was left out of it."""
        return self.words[1] if self.words else str(self.job.params.get("negative_prompt", ""))

    @property
    def title(self) -> str:
        """What it is called: its words, or what was done where it has none."""
        return self.prompt or self.job.task_name

    @property
    def description(self) -> str:
        """What it shows, in words: its owner's, or what it was drawn from, without a prompt's notation."""
        return self.alt_text or word_weights.plain(self.prompt) or self.job.task_name

    @property
    def video(self) -> "Clip | None":
        """The video that it is the first frame of; None of all but a video's. Reads its run and the video."""
        # Asked of the run first: of other pictures it is known without a query.
        clip: Clip | None = getattr(self, "clip", None) if self.job.task == VIDEO_TASK else None
        return clip

    @property
    def files(self) -> tuple[str, ...]:
        """Storage keys of everything that belongs to this picture. Reads its run and its video."""
        return (self.file, self.thumbnail_320, self.thumbnail_640, *(self.video.files if self.video else ()))
