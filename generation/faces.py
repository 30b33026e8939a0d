"""What a run shows while it waits, while it is drawn and when it has ended: its tiles, its words, its pace.

Reads only. A job's status becomes one of six faces; templates/generation/_run_<face>.html draws each.
"""

import hashlib
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext

from accounts.compiled import Compiled
from accounts.models import User
from generation import once_more, params, progress, queue_line, setting_words
from generation.catalog import MODELS
from generation.models import Image, Job
from generation.once_more import Offer
from generation.progress import Progress

_POLL_SECONDS = 1
_POLL_WAITING_SECONDS = 3
# An estimate from fewer steps than this swings too much to be shown.
_STEPS_TO_JUDGE_BY = 3


@dataclass(frozen=True)
class Tile:
    """One picture's place. Without `image` it waits, shows `preview` (base64 WebP), or stays empty."""

    index: int
    image: Image | None = None
    preview: str = ""


@dataclass(frozen=True)
class Frame:
    """The size that a tile's place is kept for."""

    width: int
    height: int


@dataclass(frozen=True)
class RunFace:
    """A run as it is shown now."""

    job: Job
    tiles: list[Tile]
    place: int | None
    progress: Progress | None
    # What it costs to send it once more, when it has ended; None where a policy refused it.
    again: Offer | None = None

    @property
    def face(self) -> str:
        """One of waiting, working, done, part, failed, canceled."""
        match self.job.status:
            case Job.Status.NEW:
                return "waiting"
            case Job.Status.PROCESSING:
                return "working"
            case Job.Status.CANCELED:
                return "canceled"
            case Job.Status.FAILED:
                return "failed"
        return "part" if self.job.is_partial else "done"

    @property
    def is_refused(self) -> bool:
        """Whether a policy refused the run, which trying again does not change."""
        return self.job.error_code == "blocked"

    @property
    def ready(self) -> int:
        """Pictures that have arrived."""
        return self.job.images_stored

    @property
    def missing(self) -> int:
        """Pictures that an ended run did not bring."""
        return 0 if self.job.is_active else self.job.num_images - self.job.images_stored

    @property
    def missing_places(self) -> range:
        """One for each missing picture."""
        return range(self.missing)

    @property
    def deleted(self) -> int:
        """Pictures that were taken out of the library since."""
        return self.job.images_stored - sum(tile.image is not None for tile in self.tiles)

    @property
    def credits_back(self) -> int:
        """Credits that were set aside and came back."""
        return 0 if self.job.is_active else self.job.credits - self.job.credits_charged

    @property
    def frame(self) -> Frame:
        """The size every picture of the run has."""
        stored = self.job.params
        return Frame(stored.get("result_width", stored["width"]), stored.get("result_height", stored["height"]))

    @property
    def time_left(self) -> str:
        """About how long the drawing still takes, in words; empty when nobody can tell."""
        now, job = self.progress, self.job
        if now is None or job.started_at is None or now.step < _STEPS_TO_JUDGE_BY:
            return ""
        elapsed = (timezone.now() - job.started_at).total_seconds()
        seconds = max(1, round(elapsed / now.step * (now.of - now.step)))
        return (
            gettext("about %(seconds)s s left") % {"seconds": seconds}
            if seconds < 100
            else gettext("about %(minutes)s min left") % {"minutes": round(seconds / 60)}
        )

    @property
    def took(self) -> timedelta | None:
        """From the start of the drawing to its end."""
        job = self.job
        return job.finished_at - job.started_at if job.finished_at and job.started_at else None

    @property
    def poll_seconds(self) -> int | None:
        """How often the page asks again; None when nothing changes any more."""
        if not self.job.is_active:
            return None
        return _POLL_SECONDS if self.face == "working" or self.place == 1 else _POLL_WAITING_SECONDS

    @property
    def served_by(self) -> str:
        """Name of the model that draws."""
        return model_name(self.job.served_by)

    @property
    def is_alias(self) -> bool:
        """Whether the run asked for a name that another model answers to."""
        return self.job.model != self.job.served_by

    @property
    def scheduler(self) -> str:
        """Name of the scheduler."""
        slug = str(self.job.params["scheduler"])
        return params.SCHEDULER_NAMES.get(slug, slug)

    @property
    def own_settings(self) -> list[str]:
        """What its task has set beside what all runs have, in words."""
        return setting_words.own_settings(self.job.task, self.job.params)

    @property
    def state_tag(self) -> str:
        """A hash of all that can change on the page: equal tags, equal pictures and words."""
        now = self.progress
        facts = (
            self.job.pk,
            self.job.status,
            self.job.images_stored,
            self.job.attempt,
            self.place,
            [tile.image.pk if tile.image else tile.preview for tile in self.tiles],
            (now.step, now.of) if now else None,
            self.again,
        )
        return hashlib.sha256(repr(facts).encode()).hexdigest()[:24]


def face_of(job: Job, user: User) -> RunFace:
    """Return how a run of this person's, with its prefetched pictures, looks now."""
    return faces_of([job], user)[0]


def faces_of(jobs: Iterable[Job], user: User) -> list[RunFace]:
    """Return how runs of this person's, with their prefetched pictures, look now.

    The queue is read once for all of them, and so are the pictures that those begin from which can be sent once more.
    """
    jobs = list(jobs)
    places = _places([job.pk for job in jobs if job.status == Job.Status.NEW])
    offers = once_more.offers_of((job for job in jobs if not job.is_active and job.error_code != "blocked"), user)
    return [_face(job, places.get(job.pk), offers.get(job.pk)) for job in jobs]


def model_name(slug: str) -> str:
    """Return a model's name; the slug of one that is no longer in the catalogue."""
    model = MODELS.get(slug)
    return model.name if model else slug


def _face(job: Job, place: int | None, again: Offer | None) -> RunFace:
    now = progress.read(job.pk) if job.status == Job.Status.PROCESSING else None
    # A run of which nothing is stored has no pictures to ask for: not the one that was sent off just now.
    images = {image.index: image for image in job.images.all()} if job.images_stored else {}
    if not job.is_active:
        tiles = [Tile(index, image) for index, image in sorted(images.items())]
        return RunFace(job, tiles, None, None, again)
    previews = now.previews if now else {}
    tiles = [Tile(index, images.get(index), previews.get(index, "")) for index in range(job.num_images)]
    return RunFace(job, tiles, place, now)


def _places(waiting: list[uuid.UUID]) -> dict[uuid.UUID, int]:
    """Return each waiting run's place in the queue, 1 being next."""
    if not waiting:
        return {}
    if len(waiting) == 1:  # the one that was sent off just now, or is asked for again and again
        rows: Iterable[Job] = _with_place.rows(pk=waiting[0])
    else:
        rows = Job.objects.filter(pk__in=waiting).with_place().only("pk")
    places = {job.pk: queue_line.place_of(job) for job in rows}
    return {pk: place for pk, place in places.items() if place is not None}


_with_place = Compiled(lambda pk: Job.objects.filter(pk=pk).with_place(), pk=uuid.UUID)
