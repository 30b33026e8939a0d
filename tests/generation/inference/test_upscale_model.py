"""Networks that enlarge, loaded from safetensors alone."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from generation.engine.options import UpscaleOptions
from generation.inference.errors import ModelDamaged
from generation.starter.upscaler import CompactUpscaler, save_upscaler
from tests.generation.inference import toy_tools
from tests.generation.inference.passes import Listener, disc, edit, picture_input, request_for


@pytest.mark.parametrize(("own", "factor"), [(2, 2), (2, 4), (4, 2)])
def test_a_network_of_any_factor_gives_the_factor_asked_for(own: int, factor: int, tmp_path: Path) -> None:
    toy_tools.save_swin2sr(tmp_path / "net", own)
    upscaler, listener = toy_tools.tool_of(tmp_path / "net", "upscaler"), Listener()
    source = disc(37, 22)
    request = request_for(upscaler, "upscale", UpscaleOptions(factor), picture_input(source), tmp_path)
    (pixels,) = edit(upscaler, request, listener)
    assert pixels.shape == (22 * factor, 37 * factor, 3)
    assert len(listener.steps) == (2 if (own, factor) == (2, 4) else 1)
    assert upscaler.tool.name == "Swin2SR"


def test_what_the_network_says_is_what_comes(tmp_path: Path) -> None:
    toy_tools.save_swin2sr(tmp_path / "net")
    upscaler = toy_tools.tool_of(tmp_path / "net", "upscaler")
    source = disc(16, 24)
    request = request_for(upscaler, "upscale", UpscaleOptions(2), picture_input(source), tmp_path)
    (pixels,) = edit(upscaler, request)
    values = torch.from_numpy(source).movedim(-1, 0)[None] / 255
    with torch.inference_mode():
        expected = upscaler.tool.network(values).reconstruction[0].clamp(0, 1).mul(255).round().movedim(0, -1).numpy()
    assert np.abs(pixels - expected).max() <= 1


def test_a_compact_network_needs_no_spandrel_and_is_asked_twice_for_four(tmp_path: Path) -> None:
    network = CompactUpscaler(channels=4, layers=1)
    save_upscaler(network, tmp_path / "net" / "any name.safetensors")
    upscaler, source = toy_tools.tool_of(tmp_path / "net", "upscaler"), disc(30, 20)
    results = {}
    for factor in (2, 4):
        listener = Listener()
        request = request_for(upscaler, "upscale", UpscaleOptions(factor), picture_input(source), tmp_path)
        (results[factor],) = edit(upscaler, request, listener)
        assert len(listener.steps) == factor // 2
    request = request_for(upscaler, "upscale", UpscaleOptions(2), picture_input(results[2]), tmp_path)
    (again,) = edit(upscaler, request)
    assert upscaler.tool.name == "Compact network"
    assert results[4].shape == (80, 120, 3)
    assert np.array_equal(results[4], again)


@pytest.mark.skipif(importlib.util.find_spec("spandrel") is not None, reason="spandrel is installed")
def test_without_spandrel_its_networks_are_refused_with_its_name(tmp_path: Path) -> None:
    toy_tools.save_swin2sr(tmp_path / "net")
    shutil.move(tmp_path / "net" / "config.json", tmp_path / "config.json")
    with pytest.raises(ModelDamaged, match="spandrel"):
        toy_tools.tool_of(tmp_path / "net", "upscaler")
