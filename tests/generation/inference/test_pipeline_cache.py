"""Warm models are kept by bytes, and the one used longest ago leaves first."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from generation.engine.protocol import ModelSpec
from generation.inference.errors import ModelDamaged, ModelMissing
from generation.inference.loading import LoadedModel
from generation.inference.pipeline_cache import PipelineCache
from tests.generation.inference.conftest import CPU, copy_of


@pytest.fixture
def specs(toy_spec: Callable[[str], ModelSpec]) -> list[ModelSpec]:
    """Return four models of one size."""
    return [replace(toy_spec("flux"), slug=slug) for slug in "abcd"]


@pytest.fixture
def size_bytes(toy_model: Callable[[str], LoadedModel]) -> int:
    """Return the size of each."""
    return toy_model("flux").size_bytes


def fill(cache: PipelineCache, specs: Iterable[ModelSpec]) -> None:
    for spec in specs:
        cache.load(spec)


def test_a_model_is_loaded_once(specs: list[ModelSpec], size_bytes: int) -> None:
    cache = PipelineCache(CPU, 10 * size_bytes)
    loaded = cache.load(specs[0])
    assert loaded is not None
    assert (loaded.slug, loaded.size_bytes, loaded.resident) == ("a", size_bytes, ("a",))
    assert loaded.seconds > 0
    assert cache.load(specs[0]) is None
    assert cache.get(specs[0]) is cache.get(specs[0])


def test_the_model_used_longest_ago_leaves_for_a_new_one(specs: list[ModelSpec], size_bytes: int) -> None:
    cache = PipelineCache(CPU, 3 * size_bytes)
    fill(cache, specs[:3])
    cache.get(specs[0])
    loaded = cache.load(specs[3])
    assert loaded is not None
    assert loaded.resident == cache.resident == ("c", "a", "d")
    assert cache.size_bytes == 3 * size_bytes


def test_one_byte_less_keeps_one_model_less(specs: list[ModelSpec], size_bytes: int) -> None:
    cache = PipelineCache(CPU, 3 * size_bytes - 1)
    fill(cache, specs[:3])
    assert cache.resident == ("b", "c")


def test_a_model_larger_than_the_cache_is_kept_alone(specs: list[ModelSpec]) -> None:
    cache = PipelineCache(CPU, 1)
    fill(cache, specs[:2])
    assert cache.resident == ("b",)
    assert cache.get(specs[1]).spec == specs[1]


def test_the_same_name_with_other_weights_is_another_model(
    specs: list[ModelSpec], size_bytes: int, tmp_path: Path
) -> None:
    cache = PipelineCache(CPU, 10 * size_bytes)
    moved = replace(copy_of(specs[0], tmp_path / "moved"), slug="a")
    fill(cache, [specs[0], moved])
    assert cache.resident == ("a", "a")


def test_models_that_cannot_be_loaded_cost_no_warm_one(specs: list[ModelSpec], size_bytes: int, tmp_path: Path) -> None:
    cache = PipelineCache(CPU, size_bytes)
    cache.load(specs[0])
    with pytest.raises(ModelMissing):
        cache.load(replace(specs[1], folder=str(tmp_path)))
    broken = copy_of(specs[1], tmp_path / "broken")
    weights = tmp_path / "broken" / "vae" / "diffusion_pytorch_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-8])
    with pytest.raises(ModelDamaged):
        cache.load(broken)
    assert cache.resident == ("a",)


def test_room_is_made_by_letting_the_others_go(specs: list[ModelSpec], size_bytes: int) -> None:
    cache = PipelineCache(CPU, 10 * size_bytes)
    fill(cache, specs)
    assert cache.drop_others(specs[1])
    assert cache.resident == ("b",)
    assert not cache.drop_others(specs[1])


def test_weights_that_were_replaced_are_loaded_anew(specs: list[ModelSpec], size_bytes: int, tmp_path: Path) -> None:
    cache = PipelineCache(CPU, 10 * size_bytes)
    spec = copy_of(specs[0], tmp_path / "model")
    cache.load(spec)
    before = cache.get(spec)
    weights = tmp_path / "model" / "vae" / "diffusion_pytorch_model.safetensors"
    other = weights.with_suffix(".new")
    other.write_bytes(weights.read_bytes())
    other.replace(weights)
    assert cache.load(spec) is not None
    assert cache.get(spec) is not before
    assert cache.load(spec) is None
    assert (cache.model_loads, cache.size_bytes) == (2, size_bytes)
