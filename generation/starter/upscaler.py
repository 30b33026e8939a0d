"""The network that doubles a picture: Real-ESRGAN's compact one, at any width and depth, from one safetensors file.

What belongs here: its architecture, reading and writing it. What does not: training (``upscaler_training``), tiles and
factors (``generation.inference.upscale``).
"""

from __future__ import annotations

import re
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import nn
from torch.nn import functional

FILE_NAME = "upscaler.safetensors"
_KEY = re.compile(r"body\.\d+\.(weight|bias)")


class CompactUpscaler(nn.Module):
    """SRVGGNetCompact, with its names, so that spandrel reads its file as well.

    All convolutions are at the small size; a shuffle at the end adds what repeated pixels lack.
    Source: Wang et al., "Real-ESRGAN" (2021), ``realesrgan/archs/srvgg_arch.py``.
    """

    def __init__(self, channels: int, layers: int, scale: int = 2) -> None:
        """Make it; before its first step it interpolates, so that training only adds what that lacks.

        ``channels`` is three or more.
        """
        super().__init__()
        self.scale = scale
        body: list[nn.Module] = []
        for inputs in (3, *[channels] * layers):
            body += [nn.Conv2d(inputs, channels, 3, padding=1), nn.PReLU(channels)]
        self.body = nn.Sequential(*body, nn.Conv2d(channels, 3 * scale**2, 3, padding=1))
        self._begin_as_interpolation()

    @property
    def reach(self) -> int:
        """How many pixels away a pixel can still change what is drawn."""
        return len(self.body) // 2 + 1

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        """Enlarge pictures: (batch, 3, height, width) → (batch, 3, scale × height, scale × width), 0 to 1."""
        repeated = functional.interpolate(pictures, scale_factor=self.scale, mode="nearest")
        enlarged: torch.Tensor = repeated + functional.pixel_shuffle(self.body(pictures), self.scale)
        return enlarged

    def enlarge(self, pictures: torch.Tensor) -> torch.Tensor:
        """Enlarge whole pictures: as ``forward``, with the last row repeated where convolutions would see black."""
        reach, edge = self.reach, self.reach * self.scale
        enlarged: torch.Tensor = self(functional.pad(pictures, (reach,) * 4, mode="replicate"))
        return enlarged[..., edge:-edge, edge:-edge]

    @torch.no_grad()
    def _begin_as_interpolation(self) -> None:
        """Pass the three colours through, and let the last layer interpolate them less what repeating gives."""
        *convolutions, last = (layer for layer in self.body if isinstance(layer, nn.Conv2d))
        for layer in convolutions:
            layer.weight[:3] = 0
            assert layer.bias is not None
            layer.bias[:3] = 0
            for colour in range(3):
                layer.weight[colour, colour, 1, 1] = 1
        last.weight.zero_()
        assert last.bias is not None
        last.bias.zero_()
        # Where the new pixels lie between the old ones, and the parabola through three of these.
        places = (torch.arange(self.scale) + 0.5) / self.scale - 0.5
        taps = torch.stack([places * (places - 1) / 2, 1 - places**2, places * (places + 1) / 2], 1)
        kernels = (taps[:, None, :, None] * taps[None, :, None, :]).reshape(-1, 3, 3)
        kernels[:, 1, 1] -= 1
        for colour in range(3):
            last.weight[colour * self.scale**2 : (colour + 1) * self.scale**2, colour] = kernels


def is_compact(path: Path) -> bool:
    """Tell from the names and shapes in a safetensors file whether it is such a network for colour pictures."""
    with safe_open(path, framework="pt") as file:
        names = set(file.keys())
        if not {"body.0.weight", "body.1.weight"} <= names or not all(_KEY.fullmatch(name) for name in names):
            return False
        inputs: list[int] = file.get_slice("body.0.weight").get_shape()
        slopes: list[int] = file.get_slice("body.1.weight").get_shape()
        return inputs[1] == 3 and len(slopes) == 1


def load_upscaler(path: Path) -> CompactUpscaler:
    """Build the network that a file holds, float32, ready to run.

    Raises:
        RuntimeError: the file's tensors do not fit together.
    """
    weights = {name: value.float() for name, value in load_file(path).items()}
    last = max(int(name.split(".")[1]) for name in weights)
    scale = round((len(weights[f"body.{last}.bias"]) / 3) ** 0.5)
    network = CompactUpscaler(len(weights["body.0.bias"]), last // 2 - 1, scale)
    network.load_state_dict(weights)
    return network.eval().requires_grad_(False)


def save_upscaler(network: CompactUpscaler, path: Path) -> None:
    """Write the weights in half precision."""
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({name: value.half().contiguous() for name, value in network.state_dict().items()}, path)
