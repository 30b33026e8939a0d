"""A subject is learned, what was interrupted goes on as if it had not been, and the base model stays as it was."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from generation.engine.training import QUARTERS, Checkpointed, Prepared, Sampled, TrainingStep
from generation.inference.dreambooth import CHECKPOINT, CLASS, train
from generation.inference.errors import InvalidRequest, NotLearned, PassCanceled
from generation.inference.loading import LoadedModel
from tests.generation.engine.test_scratch import fill_disk_under
from tests.generation.inference.trainings import RECIPE, Notes, request_of

Models = Callable[[str], LoadedModel]


def weights_of(path: Path) -> dict[str, torch.Tensor]:
    """Return a LoRA's tensors."""
    tensors: dict[str, torch.Tensor] = load_file(path)
    return tensors


@pytest.mark.parametrize("family", ["stable-diffusion", "stable-diffusion-xl"])
def test_the_loss_falls_and_the_lora_changes_the_pictures(family: str, toy_model: Models, tmp_path: Path) -> None:
    model, notes = toy_model(family), Notes()
    before = picture_of(model)

    trained = train(model, request_of(tmp_path, family, replace(RECIPE, steps=25, checkpoint_seconds=60)), notes)

    losses = [loss for _, loss in trained.losses]
    assert min(losses[-5:]) < losses[0]
    assert np.array_equal(picture_of(model), before)
    model.pipeline.load_lora_weights(trained.path)
    try:
        assert not np.array_equal(picture_of(model), before)
    finally:
        model.pipeline.unload_lora_weights()


def test_it_tells_how_it_goes(toy_model: Models, tmp_path: Path) -> None:
    notes = Notes()
    trained = train(toy_model("stable-diffusion"), request_of(tmp_path), notes)

    assert [event.done for event in notes.of(Prepared)] == [0, 3]
    last = notes.of(TrainingStep)[-1]
    assert (last.step, last.of, last.seconds_left) == (8, 8, 0)
    assert [event.step for event in notes.of(Checkpointed)] == list(range(1, 9))
    samples = notes.of(Sampled)
    assert [(event.quarter, event.prompt) for event in samples] == [(q + 1, "a zorb toy") for q in range(QUARTERS)]
    assert all(np.load(event.path).shape == (32, 32, 3) for event in samples)
    assert {key.split(".")[0] for key in weights_of(Path(trained.path))} == {"unet"}


def test_whoever_is_interrupted_ends_where_the_uninterrupted_one_does(toy_model: Models, tmp_path: Path) -> None:
    model = toy_model("stable-diffusion")
    whole = train(model, request_of(tmp_path / "whole"), Notes())
    request = request_of(tmp_path / "parts")
    # In the pictures of the class, in a quarter's samples, between two steps.
    for at in (4, 8, 8):
        notes = Notes(cancel_at=at)
        with pytest.raises(PassCanceled):
            train(model, request, notes)
    notes = Notes()
    parts = train(model, request, notes)

    first = notes.of(Checkpointed)[0].step
    assert first > 0
    assert {event.quarter for event in notes.of(Sampled)} == {1, 2, 3, 4}
    assert notes.of(TrainingStep)[-1].losses == whole.losses == parts.losses
    for name, tensor in weights_of(Path(whole.path)).items():
        torch.testing.assert_close(weights_of(Path(parts.path))[name], tensor)


def test_class_pictures_are_drawn_once(toy_model: Models, tmp_path: Path) -> None:
    model, request = toy_model("stable-diffusion"), request_of(tmp_path)
    train(model, request, Notes())
    written = (Path(request.folder) / CLASS).stat().st_mtime_ns
    (Path(request.folder) / CHECKPOINT).unlink()

    notes = Notes()
    train(model, request, notes)

    assert [event.done for event in notes.of(Prepared)] == [3]
    assert (Path(request.folder) / CLASS).stat().st_mtime_ns == written


def test_another_recipe_starts_over(toy_model: Models, tmp_path: Path) -> None:
    model, request = toy_model("stable-diffusion"), request_of(tmp_path)
    train(model, request, Notes())
    notes = Notes()

    train(model, replace(request, recipe=replace(RECIPE, rank=2)), notes)

    assert notes.of(Checkpointed)[0].step == 1


def test_other_weights_of_the_base_start_over(toy_model: Models, tmp_path: Path) -> None:
    model, request = toy_model("stable-diffusion"), request_of(tmp_path, base_sha256="a" * 64)
    train(model, request, Notes())
    notes = Notes()

    train(model, replace(request, base_sha256="b" * 64), notes)

    # The pictures of the class too are the other weights' own.
    assert [event.done for event in notes.of(Prepared)] == [0, 3]
    assert notes.of(Checkpointed)[0].step == 1


def test_a_full_disk_leaves_the_last_checkpoint(toy_model: Models, tmp_path: Path) -> None:
    model, request = toy_model("stable-diffusion"), request_of(tmp_path)
    with pytest.raises(PassCanceled):
        train(model, request, Notes(cancel_at=9))
    fill_disk_under(Path(request.folder) / CHECKPOINT)

    with pytest.raises(OSError, match="No space left"):
        train(model, request, Notes())

    notes = Notes()
    train(model, request, notes)
    assert notes.of(Checkpointed)[0].step > 0
    assert notes.of(TrainingStep)[-1].step == 8


def test_gradient_checkpointing_changes_nothing_but_memory(toy_model: Models, tmp_path: Path) -> None:
    model = toy_model("stable-diffusion")
    plain = train(model, request_of(tmp_path / "a"), Notes())
    saving = train(model, request_of(tmp_path / "b", recipe=replace(RECIPE, gradient_checkpointing=True)), Notes())
    for name, tensor in weights_of(Path(plain.path)).items():
        torch.testing.assert_close(weights_of(Path(saving.path))[name], tensor)


def test_without_class_pictures_the_subject_alone_is_learned(toy_model: Models, tmp_path: Path) -> None:
    request = request_of(tmp_path, recipe=replace(RECIPE, class_pictures=0), class_prompts=())
    trained = train(toy_model("stable-diffusion"), request, Notes())
    assert len(trained.losses) > 1
    assert not (tmp_path / "training" / CLASS).exists()


def test_a_loss_that_is_no_number_ends_it(toy_model: Models, tmp_path: Path) -> None:
    recipe = replace(RECIPE, learning_rate=1.0, steps=60, prior_weight=1e39)
    with pytest.raises(NotLearned):
        train(toy_model("stable-diffusion"), request_of(tmp_path, recipe=recipe), Notes())


def test_a_family_that_is_not_trained_is_refused(toy_model: Models, tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="family"):
        train(toy_model("flux"), request_of(tmp_path, "flux"), Notes())


def test_the_recipe_of_all_layers_reaches_the_convolutions(toy_model: Models, tmp_path: Path) -> None:
    request = request_of(tmp_path, recipe=replace(RECIPE, layers="all", steps=1))
    trained = train(toy_model("stable-diffusion"), request, Notes())
    names = weights_of(Path(trained.path))
    assert any(".conv1.lora_A" in name for name in names)
    assert any(".to_q.lora_A" in name for name in names)


def picture_of(model: LoadedModel) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """Draw the subject's prompt from one seed."""
    with torch.inference_mode():
        drawn = model.pipeline(
            prompt="a zorb toy",
            width=32,
            height=32,
            num_inference_steps=2,
            generator=torch.Generator().manual_seed(1),
            output_type="np",
        ).images
    return np.asarray(drawn)
