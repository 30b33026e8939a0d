"""A training that learns nothing: steps, checkpoints, samples and a result as a real one has them, without a model."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import numpy as np
from safetensors.numpy import save

from generation.engine.backend import TrainingWatch
from generation.engine.scratch import PART_SUFFIX, write_picture
from generation.engine.training import (
    QUARTERS,
    Checkpointed,
    Prepared,
    Sampled,
    Trained,
    TrainingRequest,
    TrainingStep,
)

_STEP, _RESULT = "step.json", "lora.safetensors"
_LAYER = "unet.mid_block.attentions.0.transformer_blocks.0.attn1.to_q"
_WIDTH = 256
# A long training takes no more than so many strides, each as one step.
_STRIDES = 100
_SAMPLE_SIDE = 32


def train(request: TrainingRequest, watch: TrainingWatch, seconds_per_step: float) -> Trained:
    """Take the steps that are left, in strides that leave a checkpoint each. Raises: PassCanceled, OSError."""
    folder, steps = Path(request.folder), request.recipe.steps
    folder.mkdir(parents=True, exist_ok=True)
    watch.tell(Prepared(request.id, request.recipe.class_pictures, request.recipe.class_pictures))
    done = _read_step(folder)
    if done:
        watch.tell(Checkpointed(request.id, done, is_new=False))
    stride, before = -(-steps // _STRIDES), done
    for step in sorted({*range(done + stride, steps, stride), steps}) if done < steps else ():
        watch.pause_point(_nothing, _nothing)
        time.sleep(seconds_per_step)
        curve = tuple((float(at), 1 / at) for at in range(1, step + 1, stride))
        watch.tell(TrainingStep(request.id, step, steps, 1 / step, curve, (steps - step) * seconds_per_step))
        for quarter in range(1, QUARTERS + 1):
            if before < max(1, steps * quarter // QUARTERS) <= step:
                _sample(request, watch, quarter)
        before = step
        _write(folder / _STEP, json.dumps({"step": step}).encode())
        watch.tell(Checkpointed(request.id, step))
    _write(folder / _RESULT, _lora(request.recipe.rank))
    return Trained(request.id, str(folder / _RESULT), request.recipe.rank, ((1.0, 1.0), (float(steps), 1 / steps)))


def _sample(request: TrainingRequest, watch: TrainingWatch, quarter: int) -> None:
    for position, prompt in enumerate(request.sample_prompts):
        path = Path(request.folder) / f"sample-{quarter}-{position}.npy"
        write_picture(path, np.full((_SAMPLE_SIDE, _SAMPLE_SIDE, 3), 40 * quarter + position, np.uint8))
        watch.tell(Sampled(request.id, quarter, position, prompt, str(path)))


def _lora(rank: int) -> bytes:
    """Return a LoRA of one layer of the starter that changes nothing."""
    down, up = np.zeros((rank, _WIDTH), np.float32), np.zeros((_WIDTH, rank), np.float32)
    content: bytes = save({f"{_LAYER}.lora_A.weight": down, f"{_LAYER}.lora_B.weight": up}, {"format": "pt"})
    return content


def _read_step(folder: Path) -> int:
    try:
        return int(json.loads((folder / _STEP).read_text())["step"])
    except FileNotFoundError:
        return 0


def _write(path: Path, content: bytes) -> None:
    part = path.with_name(path.name + PART_SUFFIX)
    part.write_bytes(content)
    os.replace(part, path)  # noqa: PTH105 - as in `scratch.write_picture`


def _nothing() -> None:
    """Hold no memory, so give none away."""
