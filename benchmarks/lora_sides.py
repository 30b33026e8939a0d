"""Both sides of the LoRA benchmark, in one process with one warm starter: another LoRA for each picture, or the same.

The backend is the engine's own, and so is what it does for a pass; the files are random numbers in the right shapes.
"""

import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.children import Answer, serve
from generation.engine.protocol import BatchRequest, ImageRequest, Lora, ModelSpec


class _Deaf:
    """Wants every picture and looks at none."""

    def step(self, step: int, of: int) -> None:
        pass

    def preview(self, key: str, webp: bytes) -> None:
        pass


def make_answer() -> Answer:
    """Load the starter and two LoRAs, and return what draws with them."""
    import django

    django.setup()
    from generation import catalog
    from generation.engine.backend import Pass
    from generation.inference.backend import DiffusersBackend
    from tests.generation.loras import lora_of, save_lora

    folder = Path(sys.argv[1])
    model = catalog.MODELS["starter"]
    backend = DiffusersBackend("cpu", threads=1)
    backend.load(model.spec())
    loras = [
        lora_of(
            save_lora(folder / f"{seed}.safetensors", model.folder, rank=32, seed=seed, scale=0.01, convolutions=True)
        )
        for seed in range(2)
    ]

    def answer(question: dict[str, Any]) -> dict[str, Any]:
        chosen = [[loras[which]] if which >= 0 else [] for which in question["loras"]]
        before = backend.loads
        started = time.perf_counter()
        for which in chosen:
            request = _request(folder, model.spec(), question["num_inference_steps"], which)
            list(backend.draw(Pass(request, request.images), _Deaf()))
        wall = time.perf_counter() - started
        loads = [after - first for after, first in zip(backend.loads, before, strict=True)]
        return {"wall_seconds": wall, "images": len(chosen), "model_loads": loads[0], "lora_loads": loads[1]}

    return answer


def _request(folder: Path, spec: ModelSpec, steps: int, loras: Sequence[Lora]) -> BatchRequest:
    plain = BatchRequest(
        id="benchmark",
        task="text-to-image",
        model=spec,
        width=128,
        height=128,
        num_inference_steps=steps,
        guidance_scale=2.5,
        scheduler="ddim",
        images=(ImageRequest("job:0", "a fox", "", 1, str(folder / "0.npy")),),
        preview=False,
    )
    return replace(plain, loras=tuple(loras))


if __name__ == "__main__":
    serve(make_answer)
