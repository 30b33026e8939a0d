"""Make docs/video/: the starter's fox as a video, a sheet of its frames, figures of how smooth and how alike it is.

`python -m benchmarks.video [--motion 0.5] [--threads 2] [--keep FOLDER]`. It goes through the engine's own task, in
this process. `--keep` writes the videos too. The processor's time is told beside the clock's: on a busy machine only
the first means something. It fails where a video jumps, leaves its picture or takes too long.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.contact_sheets import CPU, STARTER, Quiet, Row, Studio, render
from generation import video_encoding
from generation.engine.backend import Pass, Pixels
from generation.engine.options import END_IMAGE, IMAGE, ImageToVideoOptions, TextToImageOptions
from generation.engine.protocol import BatchRequest, ImageRequest, Input, ModelSpec
from generation.inference import loading
from generation.inference.tasks import TASKS

FOLDER = Path(__file__).parents[1] / "docs" / "video"
FRAMES, FPS, SHOWN = 48, 16, 8
# What must hold of every video that comes back to its picture, as `measure` names it: differences of 255, likenesses of
# 1, seconds by the clock.
AT_MOST = {
    "frame_to_frame_max": 3.0,
    "largest_step_over_median": 2.0,
    "first_frame_to_source": 1.0,
    "last_frame_to_first": 3.0,
    "seconds": 60.0,
}
AT_LEAST = {"likeness_to_source_min": 0.85}
# Name → the source's prompt and seed, the end's, and the words that the video is given.
VIDEOS: dict[str, tuple[tuple[str, int], tuple[str, int] | None, str]] = {
    "fox": (("a fox", 3), None, "a fox"),
    "robot": (("a robot", 4), None, "a robot"),
    "sailboat": (("a sailboat on a light blue background", 1), None, "a sailboat on a light blue background"),
    "smile to wink": (("a smiling face", 3), ("a winking face", 3), "a smiling face"),
}


def make(
    studio: Studio, source: Pixels, end: Pixels | None, prompt: str, motion: float
) -> tuple[Pixels, dict[str, float]]:
    """Return a video's frames, and the seconds that it took."""
    with tempfile.TemporaryDirectory() as folder:
        pictures = {IMAGE: source, **({END_IMAGE: end} if end is not None else {})}
        for role, pixels in pictures.items():
            np.save(Path(folder) / f"{role}.npy", pixels)
        inputs = tuple(Input(role, str(Path(folder) / f"{role}.npy")) for role in pictures)
        image = ImageRequest("a:0", prompt, "", 5, f"{folder}/0.npy", inputs)
        options = ImageToVideoOptions(FRAMES, FPS, motion)
        spec = studio.model.spec
        request = BatchRequest(
            "video", "image-to-video", spec, 128, 128, studio.steps, 2.5, "ddim", (image,), options, preview=False
        )
        started, busy = time.monotonic(), time.process_time()
        ((_, frames),) = TASKS["image-to-video"](studio.model, Pass(request, (image,)), Quiet())
        took = {"seconds": time.monotonic() - started, "processor_seconds": time.process_time() - busy}
        return frames, {name: round(value, 1) for name, value in took.items()}


def measure(frames: Pixels, source: Pixels, end: Pixels | None) -> dict[str, float]:
    """Return how smooth a video is and how close it stays; differences are means over all pixels, of 255."""
    values = frames.astype(np.float32)
    steps = np.abs(np.diff(values, axis=0)).mean((1, 2, 3))
    away = [_correlation(frame, source) for frame in values]
    facts = {
        "frame_to_frame_mean": steps.mean(),
        "frame_to_frame_max": steps.max(),
        # How unevenly it goes: the largest step over the middle one.
        "largest_step_over_median": steps.max() / np.median(steps),
        "first_frame_to_source": np.abs(values[0] - source).mean(),
        "likeness_to_source_min": min(away),
        "likeness_to_source_mean": float(np.mean(away)),
    }
    if end is None:
        facts["last_frame_to_first"] = np.abs(values[-1] - values[0]).mean()
    else:
        facts["last_frame_to_end"] = np.abs(values[-1] - end).mean()
    return {name: round(float(value), 3) for name, value in facts.items()}


def misses(figures: dict[str, dict[str, float]]) -> list[str]:
    """Return which bounds do not hold, with what was measured; one that ends elsewhere leaves its picture."""
    found = []
    for name, facts in figures.items():
        loops = "last_frame_to_first" in facts
        most = {fact: bound for fact, bound in AT_MOST.items() if fact in facts}
        found += [
            f"{name}: {fact} {facts[fact]}; {most[fact]} is the most" for fact in most if facts[fact] > most[fact]
        ]
        least = AT_LEAST if loops else {}
        found += [
            f"{name}: {fact} {facts[fact]}; {least[fact]} is the least" for fact in least if facts[fact] < least[fact]
        ]
    return found


def _correlation(frame: Any, source: Pixels) -> float:
    return float(np.corrcoef(frame.ravel(), source.astype(np.float32).ravel())[0, 1])


def main(arguments: Sequence[str]) -> int:
    """Make the videos, the sheet and the figures; returns the exit status: 1 when a bound does not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--motion", type=float, default=0.5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    spec = ModelSpec("starter", "stable-diffusion", str(STARTER), "float32", "minilm")
    studio = Studio(loading.load(spec, loading.inspect(spec, CPU)[0], CPU), 25)
    FOLDER.mkdir(exist_ok=True)
    rows: list[Row] = []
    figures: dict[str, dict[str, float]] = {}
    for name, (start, last, prompt) in VIDEOS.items():
        source, end = _drawn(studio, start), _drawn(studio, last) if last else None
        frames, took = make(studio, source, end, prompt, options.motion)
        figures[name] = {**took, **measure(frames, source, end)}
        shown = [round(index * (FRAMES - 1) / (SHOWN - 1)) for index in range(SHOWN)]
        rows.append([("source", source), *((f"{index / FPS:.2f} s", frames[index]) for index in shown)])
        print(name, json.dumps(figures[name]), flush=True)
        if options.keep:
            options.keep.mkdir(exist_ok=True)
            (options.keep / f"{name}.mp4").write_bytes(video_encoding.mp4(frames, FPS))
            (options.keep / f"{name}.webp").write_bytes(video_encoding.webp(frames, FPS))
    render(rows).save(FOLDER / "frames.webp", "WEBP", quality=80, method=6)
    (FOLDER / "figures.json").write_text(json.dumps({"motion": options.motion, "videos": figures}, indent=2) + "\n")
    missed = misses(figures)
    print("\n".join(f"FAILED: {words}" for words in missed) or "every bound holds")
    return 1 if missed else 0


def _drawn(studio: Studio, named: tuple[str, int]) -> Pixels:
    prompt, seed = named
    return studio.draw("text-to-image", TextToImageOptions(), [prompt], seed=seed)[0]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
