from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from generation.catalog import STARTER_FOLDER
from generation.starter.upscaler import FILE_NAME, CompactUpscaler, is_compact, load_upscaler, save_upscaler
from generation.starter.upscaler_training import enlarge, lanczos, measure_psnr
from tests.generation.inference.passes import disc


@pytest.mark.parametrize("scale", [2, 3])
def test_an_untrained_network_goes_on_where_pixels_point(scale: int) -> None:
    def parabola(places: torch.Tensor) -> torch.Tensor:
        return 0.2 + 0.03 * places + 0.005 * places**2

    small = parabola(torch.arange(10.0)).expand(1, 3, 6, 10)
    large = parabola((torch.arange(10.0 * scale) + 0.5) / scale - 0.5)
    drawn = CompactUpscaler(5, 2, scale)(small)
    assert torch.allclose(drawn[..., scale:-scale, scale:-scale], large[scale:-scale].expand(1, 3, 4 * scale, -1))


def test_a_plain_picture_stays_plain_up_to_its_border() -> None:
    network = CompactUpscaler(5, 2)
    plain = torch.full((1, 3, 6, 9), 0.75)
    assert not torch.allclose(network(plain), torch.tensor(0.75), atol=0.01)
    assert torch.allclose(network.enlarge(plain), torch.full((1, 3, 12, 18), 0.75))


@pytest.mark.parametrize(("channels", "layers", "scale"), [(4, 1, 2), (6, 3, 4), (5, 0, 2)])
def test_a_file_says_its_own_shape(channels: int, layers: int, scale: int, tmp_path: Path) -> None:
    network = CompactUpscaler(channels, layers, scale).half().float()
    save_upscaler(network, tmp_path / "net.safetensors")
    assert is_compact(tmp_path / "net.safetensors")
    loaded, pictures = load_upscaler(tmp_path / "net.safetensors"), torch.rand(1, 3, 6, 4)
    assert loaded.scale == scale
    assert torch.equal(loaded(pictures), network(pictures))


@pytest.mark.parametrize(
    "tensors",
    [
        {"conv_first.weight": (4, 3, 3, 3)},
        {"body.0.weight": (4, 3, 3, 3), "body.1.weight": (4,), "head.weight": (1,)},
        {"body.0.weight": (4, 1, 3, 3), "body.1.weight": (4,)},
        {"body.0.weight": (4, 3, 3, 3), "body.1.weight": (4, 4, 3, 3)},
    ],
)
def test_another_network_is_not_taken_for_one(tensors: dict[str, tuple[int, ...]], tmp_path: Path) -> None:
    save_file({name: torch.zeros(shape) for name, shape in tensors.items()}, tmp_path / "net.safetensors")
    assert not is_compact(tmp_path / "net.safetensors")


def test_the_shipped_one_enlarges_a_clean_edge_better_than_lanczos() -> None:
    large = disc(192, 192)
    small = np.ascontiguousarray(large.reshape(96, 2, 96, 2, 3).mean((1, 3)).round().astype(np.uint8))
    network = load_upscaler(STARTER_FOLDER.with_name("upscaler_weights") / FILE_NAME)
    assert measure_psnr(enlarge(network, small), large) > measure_psnr(lanczos(small), large)
