"""The shipped weights are whole, and the text encoder is the one they were trained with."""

from __future__ import annotations

import pytest
from diffusers import DiffusionPipeline, StableDiffusionImg2ImgPipeline, StableDiffusionInpaintPipeline
from PIL import Image

from generation.checksums import verify_checksums
from generation.starter.loading import WEIGHTS_FOLDER, load_pipeline, load_text_encoder


def test_shipped_weights_are_whole_small_and_half_precision() -> None:
    verify_checksums(WEIGHTS_FOLDER)
    shards = list(WEIGHTS_FOLDER.rglob("*.safetensors"))
    assert shards
    assert all(shard.stat().st_size <= 15 * 2**20 for shard in shards)
    assert sum(shard.stat().st_size for shard in shards) <= 48 * 2**20


def test_text_encoder_is_the_pinned_one_and_frozen() -> None:
    text_encoder, tokenizer = load_text_encoder()
    assert text_encoder.config.use_attention_mask is True
    assert tokenizer.model_max_length == 20
    assert not any(parameter.requires_grad for parameter in text_encoder.parameters())


@pytest.mark.parametrize("pipeline_class", [StableDiffusionImg2ImgPipeline, StableDiffusionInpaintPipeline])
def test_its_parts_fit_the_stock_pipelines_of_the_other_tasks(pipeline_class: type[DiffusionPipeline]) -> None:
    pipeline = pipeline_class(**load_pipeline().components, requires_safety_checker=False)
    pipeline.set_progress_bar_config(disable=True)
    start, half = Image.new("RGB", (128, 128), "white"), Image.new("L", (128, 128))
    half.paste(255, (64, 0, 128, 128))
    masks = {"mask_image": half} if pipeline_class is StableDiffusionInpaintPipeline else {}

    drawn = pipeline("a red apple", image=start, **masks, num_inference_steps=4, strength=0.8).images[0]

    assert drawn.size == (128, 128)
    assert drawn.getextrema() != start.getextrema()
