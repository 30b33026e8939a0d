"""A process that has the GPU for the benchmark: the bare loop, the matrix ceiling, and the backend seen from within.

The bare loop gets the weights through the product's own loader, so that precision and memory layout are the same, is
compiled as torch's documentation shows, and keeps its pictures in memory.
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers import FluxPipeline

from benchmarks import gpu_flops, gpu_models
from benchmarks.children import Answer, serve
from generation.engine.backend import Pass
from generation.engine.protocol import BatchRequest, ImageRequest, Lora, ModelSpec
from generation.engine.reading import plain, read
from generation.inference import device as devices
from generation.inference import loading
from generation.inference.backend import DiffusersBackend
from generation.inference.prompts import FLUX_DISTILLED_TOKENS
from generation.inference.schedulers import make_scheduler
from tests.generation.loras import lora_of, save_lora

_ROUNDS, _PRODUCTS = 5, 10
_LORA_RANK = 32


class _Deaf:
    """Wants every picture and looks at none."""

    def step(self, step: int, of: int) -> None:
        pass

    def preview(self, key: str, webp: bytes) -> None:
        pass


class Side:
    """Answers one question by each of its public methods."""

    def __init__(self, device: torch.device) -> None:
        self._device = device
        devices.prepare(device, threads=0)
        self._bare: Any = None
        self._backend: DiffusersBackend | None = None

    def describe(self) -> dict[str, Any]:
        """Say what it runs on."""
        facts: dict[str, Any] = {"device": devices.describe(self._device), "torch": torch.__version__}
        if self._device.type == "cuda":
            found = torch.cuda.get_device_properties(self._device)
            facts |= {
                "cuda": torch.version.cuda,
                "uuid": str(getattr(found, "uuid", "")),
                "memory_bytes": found.total_memory,
                "capability": f"{found.major}.{found.minor}",
            }
        return facts

    def ceiling(self, sides: Sequence[int]) -> dict[str, Any]:
        """Multiply square matrices; the operations a second of the best size, by precision."""
        found: dict[str, Any] = {}
        for dtype in (torch.bfloat16, torch.float16):
            rates = {side: self._matrix_rate(side, dtype) for side in sides}
            found[str(dtype).removeprefix("torch.")] = {"best": max(rates.values()), "by_side": rates}
        return found

    def save(self, family: str, folder: str, size: str, dtype: str) -> dict[str, Any]:
        """Write a model with random weights."""
        started = time.perf_counter()
        kind = str(self._device)
        gpu_models.save(family, Path(folder), size=size, device=kind, dtype=getattr(torch, dtype))
        self._give_back()
        return {"seconds": time.perf_counter() - started}

    def flops(self, family: str, side: int, steps: int) -> dict[str, Any]:
        """Count what a picture of the full model is."""
        return {"operations": gpu_flops.of_picture(family, side, steps)}

    def load(self, spec: dict[str, Any], scheduler: str, compiler: str) -> dict[str, Any]:
        """Load a model for the bare loop; with a `compiler` its denoiser is compiled when it first draws."""
        started = time.perf_counter()
        self._bare = None
        self._give_back()
        wanted = read(spec, ModelSpec, "spec")
        model = loading.load(wanted, loading.inspect(wanted, self._device)[0], self._device)
        devices.round_convolutions(devices.choose_dtype(wanted.dtype, self._device))
        model.pipeline.scheduler = make_scheduler(scheduler, wanted.family, model.scheduler_config)
        if compiler:
            model.pipeline.unet.compile(backend=compiler)
        self._bare = model.pipeline
        return {"seconds": time.perf_counter() - started}

    def draw(self, drawing: dict[str, Any], save: str = "") -> dict[str, Any]:
        """Draw in the bare loop; with `save` the first picture's pixels are written there."""
        seeds = drawing.pop("seeds")
        if isinstance(self._bare, FluxPipeline):
            drawing["max_sequence_length"] = FLUX_DISTILLED_TOKENS  # as the engine asks schnell
        started = time.perf_counter()
        # Without a negative prompt, as the engine's picture: an empty one is something else to SDXL.
        generators = [torch.Generator("cpu").manual_seed(seed) for seed in seeds]
        pictures = [self._bare(generator=generator, **drawing).images[0] for generator in generators]
        wall_seconds = time.perf_counter() - started
        if save:
            np.save(save, np.asarray(pictures[0]))
        return {"wall_seconds": wall_seconds, "images": len(pictures)}

    def loras(self, folder: str, model_folder: str) -> dict[str, Any]:
        """Write two LoRAs of random numbers for a model."""
        made = [
            save_lora(Path(folder) / f"{seed}.safetensors", Path(model_folder), rank=_LORA_RANK, seed=seed, scale=0.01)
            for seed in range(2)
        ]
        return {"loras": [plain(lora_of(path)) for path in made]}

    def passes(self, request: dict[str, Any], batches: Sequence[int], loras: Sequence[Any]) -> dict[str, Any]:
        """Have the engine's own backend draw passes of these batches, each with a LoRA of `loras` or none (None)."""
        backend = self._made_backend()
        wanted = read(request, BatchRequest, "request")
        backend.load(wanted.model)
        before, memory = backend.loads, []
        started = time.perf_counter()
        for batch, lora in zip(batches, loras, strict=True):
            chosen = (read(lora, Lora, "lora"),) if lora else ()
            images = tuple(_picture(wanted.images[0], number) for number in range(batch))
            asked = replace(wanted, images=images, loras=chosen)
            list(backend.draw(Pass(asked, images), _Deaf()))
            memory.append(self._memory())
        read_anew = [after - first for after, first in zip(backend.loads, before, strict=True)]
        return {"wall_seconds": time.perf_counter() - started, "read_anew": read_anew, "memory": memory}

    def peak(self, request: dict[str, Any], batch: int) -> dict[str, Any]:
        """Return the most that lay in a GPU's memory while the backend, and nothing beside it, drew one pass."""
        self._bare = None
        self._give_back()
        torch.cuda.reset_peak_memory_stats()
        self.passes(request, [batch], [None])
        return {"bytes": torch.cuda.max_memory_allocated()}

    def release(self) -> dict[str, Any]:
        """Let go of the bare loop's and the backend's models."""
        self._bare = self._backend = None
        self._give_back()
        return {}

    def _made_backend(self) -> DiffusersBackend:
        if self._backend is None:
            self._backend = DiffusersBackend(str(self._device))
        return self._backend

    def _matrix_rate(self, side: int, dtype: torch.dtype) -> float:
        left, right = (torch.randn(side, side, device=self._device, dtype=torch.float32).to(dtype) for _ in range(2))
        fastest = min(self._timed(lambda: [left @ right for _ in range(_PRODUCTS)]) for _ in range(_ROUNDS + 1))
        return _PRODUCTS * 2 * float(side) ** 3 / fastest

    def _timed(self, work: Callable[[], object]) -> float:
        self._synchronize()
        started = time.perf_counter()
        work()
        self._synchronize()
        return time.perf_counter() - started

    def _synchronize(self) -> None:
        if self._device.type == "cuda":
            torch.cuda.synchronize(self._device)

    def _memory(self) -> dict[str, int]:
        """Return what lies in the device's memory and what the allocator keeps; on a CPU what the process has."""
        if self._device.type == "cuda":
            return {"allocated": torch.cuda.memory_allocated(), "reserved": torch.cuda.memory_reserved()}
        words = Path("/proc/self/status").read_text().split("VmRSS:")[1].split()
        return {"allocated": int(words[0]) * 1024, "reserved": int(words[0]) * 1024}

    def _give_back(self) -> None:
        gc.collect()
        if self._device.type == "cuda":
            torch.cuda.empty_cache()


def _picture(image: ImageRequest, number: int) -> ImageRequest:
    return replace(image, key=f"job:{number}", seed=number)


def make_answer() -> Answer:
    """Return what answers; the process's argument is the device."""
    side = Side(devices.choose_device(sys.argv[1]))

    def answer(question: dict[str, Any]) -> dict[str, Any]:
        answered: dict[str, Any] = getattr(side, question.pop("what"))(**question)
        return answered

    return answer


if __name__ == "__main__":
    serve(make_answer)
