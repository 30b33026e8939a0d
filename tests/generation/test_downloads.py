"""Which of a repository's files are fetched, and that each must be the one that was pinned."""

import hashlib
from pathlib import Path

import pytest

from generation import downloads
from generation.catalog import MODELS
from generation.downloads import ChecksumMismatch, choose_files, files_of
from generation.models import InstalledModel

CONFIGS = [
    "model_index.json",
    "scheduler/scheduler_config.json",
    "text_encoder/config.json",
    "tokenizer/merges.txt",
    "tokenizer/vocab.json",
    "tokenizer_2/spiece.model",
    "unet/config.json",
    "vae/config.json",
]
FULL = [
    "text_encoder/model.safetensors",
    "unet/diffusion_pytorch_model.safetensors",
    "vae/diffusion_pytorch_model.safetensors",
]
HALF = [name.replace(".safetensors", ".fp16.safetensors") for name in FULL]


def test_configurations_vocabularies_and_weights_are_fetched() -> None:
    assert set(choose_files([*CONFIGS, *FULL], "")) == {*CONFIGS, *FULL}


@pytest.mark.parametrize("suffix", ["bin", "ckpt", "pt", "pth", "pkl", "msgpack", "h5", "onnx"])
def test_what_can_run_code_or_is_not_read_is_refused(suffix: str) -> None:
    assert choose_files([f"unet/diffusion_pytorch_model.{suffix}", f"{suffix}.{suffix}"], "") == []


def test_files_beside_the_pipeline_are_left_where_they_are() -> None:
    aside = ["README.md", "v1-5-pruned.safetensors", "images/fox.png", "a/b/c.safetensors", ".gitattributes"]

    assert choose_files([*aside, "model_index.json"], "") == ["model_index.json"]


def test_a_variant_is_taken_instead_of_the_full_weights() -> None:
    assert set(choose_files([*CONFIGS, *FULL, *HALF], "fp16")) == {*CONFIGS, *HALF}


def test_without_a_variant_the_full_weights_are_taken() -> None:
    assert set(choose_files([*FULL, *HALF], "")) == set(FULL)


def test_a_part_that_has_no_variant_is_taken_in_full() -> None:
    assert set(choose_files([*FULL, HALF[1]], "fp16")) == {FULL[0], HALF[1], FULL[2]}


def test_an_unwanted_variant_is_never_taken() -> None:
    assert choose_files([HALF[0], "unet/model.non_ema.safetensors"], "") == []


def test_weights_in_shards_are_taken_together_with_their_index() -> None:
    shards = [f"unet/diffusion_pytorch_model-0000{part}-of-00002.safetensors" for part in (1, 2)]
    index = "unet/diffusion_pytorch_model.safetensors.index.json"

    assert set(choose_files([*shards, index], "")) == {*shards, index}


def test_weights_in_shards_of_a_variant_are_taken_instead_of_the_full_shards() -> None:
    full = [f"unet/model-0000{part}-of-00002.safetensors" for part in (1, 2)]
    half = [f"unet/model.fp16-0000{part}-of-00002.safetensors" for part in (1, 2)]

    assert set(choose_files([*full, *half], "fp16")) == set(half)
    assert set(choose_files([*full, *half], "")) == set(full)


def test_of_a_single_network_its_config_and_weights_are_fetched() -> None:
    names = ["config.json", "model.safetensors", "model.fp16.safetensors", "pytorch_model.bin", "README.md", "a/b.json"]

    assert files_of(MODELS["vitmatte"], names) == ["config.json", "model.safetensors"]


def test_of_many_networks_in_one_place_only_the_models_own_is_fetched() -> None:
    names = ["RealESRGAN_x4plus.safetensors", "RealESRGAN_x2plus.safetensors", "config.json"]
    assert files_of(MODELS["real-esrgan-x4"], names) == ["RealESRGAN_x4plus.safetensors"]

    encoder = ["models/image_encoder/config.json", "models/image_encoder/model.safetensors"]
    adapters = ["models/ip-adapter_sd15.safetensors", "models/ip-adapter-plus_sd15.safetensors"]
    beside = ["sdxl_models/ip-adapter_sdxl.safetensors", "models/image_encoder/pytorch_model.bin"]
    assert set(files_of(MODELS["ip-adapter"], [*encoder, *adapters, *beside])) == {*encoder, adapters[0]}


def test_a_pipeline_is_fetched_by_its_layout() -> None:
    assert set(files_of(MODELS["stable-diffusion-xl"], [*CONFIGS, *FULL, *HALF])) == {*CONFIGS, *HALF}


# --- Checksums -------------------------------------------------------------------------------------------


def test_the_checksum_is_the_files_sha256_however_large_it_is(tmp_path: Path) -> None:
    content = b"\x00\x01" * (3 << 19) + b"the end"
    (tmp_path / "weights").write_bytes(content)

    assert downloads.sha256_of(tmp_path / "weights") == hashlib.sha256(content).hexdigest()


def test_a_file_that_is_not_the_pinned_one_is_refused() -> None:
    pinned = InstalledModel(slug="m", checksums={"unet/model.safetensors": "aa"})

    with pytest.raises(ChecksumMismatch, match=r"unet/model\.safetensors has the sha256 bb; pinned is aa"):
        downloads._compare("unet/model.safetensors", "bb", pinned)


def test_the_pinned_file_and_files_of_a_model_that_is_not_pinned_pass() -> None:
    downloads._compare("a", "aa", InstalledModel(slug="m", checksums={"a": "aa"}))
    downloads._compare("a", "bb", None)
