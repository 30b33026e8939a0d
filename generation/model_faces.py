"""How a person's own model looks now: what its page and its card show, and when the page asks again."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext

from accounts.models import User
from generation import base_weights, catalog, image_check, own_models, progress
from generation.loss_plot import LossPlot, plot_of
from generation.models import CustomModel, CustomModelSample, Job
from generation.progress import Progress

_POLL_SECONDS = 2


@dataclass(frozen=True)
class Quarter:
    """What a model drew when a quarter more of its training was done."""

    number: int
    samples: list[CustomModelSample]

    @property
    def title(self) -> str:
        """How far it was."""
        return (
            gettext("At the end")
            if self.number == 4
            else gettext("After %(percent)s %%") % {"percent": 25 * self.number}
        )


@dataclass(frozen=True)
class ModelFace:
    """A model with its prefetched samples."""

    model: CustomModel
    # Whether somebody else than its owner looks.
    is_shared: bool = False

    @property
    def base_name(self) -> str:
        """What people call the model that it changes."""
        base = catalog.MODELS.get(self.model.base_model)
        return base.name if base else self.model.base_model

    @cached_property
    def quarters(self) -> list[Quarter]:
        """Its samples, the latest quarter first.

        Others see none where only the engine's safety checker looks at pictures: it has not seen samples.
        """
        if self.is_shared and image_check.engines_tool() is not None:
            return []
        by_quarter: dict[int, list[CustomModelSample]] = {}
        for sample in sorted(self.model.samples.all(), key=lambda one: one.position):
            by_quarter.setdefault(sample.quarter, []).append(sample)
        return [Quarter(number, by_quarter[number]) for number in sorted(by_quarter, reverse=True)]

    @property
    def picture(self) -> str:
        """The storage key of what shows it on its card: a sample, else the first picture it learns from."""
        if self.is_shared and not self.quarters:
            return ""
        if found := own_models.picture_of(self.model):
            return found
        pictures = sorted(self.model.pictures.all(), key=lambda one: one.position)
        return pictures[0].upload.thumbnail if pictures else ""

    @cached_property
    def plot(self) -> LossPlot | None:
        """How the loss went."""
        return plot_of(self.model.loss_curve)

    @cached_property
    def is_outdated(self) -> bool:
        """Whether its base got other weights since it was made."""
        return self.model.is_ready and base_weights.was_replaced(self.model)

    @cached_property
    def is_base_gone(self) -> bool:
        """Whether it is ready, and cannot draw all the same: its base is not offered here any more."""
        return self.model.is_ready and not own_models.is_base_here(self.model)

    @property
    def is_interrupted(self) -> bool:
        """Begun, interrupted, and waiting to go on."""
        return self.is_waiting and self.model.job is not None and self.model.job.attempt > 0

    @property
    def is_waiting(self) -> bool:
        """Ordered, and not begun."""
        job = self.model.job
        return self.model.is_training and job is not None and job.status == Job.Status.NEW

    @property
    def waits_for_disk(self) -> bool:
        """Interrupted because the disk was full, and tried again from time to time."""
        job = self.model.job
        return self.is_waiting and job is not None and job.disk_full_since is not None

    @cached_property
    def prepared(self) -> Progress | None:
        """How many ordinary pictures are drawn of those that a training needs; None once it takes steps, or waits."""
        job = self.model.job
        if job is None or not self.model.is_training or self.is_waiting or self.model.steps_total:
            return None
        found = progress.read(job.pk)
        return found if found and found.of else None

    @property
    def time_left(self) -> str:
        """About how long the training still takes; empty while nobody can tell, or it waits."""
        seconds = self.model.seconds_left
        if seconds is None or self.is_waiting:
            return ""
        return (
            gettext("about %(seconds)s s left") % {"seconds": max(1, seconds)}
            if seconds < 100
            else gettext("about %(minutes)s min left") % {"minutes": round(seconds / 60)}
        )

    @property
    def poll_seconds(self) -> int | None:
        """How often the page asks again; None when nothing changes by itself."""
        return _POLL_SECONDS if self.model.is_training else None

    @property
    def state_tag(self) -> str:
        """A hash of all that can change by itself on the page."""
        model = self.model
        facts = (
            model.pk, model.state, model.name, model.steps_done, model.steps_total, model.seconds_left, model.sha256,
            len(model.loss_curve), [sample.pk for quarter in self.quarters for sample in quarter.samples],
            model.job.status if model.job else "", self.waits_for_disk, self.prepared and self.prepared.step,
        )  # fmt: skip
        return hashlib.sha256(repr(facts).encode()).hexdigest()[:24]


def face_of(model: CustomModel, *, is_shared: bool = False) -> ModelFace:
    """Return how one model looks, to its owner or to somebody it is shared with."""
    return ModelFace(model, is_shared)


def cards_of(user: User) -> list[ModelFace]:
    """Return a person's own models, the newest first."""
    return _faces(CustomModel.objects.visible_to(user).newest_first())


def shared_cards_of(user: User) -> list[ModelFace]:
    """Return others' models that this person can draw with."""
    return _faces(CustomModel.objects.usable_by(user).exclude(owner=user).newest_first(), is_shared=True)


def _faces(models: Iterable[CustomModel], *, is_shared: bool = False) -> list[ModelFace]:
    found = CustomModel.objects.filter(pk__in=[model.pk for model in models]).newest_first()
    found = found.select_related("job").prefetch_related("samples", "pictures__upload")
    return [ModelFace(model, is_shared) for model in found]
