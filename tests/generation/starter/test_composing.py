"""Each half of a pair follows its own caption; everything else is predicted as the UNet predicts it by itself."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from diffusers import StableDiffusionPipeline, UNet2DConditionModel

from generation.starter.composing import ComposingUNet, compose
from generation.starter.loading import WEIGHTS_FOLDER, load_pipeline

TIMESTEP = torch.tensor(900)
WHOLE_SHARE = 0.4


@pytest.fixture(scope="module")
def pipeline() -> StableDiffusionPipeline:
    """The starter."""
    return load_pipeline(verify=False)


def embed(pipeline: StableDiffusionPipeline, *prompts: str) -> torch.Tensor:
    found: torch.Tensor = pipeline.encode_prompt(list(prompts), "cpu", 1, do_classifier_free_guidance=False)[0]
    return found


def noise(count: int, height: int = 16, width: int = 16) -> torch.Tensor:
    return torch.randn(count, 4, height, width, generator=torch.Generator().manual_seed(0))


@torch.inference_mode()
def predict(
    pipeline: StableDiffusionPipeline, sample: torch.Tensor, words: torch.Tensor, **options: Any
) -> torch.Tensor:
    predicted: torch.Tensor = pipeline.unet(sample, TIMESTEP, words, return_dict=False, **options)[0]
    return predicted


def nearly(one: torch.Tensor, other: torch.Tensor) -> bool:
    return torch.allclose(one, other, atol=1e-3)


@pytest.mark.parametrize(("height", "width"), [(16, 16), (12, 20)])
def test_each_half_of_a_pair_follows_its_caption(pipeline: StableDiffusionPipeline, height: int, width: int) -> None:
    sample, prompt = noise(1, height, width), "a fox and an apple on grass"

    pair = predict(pipeline, sample, embed(pipeline, prompt), **compose(pipeline, [prompt]))

    captions = (prompt, "two foxes on grass", "two apples on grass")
    whole, foxes, apples = (predict(pipeline, sample, embed(pipeline, caption)) for caption in captions)
    left, right = ((1 - WHOLE_SHARE) * half + WHOLE_SHARE * whole for half in (foxes, apples))
    middle = width // 2
    assert nearly(pair[..., : middle - 4], left[..., : middle - 4])
    assert nearly(pair[..., middle + 4 :], right[..., middle + 4 :])
    assert not nearly(left, right)
    seam = ((pair - left).abs().mean((0, 1, 2)) / (right - left).abs().mean((0, 1, 2)))[middle - 4 : middle + 4]
    assert torch.equal(seam.argsort(), torch.arange(8))


@pytest.mark.parametrize("guided", [False, True])
def test_what_is_no_pair_is_predicted_as_by_the_plain_unet(pipeline: StableDiffusionPipeline, guided: bool) -> None:
    prompts = ("a sunflower", "a cat and a dog", "two bananas")
    words, sample = embed(pipeline, *prompts), noise(3)
    alone = predict(pipeline, sample[1:2], words[1:2], **compose(pipeline, prompts[1:2]))
    if guided:
        words, sample = torch.cat([embed(pipeline, "", "dark", ""), words]), torch.cat([sample, sample])

    together = predict(pipeline, sample, words, **compose(pipeline, prompts))

    plain, pair = predict(pipeline, sample, words), len(sample) - 2
    assert [nearly(*rows) for rows in zip(together, plain, strict=True)] == [row != pair for row in range(len(sample))]
    assert nearly(together[pair], alone[0])


def test_without_a_pair_nothing_more_is_asked_of_the_unet(pipeline: StableDiffusionPipeline) -> None:
    assert compose(pipeline, ["a fox", "two foxes and an apple", ""]) == {}


def test_the_folder_holds_a_plain_unet_that_predicts_the_same(pipeline: StableDiffusionPipeline) -> None:
    plain = UNet2DConditionModel.from_pretrained(WEIGHTS_FOLDER / "unet", local_files_only=True)
    sample, words = noise(1), embed(pipeline, "a fox and an apple")

    assert isinstance(pipeline.unet, ComposingUNet)
    assert type(plain) is UNet2DConditionModel
    with torch.inference_mode():
        assert torch.equal(plain(sample, TIMESTEP, words).sample, predict(pipeline, sample, words))
