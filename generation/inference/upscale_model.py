"""Networks that enlarge: Swin2SR, which transformers builds, our own compact one, or any that spandrel knows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from generation.engine.backend import Pixels
from generation.inference import canvas
from generation.inference.upscale import Progress, enlarge_in_tiles
from generation.starter.upscaler import is_compact, load_upscaler


class NetworkUpscaler:
    """See `generation.inference.upscale.Upscaler`. `ask`: (1, 3, h, w) → (1, 3, h × scale, w × scale), 0 to 1."""

    def __init__(
        self,
        name: str,
        network: torch.nn.Module,
        scale: int,
        device: torch.device,
        ask: Callable[[torch.Tensor], torch.Tensor],
    ) -> None:
        self.name = name
        self.network = network
        self._scale = scale
        self._device = device
        self._ask = ask

    def enlarge(self, pixels: Pixels, factor: int, progress: Progress) -> Pixels:
        """See `Upscaler`. A network of another factor is asked as often as it takes, and the rest is averaged."""
        height, width = pixels.shape[:2]
        while pixels.shape[0] < height * factor:
            pixels = enlarge_in_tiles(self._ask, self._scale, pixels, progress, self._device)
        return canvas.resize(pixels, width * factor, height * factor)


def load(folder: Path, device: torch.device, dtype: torch.dtype) -> NetworkUpscaler:
    """Build the network of a folder that was inspected: with a config it is Swin2SR, without it the file tells.

    Raises: ImportError when the folder needs spandrel, which is not installed.
    """
    if (folder / "config.json").is_file():
        return _swin2sr(folder, device, dtype)
    (path,) = folder.glob("*.safetensors")
    return _compact(path, device) if is_compact(path) else _spandrel(path, device)


def _swin2sr(folder: Path, device: torch.device, dtype: torch.dtype) -> NetworkUpscaler:
    from transformers import Swin2SRForImageSuperResolution

    options = {"use_safetensors": True, "local_files_only": True, "dtype": dtype}
    network = Swin2SRForImageSuperResolution.from_pretrained(folder, **options).to(device).eval()
    network.requires_grad_(False)
    scale, window = network.config.upscale, network.config.window_size

    def ask(values: torch.Tensor) -> torch.Tensor:
        height, width = values.shape[2:]
        # To whole windows, by repeating the last row: a black border would ring.
        padded = torch.nn.functional.pad(values, (0, -width % window, 0, -height % window), mode="replicate")
        drawn: torch.Tensor = network(padded.to(dtype)).reconstruction
        return drawn[:, :, : height * scale, : width * scale]

    return NetworkUpscaler("Swin2SR", network, scale, device, ask)


def _compact(path: Path, device: torch.device) -> NetworkUpscaler:
    network = load_upscaler(path).to(device)
    return NetworkUpscaler("Compact network", network, network.scale, device, network.enlarge)


def _spandrel(path: Path, device: torch.device) -> NetworkUpscaler:
    # An optional package (docs/editing.md): it brings torchvision, which nothing else here needs.
    import spandrel

    descriptor: Any = spandrel.ModelLoader(device=device).load_from_file(path)
    if not isinstance(descriptor, spandrel.ImageModelDescriptor) or descriptor.input_channels != 3:
        raise ValueError(f"{path.name} is not a network that enlarges pictures")
    descriptor.eval()
    name = descriptor.architecture.name
    return NetworkUpscaler(name, descriptor.model, descriptor.scale, device, descriptor)
