"""What the video page shows: who makes videos, what each can, and the picture that it opens with.

The bounds themselves are `params.image_to_video`'s and the models'.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from accounts.models import User
from generation import catalog, editor, own_models, params, price_list
from generation.catalog import CatalogModel, Served
from generation.catalog_shapes import Video
from generation.editor import Branch, Opened
from generation.engine.options import END_IMAGE, FPS_MAX, FPS_MIN
from generation.own_models import OwnModel
from generation.params.image_to_video import MOTION_DEFAULT, MOTION_MAX, MOTION_MIN, SECONDS_MAX, SECONDS_MIN
from generation.pricing import TASK_WEIGHTS
from generation.task_names import VIDEO_TASK


@dataclass(frozen=True)
class VideoForm:
    """The form as the page begins; the first of `models` is chosen."""

    models: list[Served]
    opened: Opened | None
    end: Opened | None = None
    # Of a run whose settings were taken over, by their names.
    taken: Mapping[str, Any] = field(default_factory=dict)
    # Whether all the pictures of that run are still there.
    is_whole: bool = True
    is_advanced_open: bool = False
    # The person's own models, whatever they were made for; the page hides those of other models.
    own_models: list[OwnModel] = field(default_factory=list)
    has_other_own_models: bool = False
    errors: Mapping[str, str] = field(default_factory=dict)
    key: str = field(default_factory=lambda: uuid.uuid4().hex)

    @property
    def model(self) -> CatalogModel:
        """Who makes the video, if nobody else is chosen: who made the one before, or the first."""
        named = [served.model for served in self.models if served.slug == self.taken.get("model")]
        return named[0] if named else self.models[0].model

    @property
    def video(self) -> Video:
        """How its videos are."""
        assert self.model.video is not None, "only who can is offered"
        return self.model.video

    @property
    def usual_credits(self) -> int:
        """What one of its usual length costs."""
        return price_list.whole(self.model.price_weight * TASK_WEIGHTS[VIDEO_TASK])

    @property
    def task(self) -> str:
        """What is asked for."""
        return VIDEO_TASK

    @property
    def values(self) -> dict[str, Any]:
        """What stands in the fields."""
        usual = {"prompt": "", "motion": MOTION_DEFAULT, "seconds": self.video.default_seconds, "fps": "", "seed": ""}
        found = {**usual, **{name: value for name, value in self.taken.items() if name in usual}}
        return {**found, "fps": "" if found["fps"] == self.video.fps else found["fps"]}

    @property
    def bounds(self) -> dict[str, float]:
        """The bounds that inputs show."""
        return {
            "prompt": params.PROMPT_MAX_LENGTH,
            "seconds_min": SECONDS_MIN,
            "seconds_max": SECONDS_MAX,
            "fps_min": FPS_MIN,
            "fps_max": FPS_MAX,
            "motion_min": MOTION_MIN,
            "motion_max": MOTION_MAX,
            "seed_max": params.SEED_MAX,
        }


def form_of(opened: Opened | None, user: User, *, is_advanced_open: bool) -> VideoForm:
    """Return the form for a picture, or for none yet."""
    offered = [served for served in catalog.offered(VIDEO_TASK) if served.model.is_available]
    # Under one name each: aliases are for those who draw from words.
    able = [served for served in offered if served.slug == served.model.slug]
    usual = catalog.default_for(VIDEO_TASK)
    ordered = sorted(able, key=lambda served: served.slug != usual)
    return VideoForm(ordered, opened, is_advanced_open=is_advanced_open, own_models=_own_models(user, ordered, ""))


def branched(form: VideoForm, user: User, run_id: uuid.UUID) -> VideoForm:
    """Return the form with the pictures and settings of one of the person's runs. Raises: Job.DoesNotExist."""
    return _filled(form, user, editor.branch_from(user, run_id, [VIDEO_TASK]))


def recalled(form: VideoForm, user: User, image_id: uuid.UUID) -> VideoForm:
    """Return the form with all that one of the person's videos was made with. Raises: Image.DoesNotExist."""
    return _filled(form, user, editor.recall(user, image_id, [VIDEO_TASK]))


def _filled(form: VideoForm, user: User, branch: Branch) -> VideoForm:
    end = branch.values.get(END_IMAGE)
    end_image = editor.open_named(user, end) if end else None
    own = _own_models(user, form.models, own_models.text_of_run(branch.values))
    is_whole = branch.is_whole and bool(end) == bool(end_image)
    return replace(form, opened=branch.opened, end=end_image, taken=branch.values, own_models=own, is_whole=is_whole)


def _own_models(user: User, able: list[Served], chosen: str) -> list[OwnModel]:
    """Return the person's models that change one of those who make videos."""
    bases = {served.model.slug for served in able}
    return [own for own in own_models.choices(own_models.usable(user), chosen) if own.model.base_model in bases]
