"""Read what helps a model, or does a task without diffusion: matting, upscaling, ControlNets.

A tool is one network in one folder (config and safetensors), or a method without files. An IP-Adapter is two.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from generation.engine.protocol import ModelSpec
from generation.inference import device as devices
from generation.inference.errors import ModelMissing
from generation.inference.image_prompts import ADAPTER_PATTERN, ENCODER_PATTERN, ImagePrompter
from generation.inference.matting import Finder, GrabCut
from generation.inference.upscale import Lanczos
from generation.inference.weights import check_part


@dataclass(frozen=True)
class LoadedTool:
    """A tool on its device. `tools`: what a pass brings beside it, by family."""

    spec: ModelSpec
    tool: Any
    size_bytes: int
    tools: Mapping[str, LoadedTool] = field(default_factory=dict)


def inspect(spec: ModelSpec, device: torch.device) -> int:
    """Check a tool's files and return how many bytes it will take. Raises: ModelMissing, ModelDamaged."""
    if spec.family in _BUILT_IN:
        return 0
    itemsize = devices.choose_dtype(spec.dtype, device).itemsize
    return sum(check_part(folder).num_values for folder in _folders(spec)) * itemsize


def build(spec: ModelSpec, device: torch.device) -> LoadedTool:
    """Build a tool that was inspected. Raises whatever the libraries do; see `loading.load`."""
    if spec.family in _BUILT_IN:
        return LoadedTool(spec, _BUILT_IN[spec.family](), 0)
    tool, size_bytes = _MAKERS[spec.family](Path(spec.folder), device, devices.choose_dtype(spec.dtype, device))
    return LoadedTool(spec, tool, size_bytes)


def finder_of(tools: Mapping[str, LoadedTool]) -> Finder | None:
    """Return what finds subjects among a pass's tools; None where it has nothing of the kind."""
    return tools["segmenter"].tool if "segmenter" in tools else None


def _folders(spec: ModelSpec) -> list[Path]:
    """Return where a tool's networks lie."""
    folder = Path(spec.folder)
    if spec.family != "ip-adapter":
        return [folder]
    adapters = [path.parent for path in folder.glob(ADAPTER_PATTERN)]
    encoders = list(folder.glob(ENCODER_PATTERN))
    if len(adapters) != 1 or len(encoders) != 1:
        raise ModelMissing(folder)
    return [*adapters, *encoders]


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


def _ip_adapter(folder: Path, device: torch.device, dtype: torch.dtype) -> tuple[Any, int]:
    prompter = ImagePrompter.load(folder, device, dtype)
    return prompter, prompter.size_bytes


def _segmenter(folder: Path, device: torch.device, dtype: torch.dtype) -> tuple[Any, int]:
    from generation.inference.segmentation import Segmenter

    segmenter = Segmenter.load(folder, device, dtype)
    return segmenter, _size_of(segmenter.network)


def _depth_estimator(folder: Path, device: torch.device, dtype: torch.dtype) -> tuple[Any, int]:
    from generation.inference.depth_model import DepthEstimator

    estimator = DepthEstimator.load(folder, device, dtype)
    return estimator, _size_of(estimator.network)


def _pose_estimator(folder: Path, device: torch.device, dtype: torch.dtype) -> tuple[Any, int]:
    from generation.inference.pose_model import PoseEstimator

    estimator = PoseEstimator.load(folder, device, dtype)
    return estimator, _size_of(estimator.network)


def _safety_checker(folder: Path, device: torch.device, dtype: torch.dtype) -> tuple[Any, int]:
    from generation.inference.safety_checker import SafetyChecker

    checker = SafetyChecker.load(folder, device, dtype)
    return checker, _size_of(checker.network)


def _size_of(network: torch.nn.Module) -> int:
    return sum(tensor.nbytes for tensor in (*network.parameters(), *network.buffers()))


_BUILT_IN: dict[str, Callable[[], Any]] = {"grabcut": GrabCut, "lanczos": Lanczos}
_MAKERS: dict[str, Callable[[Path, torch.device, torch.dtype], tuple[Any, int]]] = {
    "matting": _matting,
    "upscaler": _upscaler,
    "controlnet": _controlnet,
    "ip-adapter": _ip_adapter,
    "segmenter": _segmenter,
    "depth-estimator": _depth_estimator,
    "pose-estimator": _pose_estimator,
    "safety-checker": _safety_checker,
}
