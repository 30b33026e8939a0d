"""The shipped weights are whole, and the text encoder is the one they were trained with."""

from __future__ import annotations

from generation.checksums import verify_checksums
from generation.starter.loading import WEIGHTS_FOLDER, load_text_encoder


def test_shipped_weights_are_whole_small_and_half_precision() -> None:
    verify_checksums(WEIGHTS_FOLDER)
    shards = list(WEIGHTS_FOLDER.rglob("*.safetensors"))
    assert shards
    assert all(shard.stat().st_size <= 15 * 2**20 for shard in shards)
    assert sum(shard.stat().st_size for shard in shards) <= 56 * 2**20


def test_text_encoder_is_the_pinned_one_and_frozen() -> None:
    text_encoder, tokenizer = load_text_encoder()
    assert text_encoder.config.use_attention_mask is True
    assert tokenizer.model_max_length == 20
    assert not any(parameter.requires_grad for parameter in text_encoder.parameters())
