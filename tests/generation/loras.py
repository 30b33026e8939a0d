"""LoRAs for tests, made by a script: random numbers in the shapes of a base's layers."""

import hashlib
import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file

from generation.engine.protocol import Lora

_ATTENTION = ("to_q", "to_k", "to_v", "to_out.0")
_CONVOLUTIONS = ("conv1", "conv2")


def base_shapes(folder: Path, part: str = "unet") -> dict[str, list[int]]:
    """Return the shape of each weight of a part of a model, by the name of its module."""
    shapes = {}
    for path in sorted((folder / part).glob("*.safetensors")):
        with path.open("rb") as file:
            header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        for name, entry in header.items():
            if name.endswith(".weight"):
                shapes[name.removesuffix(".weight")] = entry["shape"]
    return shapes


def tensors_of(
    folder: Path,
    *,
    rank: int = 4,
    seed: int = 1,
    scale: float = 0.3,
    part: str = "unet",
    dtype: Any = np.float32,
    convolutions: bool = False,
) -> dict[str, np.ndarray]:
    """Return a LoRA's tensors for a part's attention layers, and for its convolutions where they are wanted."""
    noise = np.random.default_rng(seed)
    tensors: dict[str, np.ndarray] = {}
    for module, shape in base_shapes(folder, part).items():
        is_attention = len(shape) == 2 and module.endswith(_ATTENTION)
        if not is_attention and not (convolutions and len(shape) == 4 and module.endswith(_CONVOLUTIONS)):
            continue
        down, up = (rank, *shape[1:]), (shape[0], rank, *(1 for _ in shape[2:]))
        tensors[f"{part}.{module}.lora_A.weight"] = (scale * noise.standard_normal(down)).astype(dtype)
        tensors[f"{part}.{module}.lora_B.weight"] = (scale * noise.standard_normal(up)).astype(dtype)
    return tensors


def save_lora(path: Path, folder: Path, **facts: Any) -> Path:
    """Save a LoRA for the model in `folder`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(tensors_of(folder, **facts), path)
    return path


def lora_of(path: Path, weight: float = 1.0) -> Lora:
    """Return how the engine is told of a LoRA's file."""
    return Lora(str(path), hashlib.sha256(path.read_bytes()).hexdigest(), weight)
