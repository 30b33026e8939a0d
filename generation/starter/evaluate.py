"""Measure the starter model: ``python -m generation.starter.evaluate``.

Writes the figures as JSON and a contact sheet as PNG. The judge of objects is ``classifier``; colours and
counts are read off the pixels. What does not belong here: training of the model.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import random
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers import LCMScheduler, StableDiffusionPipeline
from numpy.typing import NDArray
from PIL import Image

from generation.starter.classifier import Classifier, load_or_train, measure_classifier
from generation.starter.composing import compose
from generation.starter.dataset import DEFAULT_CACHE, Noun, SpriteShelf, open_dataset
from generation.starter.distillation import ADAPTER
from generation.starter.loading import WEIGHTS_FOLDER, load_pipeline
from generation.starter.scenes import Background, PlacedObject, Scene, draw_scene
from generation.starter.vocabulary import COLOURS, synonyms, to_plural, with_article

PROMPTS_FILE = Path(__file__).parent / "prompts.txt"
# Brighter or darker shades of one hue are not told apart in a prompt: "light green" for "green" is right.
_SHADES = {"light green": "green", "light blue": "blue", "dark blue": "blue"}
SHEET_COLUMNS = 6

logger = logging.getLogger(__name__)


class Studio:
    """The pipeline with fixed settings, as the product uses it."""

    def __init__(self, pipeline: StableDiffusionPipeline, steps: int, guidance: float, size: int) -> None:
        """Keep the settings."""
        self._pipeline = pipeline
        self._steps, self._guidance, self._size = steps, guidance, size
        pipeline.set_progress_bar_config(disable=True)

    def draw(self, prompts: Sequence[str], seed: int = 0, batch: int = 16) -> list[Image.Image]:
        """Draw one picture for each prompt; picture ``i`` has seed ``seed + i``, whatever the batch."""
        pictures: list[Image.Image] = []
        for start in range(0, len(prompts), batch):
            part = list(prompts[start : start + batch])
            generators = [torch.Generator().manual_seed(seed + start + place) for place in range(len(part))]
            result = self._pipeline(
                part, num_inference_steps=self._steps, guidance_scale=self._guidance,
                height=self._size, width=self._size, generator=generators, **compose(self._pipeline, part),
            )  # fmt: skip
            pictures += result.images
        return pictures


def measure(studio: Studio, judge: Classifier, nouns: Sequence[Noun], shelf: SpriteShelf, count: int) -> dict[str, Any]:
    """Measure fidelity, synonyms and sharpness over about ``count`` prompts for each share."""
    rng = random.Random(2024)
    common = [noun.name for noun in nouns if noun.is_common]
    favourites = [noun.name for noun in nouns if noun.tier == 0]
    singles = _choose(rng, common, count)
    words = dict(_choose_items(rng, synonyms(), min(count, len(synonyms()))))
    drawn = studio.draw([with_article(name) for name in singles])
    synonym_pictures = studio.draw([with_article(word) for word in words], seed=5000)
    return {
        "one_object": _share(judge.name(drawn), singles),
        "one_favourite": _measure_names(studio, judge, _choose(rng, favourites, count // 2)),
        "pair_both": _measure_pairs(studio, judge, rng, common, count // 2),
        "background_colour": _measure_backgrounds(studio, rng, common, count // 2),
        "two": _measure_counts(studio, rng, common, 2, count // 4),
        "three": _measure_counts(studio, rng, common, 3, count // 4),
        "synonyms": _share(judge.name(synonym_pictures), list(words.values())),
        "sharpness_ratio": _measure_sharpness(drawn, singles, shelf),
    }


def measure_time(studio: Studio, repeats: int = 5) -> float:
    """Return the median seconds for one picture, after one to warm up."""
    seconds = []
    for repeat in range(repeats + 1):
        start = time.perf_counter()
        studio.draw(["a red apple"], seed=repeat)
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds[1:])


def count_objects(picture: Image.Image) -> int:
    """Count what stands side by side: runs of columns that differ from the background."""
    pixels = np.asarray(picture.convert("RGB"), np.float32)
    difference = np.abs(pixels - _border_colour(pixels)).max(-1) > 40
    filled = difference.sum(0) >= 3
    runs, length = 0, 0
    for column in [*filled.tolist(), False]:
        # A speck of a few columns is no object.
        runs += int(not column and length >= pixels.shape[1] // 20)
        length = length + 1 if column else 0
    return runs


def name_background(picture: Image.Image) -> str:
    """Name the colour along the border of a picture."""
    colour = _border_colour(np.asarray(picture.convert("RGB"), np.float32))
    return min(COLOURS, key=lambda name: float(np.abs(np.array(COLOURS[name]) - colour).sum()))


def make_sheet(pictures: Sequence[Image.Image], columns: int = SHEET_COLUMNS) -> Image.Image:
    """Lay pictures of one size out in rows."""
    side = pictures[0].width
    rows = -(-len(pictures) // columns)
    sheet = Image.new("RGB", (columns * side, rows * side), "white")
    for place, picture in enumerate(pictures):
        sheet.paste(picture, (place % columns * side, place // columns * side))
    return sheet


def read_prompts(path: Path = PROMPTS_FILE) -> list[str]:
    """Read the suggested prompts, one a line."""
    return [line.strip() for line in path.read_text().splitlines() if line.strip()]


def _measure_names(studio: Studio, judge: Classifier, names: list[str]) -> float:
    return _share(judge.name(studio.draw([with_article(name) for name in names], seed=1000)), names)


def _measure_pairs(studio: Studio, judge: Classifier, rng: random.Random, names: list[str], count: int) -> float:
    pairs = [tuple(rng.sample(names, 2)) for _ in range(count)]
    drawn = studio.draw([f"{with_article(left)} and {with_article(right)}" for left, right in pairs], seed=2000)
    found = [set(judge.name(_split(picture))) for picture in drawn]
    return _mean([set(pair) == both for pair, both in zip(pairs, found, strict=True)])


def _measure_backgrounds(studio: Studio, rng: random.Random, names: list[str], count: int) -> float:
    wanted = [rng.choice(list(COLOURS)) for _ in range(count)]
    prompts = [f"{with_article(rng.choice(names))} on a {colour} background" for colour in wanted]
    found = [name_background(picture) for picture in studio.draw(prompts, seed=3000)]
    return _mean([_SHADES.get(a, a) == _SHADES.get(b, b) for a, b in zip(wanted, found, strict=True)])


def _measure_counts(studio: Studio, rng: random.Random, names: list[str], number: int, count: int) -> float:
    word = {2: "two", 3: "three"}[number]
    drawn = studio.draw([f"{word} {to_plural(name)}" for name in _choose(rng, names, count)], seed=4000)
    return _mean([count_objects(picture) == number for picture in drawn])


def _measure_sharpness(drawn: Sequence[Image.Image], names: Sequence[str], shelf: SpriteShelf) -> float:
    """Mean edge strength of drawn pictures, relative to that of the real sprites on white."""
    size = drawn[0].width
    real = [
        draw_scene(Scene(name, (PlacedObject(name, 64, 64, 100),), Background(), "single"), shelf.read, size)
        for name in names
    ]
    drawn_edges, real_edges = (np.mean([measure_edges(np.asarray(one)) for one in part]) for part in (drawn, real))
    return float(drawn_edges / real_edges)


def measure_edges(picture: NDArray[np.uint8]) -> float:
    """Return how strong the edges of a picture are: steps of grey from one pixel to the next."""
    grey = picture.astype(np.float32).mean(-1)
    strength = np.hypot(np.diff(grey, axis=0)[:, :-1], np.diff(grey, axis=1)[:-1])
    # The strongest twentieth: blur lowers exactly these.
    return float(np.sort(strength.ravel())[-strength.size // 20 :].mean())


def _split(picture: Image.Image) -> list[Image.Image]:
    side = picture.width
    boxes = [(0, side // 4, side // 2, side * 3 // 4), (side // 2, side // 4, side, side * 3 // 4)]
    return [picture.crop(box) for box in boxes]


def _border_colour(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    edge = np.concatenate([pixels[:4].reshape(-1, 3), pixels[:, :4].reshape(-1, 3), pixels[:, -4:].reshape(-1, 3)])
    colour: NDArray[np.float32] = np.median(edge, axis=0)
    return colour


def _choose(rng: random.Random, names: Sequence[str], count: int) -> list[str]:
    """Choose ``count`` names, each as often as any other."""
    shuffled = rng.sample(list(names), len(names))
    return [shuffled[place % len(shuffled)] for place in range(count)] if names else []


def _choose_items(rng: random.Random, pairs: dict[str, str], count: int) -> list[tuple[str, str]]:
    return rng.sample(list(pairs.items()), count)


def _share(found: Sequence[str], wanted: Sequence[str]) -> float:
    return _mean([a == b for a, b in zip(found, wanted, strict=True)])


def _mean(values: Sequence[bool]) -> float:
    return round(sum(values) / len(values), 4) if values else 0.0


def parse_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description="Measure the starter model.")
    parser.add_argument("--model", type=Path, default=WEIGHTS_FOLDER)
    parser.add_argument("--cache", type=Path, default=DEFAULT_CACHE)
    parser.add_argument("--out", type=Path, help="folder for evaluation.json and sheet.png (default CACHE)")
    parser.add_argument("--prompts", type=int, default=300)
    parser.add_argument(
        "--fast", action="store_true", help="measure the few-step setting: its LoRA, 6 steps, no guidance"
    )
    parser.add_argument("--steps", type=int, help="default 25, or 6 with --fast")
    parser.add_argument("--guidance", type=float, help="default 2.5, or none with --fast")
    parser.add_argument("--size", type=int, default=128)
    parser.add_argument("--threads", type=int, default=min(2, os.cpu_count() or 1))
    parser.add_argument("--classifier-steps", type=int, default=1500)
    parser.add_argument("--nouns", type=int, help="judge among so many nouns, those that the model was trained on")
    parser.add_argument("--sheet-only", action="store_true", help="draw the suggested prompts and measure nothing")
    options = parser.parse_args(arguments)
    options.steps = options.steps or (6 if options.fast else 25)
    options.guidance = options.guidance or (1.0 if options.fast else 2.5)
    return options


def open_studio(options: argparse.Namespace) -> Studio:
    """Load the model, with the few-step LoRA and its sampler where these are asked for."""
    pipeline = load_pipeline(options.model, adapter=ADAPTER if options.fast else "")
    if options.fast:
        pipeline.scheduler = LCMScheduler.from_config(pipeline.scheduler.config)
    return Studio(pipeline, options.steps, options.guidance, options.size)


def evaluate(options: argparse.Namespace) -> dict[str, Any]:
    """Draw the contact sheet, measure, write both, and return the figures."""
    torch.set_num_threads(options.threads)
    out: Path = options.out or options.cache
    out.mkdir(parents=True, exist_ok=True)
    started = time.perf_counter()
    studio = open_studio(options)
    loading = time.perf_counter() - started
    make_sheet(studio.draw(read_prompts(), seed=1)).save(out / "sheet.png")
    figures: dict[str, Any] = {
        "settings": {name: getattr(options, name) for name in ("fast", "steps", "guidance", "size")},
        "loading_seconds": round(loading, 2),
        "seconds_per_picture": round(measure_time(studio), 2),
        "threads": options.threads,
    }
    if not options.sheet_only:
        nouns, shelf = open_dataset(options.cache, options.nouns)
        judge = load_or_train(nouns, shelf, options.cache / "classifier.pt", options.classifier_steps)
        figures |= {
            "classes": len(judge.names),
            "prompts": options.prompts,
            "classifier_accuracy": round(measure_classifier(judge, shelf), 4),
            **measure(studio, judge, nouns, shelf, options.prompts),
        }
    (out / "evaluation.json").write_text(json.dumps(figures, indent=2) + "\n")
    return figures


def main(report: Callable[[str], None] = print) -> None:
    """Evaluate from the command line."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    report(json.dumps(evaluate(parse_arguments()), indent=2))


if __name__ == "__main__":
    main()
