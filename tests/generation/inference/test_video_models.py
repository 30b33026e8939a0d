"""Videos by the models that were made for them, at toy size."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from generation.engine.backend import Pixels
from generation.engine.options import END_IMAGE, IMAGE, ImageToVideoOptions
from generation.engine.protocol import BatchRequest
from generation.inference.errors import InvalidRequest, PassCanceled
from generation.inference.loading import LoadedModel
from generation.inference.pipeline_cache import PipelineCache
from tests.generation.inference import toy_videos
from tests.generation.inference.conftest import CPU, load_model
from tests.generation.inference.passes import Listener, disc, edit, request_for

SOURCE, OTHER = disc(40, 60), disc(60, 40, (250, 240, 20))
OPTIONS = ImageToVideoOptions(9, 8, 0.5)

Toys = Callable[[str], LoadedModel]


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Toys:
    """Return what gives the loaded toy of a family."""
    folder = tmp_path_factory.mktemp("videos")

    @cache
    def load(family: str) -> LoadedModel:
        toy_videos.SAVE[family](folder / family)
        return load_model(toy_videos.spec_of(folder / family, family))

    return load


def asked(model: LoadedModel, folder: Path, inputs: Mapping[str, Pixels] | None = None, **changes: Any) -> BatchRequest:
    """Ask for one video of 32 × 64 pixels."""
    family = model.spec.family
    facts = {
        "width": 32,
        "height": 64,
        "scheduler": toy_videos.SCHEDULERS[family],
        "prompts": ["a red fox" if family == "ltx-video" else ""],
        "num_inference_steps": 2,
        **changes,
    }
    options = facts.pop("options", OPTIONS)
    return request_for(model, "image-to-video", options, [inputs or {IMAGE: SOURCE}], folder, **facts)


@pytest.mark.parametrize("family", toy_videos.SAVE)
def test_a_video_has_the_frames_and_the_size_that_were_asked_for(family: str, toy: Toys, tmp_path: Path) -> None:
    listener = Listener()
    (frames,) = edit(toy(family), asked(toy(family), tmp_path), listener)
    assert frames.shape == (9, 64, 32, 3)
    assert frames.dtype == np.uint8
    assert listener.steps == [(1, 2), (2, 2)]
    (again,) = edit(toy(family), asked(toy(family), tmp_path))
    assert (frames == again).all()


@pytest.mark.parametrize("family", toy_videos.SAVE)
def test_the_picture_and_the_motion_decide_the_frames(family: str, toy: Toys, tmp_path: Path) -> None:
    model = toy(family)
    (frames,) = edit(model, asked(model, tmp_path))
    (of_other,) = edit(model, asked(model, tmp_path, {IMAGE: OTHER}))
    (livelier,) = edit(model, asked(model, tmp_path, options=ImageToVideoOptions(9, 8, 1.0)))
    assert (frames != of_other).any()
    assert (frames != livelier).any()


def test_a_cancel_is_heard_between_two_steps(toy: Toys, tmp_path: Path) -> None:
    model = toy("stable-video-diffusion")
    with pytest.raises(PassCanceled):
        edit(model, asked(model, tmp_path), Listener(cancel_after=1))


def test_an_end_is_kept_to_by_the_model_that_can(toy: Toys, tmp_path: Path) -> None:
    model = toy("ltx-video")
    both = {IMAGE: SOURCE, END_IMAGE: OTHER}
    (frames,) = edit(model, asked(model, tmp_path, both))
    (without,) = edit(model, asked(model, tmp_path))
    assert (frames != without).any()
    svd = toy("stable-video-diffusion")
    with pytest.raises(InvalidRequest, match="end_image"):
        edit(svd, asked(svd, tmp_path, both))


def test_what_a_model_cannot_take_is_refused(toy: Toys, tmp_path: Path) -> None:
    svd, ltx = toy("stable-video-diffusion"), toy("ltx-video")
    with pytest.raises(InvalidRequest, match="prompt"):
        edit(svd, asked(svd, tmp_path, prompts=["a red fox"]))
    with pytest.raises(InvalidRequest, match="frames"):
        edit(ltx, asked(ltx, tmp_path, options=ImageToVideoOptions(10, 8, 0.5)))


def test_a_model_for_videos_is_kept_warm_like_any_other(toy: Toys) -> None:
    spec = toy("stable-video-diffusion").spec
    models = PipelineCache(torch.device(CPU), 1 << 30)
    loaded = models.load(spec)
    assert loaded is not None
    assert loaded.size_bytes == models.size_bytes > 0
    assert models.load(spec) is None
    assert models.resident == (spec.slug,)
