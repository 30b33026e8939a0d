"""The Stable Diffusion safety checker at toy size: the real class, with concepts that are put where they are wanted."""

from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers.pipelines.stable_diffusion.safety_checker import StableDiffusionSafetyChecker

from generation.engine.backend import Pixels
from generation.inference.backend import DiffusersBackend
from generation.inference.safety_checker import SafetyChecker
from tests.generation.inference.toy_tools import save_safety_checker, tool_of

RED = np.full((64, 64, 3), (220, 20, 20), np.uint8)
BLUE = np.full((64, 64, 3), (20, 20, 220), np.uint8)


def checker(folder: Path, *, explicit: Pixels | None = None, child: Pixels | None = None) -> SafetyChecker:
    """Return a checker whose first concept is what it sees in one picture, and whose first child is in another."""
    save_safety_checker(folder)
    found: SafetyChecker = tool_of(folder, "safety-checker").tool
    network = found.network
    with torch.no_grad():
        for name, picture in (("concept", explicit), ("special_care", child)):
            getattr(network, f"{name}_embeds_weights").fill_(0.999)
            if picture is not None:
                seen = network.visual_projection(network.vision_model(found._shown(picture))[1])
                getattr(network, f"{name}_embeds")[0] = seen[0]
                getattr(network, f"{name}_embeds_weights")[0] = 0.998
    return found


def test_it_sees_the_concept_that_a_picture_is_near_to(tmp_path: Path) -> None:
    found = checker(tmp_path, explicit=RED)

    assert found.scores(RED)["sexual"] >= 0.5
    assert found.scores(BLUE)["sexual"] < 0.5
    assert found.scores(RED)["minors"] < 0.5


def test_a_child_counts_where_the_picture_is_explicit_too(tmp_path: Path) -> None:
    assert checker(tmp_path / "both", explicit=RED, child=RED).scores(RED)["minors"] >= 0.5
    assert checker(tmp_path / "one", child=RED).scores(RED)["minors"] < 0.5


def test_both_ends_of_a_long_picture_and_every_part_of_a_video_are_looked_at(tmp_path: Path) -> None:
    found = checker(tmp_path, explicit=RED)

    assert found.scores(np.concatenate([BLUE, BLUE, RED]))["sexual"] >= 0.5
    assert found.scores(np.concatenate([RED, BLUE, BLUE], axis=1))["sexual"] >= 0.5
    assert found.scores(np.stack([BLUE] * 8 + [RED]))["sexual"] >= 0.5
    assert found.scores(np.dstack([BLUE, BLUE[..., :1]]))["sexual"] < 0.5


def test_what_is_drawn_by_transparency_alone_is_looked_at(tmp_path: Path) -> None:
    shape = np.zeros((64, 64), np.uint8)
    shape[16:48, 16:48] = 255
    hidden = np.dstack([np.zeros((64, 64, 3), np.uint8), 255 - shape])  # black all over, and a square of it is missing
    found = checker(tmp_path, explicit=np.dstack([shape] * 3))

    assert found.scores(hidden[..., :3])["sexual"] < 0.5
    assert found.scores(hidden)["sexual"] >= 0.5


def test_it_agrees_with_diffusers_own_judgement(tmp_path: Path) -> None:
    found = checker(tmp_path, explicit=RED)
    stock: StableDiffusionSafetyChecker = found.network
    for picture in (RED, BLUE):
        batch = found._shown(picture)
        _, (is_explicit,) = stock(clip_input=batch, images=np.zeros((1, 4, 4, 3)))
        assert (found.scores(picture)["sexual"] >= 0.5) == bool(is_explicit)


@pytest.mark.parametrize("threads", [1])
def test_the_backend_looks_with_it(tmp_path: Path, threads: int) -> None:
    save_safety_checker(tmp_path)
    spec = tool_of(tmp_path, "safety-checker").spec
    scores = DiffusersBackend("cpu", threads).look(spec, RED)
    assert set(scores) == {"sexual", "minors"}
    assert all(0 <= score <= 1 for score in scores.values())
