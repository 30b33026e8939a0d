"""The bare side of the throughput benchmarks: the same pipeline in a loop, and nothing else.

The weights are read by the product's own loader, so that precision and memory layout are the same on both sides;
the loop itself calls the pipeline as its documentation shows and keeps the pictures in memory.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.children import ROOT, Answer, serve
from generation.engine.protocol import ModelSpec
from generation.inference import device as devices
from generation.inference import loading
from generation.inference.schedulers import make_scheduler

# As the catalogue says, which needs Django.
STARTER = ModelSpec(
    "starter", "stable-diffusion", str(ROOT / "generation" / "starter" / "weights"), "float32", text_encoder="minilm"
)


@dataclass(frozen=True)
class Drawing:
    """What the loop is asked to draw: as many pictures as there are prompts, `batch` at a time."""

    prompts: Sequence[str]
    seeds: Sequence[int]
    batch: int
    num_inference_steps: int
    guidance_scale: float
    width: int
    height: int


def make_answer() -> Answer:
    """Load the starter model and return what draws with it."""
    pipeline = load_pipeline()
    drawn: list[Any] = []

    def answer(question: dict[str, Any]) -> dict[str, Any]:
        if "save" in question:
            np.savez(Path(question["save"]), *[np.asarray(picture) for picture in drawn])
            return {"saved": len(drawn)}
        drawing = Drawing(**question)
        wall, cpu = time.perf_counter(), time.process_time()
        drawn[:] = draw(pipeline, drawing)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        return {"wall_seconds": wall, "cpu_seconds": cpu, "images": len(drawn)}

    return answer


def draw(pipeline: Any, drawing: Drawing) -> list[Any]:
    """Draw batch after batch; returns PIL images."""
    pictures: list[Any] = []
    for start in range(0, len(drawing.prompts), drawing.batch):
        part = slice(start, start + drawing.batch)
        prompts = list(drawing.prompts[part])
        pictures += pipeline(
            prompt=prompts,
            negative_prompt=[""] * len(prompts),
            width=drawing.width,
            height=drawing.height,
            num_inference_steps=drawing.num_inference_steps,
            guidance_scale=drawing.guidance_scale,
            generator=[torch.Generator("cpu").manual_seed(seed) for seed in drawing.seeds[part]],
        ).images
    return pictures


def load_pipeline() -> Any:
    """Return the starter's pipeline, drawing with DDIM on one thread; where it is called, no Django is needed."""
    device = devices.choose_device("cpu")
    devices.prepare(device, threads=1)
    files, _ = loading.inspect(STARTER, device)
    model = loading.load(STARTER, files, device)
    model.pipeline.scheduler = make_scheduler("ddim", STARTER.family, model.scheduler_config)
    return model.pipeline


if __name__ == "__main__":
    serve(make_answer)
