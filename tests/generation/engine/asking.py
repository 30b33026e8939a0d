"""Requests and engines for the tests: what a worker would ask for, written short."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from generation.engine.client import Engine, EngineOptions
from generation.engine.protocol import BatchRequest, Event, ImageDone, ImageRequest, ModelSpec, Step

STARTER = Path(__file__).parents[3] / "generation" / "starter" / "weights"
ANY_MODEL = ModelSpec("any", "stable-diffusion", "/models/any")


def request_of(folder: Path, jobs: Sequence[str] = ("a",), images_a_job: int = 1, **changes: Any) -> BatchRequest:
    """Ask for pictures of these jobs, in turn; their files are `<folder>/<job>-<index>.npy`."""
    images = tuple(
        ImageRequest(f"{job}:{index}", "a red fox", "", seed=index, path=str(folder / f"{job}-{index}.npy"))
        for index in range(images_a_job)
        for job in jobs
    )
    facts: dict[str, Any] = {
        "id": "request",
        "task": "text-to-image",
        "model": ANY_MODEL,
        "width": 32,
        "height": 48,
        "num_inference_steps": 4,
        "guidance_scale": 4.0,
        "scheduler": "ddim",
        "images": images,
        "max_batch": 8,
    }
    return BatchRequest(**{**facts, **changes})


def noop_engine(folder: Path, seconds_per_pass: float = 0.0, **options: Any) -> Engine:
    """Return an engine, not yet started, that draws flat colours."""
    log_path = folder / "logs" / "engine.log"
    return Engine(EngineOptions(log_path=log_path, backend="noop", noop_seconds=seconds_per_pass, **options))


def draw(engine: Engine, request: BatchRequest, deadline_seconds: float = 60.0) -> list[Event]:
    """Run a request to its end and return what was heard."""
    events: list[Event] = []
    engine.run(request, events.append, lambda: (), deadline_seconds)
    return events


def done_keys(events: Sequence[Event]) -> list[str]:
    """Return the keys of the pictures that were written, in order."""
    return [event.key for event in events if isinstance(event, ImageDone)]


def passes_of(events: Sequence[Event]) -> list[tuple[str, ...]]:
    """Return the keys that shared each pass, in order."""
    return [event.keys for event in events if isinstance(event, Step) and event.step == 1]
