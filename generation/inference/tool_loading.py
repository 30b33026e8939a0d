"""Read what helps a model, or does a task without diffusion: matting, upscaling, ControlNets.

A tool is one network in one folder (config and safetensors), or a method without files.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from generation.engine.protocol import ModelSpec
from generation.inference import device as devices
from generation.inference.matting import GrabCut
from generation.inference.upscale import Lanczos
from generation.inference.weights import check_part


@dataclass(frozen=True)
class LoadedTool:
    """A tool on its device."""

    spec: ModelSpec
    tool: Any
    size_bytes: int


def inspect(spec: ModelSpec, device: torch.device) -> int:
    """Check a tool's files and return how many bytes it will take. Raises: ModelMissing, ModelDamaged."""
    if spec.family in _BUILT_IN:
        return 0
    return check_part(Path(spec.folder)).num_values * devices.choose_dtype(spec.dtype, device).itemsize


def build(spec: ModelSpec, device: torch.device) -> LoadedTool:
    """Build a tool that was inspected. Raises whatever the libraries do; see `loading.load`."""
    if spec.family in _BUILT_IN:
        return LoadedTool(spec, _BUILT_IN[spec.family](), 0)
    tool, size_bytes = _MAKERS[spec.family](Path(spec.folder), device, devices.choose_dtype(spec.dtype, device))
    return LoadedTool(spec, tool, size_bytes)


def _matting(folder: Path, device: torch.device, dtype: torch.dtype) -> tuple[Any, int]:
    from generation.inference.matting_model import VitMatte

    matter = VitMatte.load(folder, device, dtype)
    return matter, _size_of(matter.network)


def _upscaler(folder: Path, device: torch.device, dtype: torch.dtype) -> tuple[Any, int]:
    from generation.inference import upscale_model

    upscaler = upscale_model.load(folder, device, dtype)
    return upscaler, _size_of(upscaler.network)


def _controlnet(folder: Path, device: torch.device, dtype: torch.dtype) -> tuple[Any, int]:
    from generation.inference.controlnet import load_network

    network = load_network(folder, device, dtype)
    return network, _size_of(network)


def _size_of(network: torch.nn.Module) -> int:
    return sum(tensor.nbytes for tensor in (*network.parameters(), *network.buffers()))


_BUILT_IN: dict[str, Callable[[], Any]] = {"grabcut": GrabCut, "lanczos": Lanczos}
_MAKERS: dict[str, Callable[[Path, torch.device, torch.dtype], tuple[Any, int]]] = {
    "matting": _matting,
    "upscaler": _upscaler,
    "controlnet": _controlnet,
}
