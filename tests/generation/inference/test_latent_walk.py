"""Videos by a model that draws pictures: they begin with the picture, move smoothly, and come back or arrive."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from generation.engine.backend import Pixels
from generation.engine.options import END_IMAGE, IMAGE, ImageToVideoOptions, TextToImageOptions
from generation.engine.protocol import ModelSpec
from generation.inference.errors import PassCanceled
from generation.inference.loading import LoadedModel
from tests.generation.engine.asking import STARTER
from tests.generation.inference.conftest import load_model
from tests.generation.inference.passes import Listener, difference, disc, edit, request_for


@pytest.fixture(scope="module")
def starter() -> LoadedModel:
    return load_model(ModelSpec("starter", "stable-diffusion", str(STARTER), "float32", "minilm"))


def video(
    model: LoadedModel, folder: Path, inputs: dict[str, Pixels], options: ImageToVideoOptions, **changes: Any
) -> Pixels:
    listener = changes.pop("listener", None)
    (frames,) = edit(model, request_for(model, "image-to-video", options, [inputs], folder, **changes), listener)
    return frames


def step_sizes(frames: Pixels) -> np.ndarray:
    return np.asarray(np.abs(np.diff(frames.astype(float), axis=0)).mean((1, 2, 3)))


def test_a_fox_moves_smoothly_and_stays_the_fox(starter: LoadedModel, tmp_path: Path) -> None:
    facts = {"width": 128, "height": 128, "num_inference_steps": 8, "guidance_scale": 2.5}
    (fox,) = edit(starter, request_for(starter, "text-to-image", TextToImageOptions(), [{}], tmp_path, **facts))
    frames = video(starter, tmp_path, {IMAGE: fox}, ImageToVideoOptions(16, 8, 0.5), **facts)
    assert frames.shape == (16, 128, 128, 3)
    assert np.abs(frames[0].astype(float) - fox).mean() < 2
    steps = step_sizes(np.concatenate([frames, frames[:1]]))
    # Of 255, a sixteenth of a loop at a time; the loop's end goes on into its beginning.
    assert 0.3 < steps.mean() < 5
    assert steps.max() < 3 * np.median(steps)
    likeness = [np.corrcoef(frame.ravel(), fox.ravel())[0, 1] for frame in frames]
    assert min(likeness) > 0.8


@pytest.mark.parametrize("family", ["stable-diffusion"])
def test_frames_depend_on_seed_words_and_motion(
    family: str, toy_model: Callable[[str], LoadedModel], tmp_path: Path
) -> None:
    model, source = toy_model(family), {IMAGE: disc(40, 60)}
    frames = video(model, tmp_path, source, ImageToVideoOptions(6, 8, 0.5))
    assert frames.shape == (6, 48, 32, 3)
    assert (frames == video(model, tmp_path, source, ImageToVideoOptions(6, 8, 0.5))).all()
    assert difference(frames, video(model, tmp_path, source, ImageToVideoOptions(6, 8, 0.5), prompts=["snow"])) > 0
    livelier = video(model, tmp_path, source, ImageToVideoOptions(6, 8, 1.0))
    assert np.abs(livelier - frames.astype(float)).mean() > 0
    still = video(model, tmp_path, source, ImageToVideoOptions(6, 8, 0.0))
    assert step_sizes(still).mean() < step_sizes(livelier).mean()


def test_a_video_with_an_end_arrives_there(starter: LoadedModel, tmp_path: Path) -> None:
    start, end = disc(128, 128), disc(128, 128, (250, 240, 20), (20, 90, 20))
    facts = {"width": 128, "height": 128, "num_inference_steps": 6, "guidance_scale": 2.5, "prompts": [""]}
    both = {IMAGE: start, END_IMAGE: end}
    frames = video(starter, tmp_path, both, ImageToVideoOptions(7, 8, 0.5), **facts).astype(float)
    away, near = (np.abs(frames - each).mean((1, 2, 3)) for each in (start, end))
    assert away[0] < 3
    assert near[-1] < 3
    assert (np.diff(near) < 0).all()


def test_it_shows_how_far_it_is_and_hears_a_cancel(toy_model: Callable[[str], LoadedModel], tmp_path: Path) -> None:
    model, options, listener = toy_model("stable-diffusion"), ImageToVideoOptions(10, 8, 0.5), Listener()
    video(model, tmp_path, {IMAGE: disc(32, 48)}, options, listener=listener)
    # Four steps, half of them back to noise and then drawn in two parts.
    assert listener.steps == [(step, 6) for step in range(1, 7)]
    assert listener.previews == ["job:0"] * 2
    with pytest.raises(PassCanceled):
        video(model, tmp_path, {IMAGE: disc(32, 48)}, options, listener=Listener(cancel_after=3))
