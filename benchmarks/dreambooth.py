"""Teach the starter a thing that it has never seen, and measure what it learned and what it kept.

`python -m benchmarks.dreambooth [--pictures 10] [--seed 11]`: trains as the product does, in this process, on pictures
of a drawn mascot; writes docs/training/sheet.webp and prints a table. The likeness is `benchmarks.mascot`'s. It fails
where the word shows too little of the subject, other prompts changed, or it took too long.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

import numpy as np
import torch
from PIL import Image, ImageDraw

from benchmarks import mascot
from benchmarks.mascot import Pixels
from generation.catalog_shapes import DEFAULT_SLUG
from generation.engine.protocol import ModelSpec
from generation.engine.training import (
    Recipe,
    Sampling,
    Trained,
    TrainingEvent,
    TrainingPicture,
    TrainingRequest,
    TrainingStep,
)
from generation.inference import dreambooth, loading
from generation.inference.loading import LoadedModel
from generation.inference.training_latents import draw_pixels

SHEET = Path(__file__).parents[1] / "docs" / "training" / "sheet.webp"
STARTER = Path(__file__).parents[1] / "generation" / "starter" / "weights"
TRIGGER, SUBJECT = "zorblat", "object"
SEEDS = range(100, 108)
OTHERS = (
    *("a fox", "a red apple on a blue background", "a robot", "an object"),
    *("a cat and a pizza", "a castle", "a penguin", "a pink heart"),
)
GAP = 4
# What must hold, in likeness (0 to 1): how much nearer to the training pictures the word brings its pictures, and how
# like pictures of other prompts stay to their own from before.
GAIN_MIN, KEPT_MIN = 0.1, 0.85
SECONDS_MAX = 600


@dataclass(frozen=True)
class Measures:
    """What a training did: to pictures of the word, to others, and how long it took."""

    gain: float
    kept: float
    seconds: float

    def misses(self) -> list[str]:
        """Return which bounds do not hold, with what was measured."""
        bounds = (
            (self.gain >= GAIN_MIN, f"the word gains {self.gain:.3f} in likeness; {GAIN_MIN} is the least"),
            (self.kept >= KEPT_MIN, f"other prompts keep a likeness of {self.kept:.3f}; {KEPT_MIN} is the least"),
            (self.seconds <= SECONDS_MAX, f"it took {self.seconds:.0f} s; {SECONDS_MAX} s are the most"),
        )
        return [words for holds, words in bounds if not holds]


class Printer:
    """Prints how a training goes; see `generation.engine.backend.TrainingWatch`."""

    def __init__(self) -> None:
        self._next = 0

    def tell(self, event: TrainingEvent) -> None:
        """Print a line now and then."""
        if isinstance(event, TrainingStep) and event.step >= self._next:
            self._next = event.step + 50
            print(
                f"step {event.step} of {event.of}, loss {event.loss:.4f}, {event.seconds_left:.0f} s left", flush=True
            )

    def pause_point(self, park: Callable[[], None], unpark: Callable[[], None]) -> None:
        """Go on."""


def main(arguments: Sequence[str]) -> int:
    """Train, measure, draw the sheet; returns the exit status: 1 when a bound does not hold."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.dreambooth", description=__doc__)
    parser.add_argument("--pictures", type=int, default=10)
    parser.add_argument("--seed", type=int, default=11)
    options = parser.parse_args(arguments)
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    references = mascot.pictures(options.pictures)
    model = _starter()
    before = _draw_all(model)
    with tempfile.TemporaryDirectory() as folder:
        started, cpu = time.monotonic(), time.process_time()
        trained = _train(model, Path(folder), references, options.seed)
        seconds, cpu_seconds = time.monotonic() - started, time.process_time() - cpu
        model.pipeline.load_lora_weights(trained.path)
        after = _draw_all(model)
        size = Path(trained.path).stat().st_size
    print(f"trained in {seconds:.0f} s, {cpu_seconds:.0f} CPU-seconds; {size / 1e6:.1f} MB, rank {trained.rank}")
    gain, kept = _report(references, before, after)
    _write_sheet(references, before, after)
    missed = Measures(gain, kept, seconds).misses()
    print("\n".join(f"FAILED: {words}" for words in missed) or "every bound holds")
    return 1 if missed else 0


def _starter() -> LoadedModel:
    spec = ModelSpec(DEFAULT_SLUG, "stable-diffusion", str(STARTER), "float32", "minilm")
    return loading.load(spec, loading.inspect(spec, torch.device("cpu"))[0], torch.device("cpu"))


def _train(model: LoadedModel, folder: Path, references: Sequence[Pixels], seed: int) -> Trained:
    pictures = []
    for number, pixels in enumerate(references):
        path = folder / f"picture-{number}.npy"
        np.save(path, pixels)
        pictures.append(TrainingPicture(str(path), _words()))
    recipe, sampling, class_prompts, sample_prompts = _as_the_product_does()
    request = TrainingRequest(
        id="benchmark",
        folder=str(folder / "training"),
        pictures=tuple(pictures),
        class_prompts=class_prompts,
        sample_prompts=sample_prompts,
        recipe=recipe,
        sampling=sampling,
        seed=seed,
    )
    return dreambooth.train(model, request, Printer())


def _as_the_product_does() -> tuple[Recipe, Sampling, tuple[str, ...], tuple[str, ...]]:
    """Return recipe and prompts out of the product's own tables, which need Django's settings."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "getimg_site.settings")
    django.setup()
    from generation import catalog, training_recipes

    base = catalog.MODELS[DEFAULT_SLUG]
    recipe = training_recipes.recipe_for(base)
    assert recipe is not None
    prompts = training_recipes.class_prompts(SUBJECT), training_recipes.sample_prompts(SUBJECT, TRIGGER)
    return recipe, training_recipes.sampling_of(base), *prompts


def _words() -> str:
    return f"a {TRIGGER} {SUBJECT}"


def _draw_all(model: LoadedModel) -> tuple[list[Pixels], list[Pixels]]:
    """Draw the trigger from eight seeds, and eight prompts without it."""
    seeds = list(SEEDS)
    return _draw(model, [_words()] * len(seeds), seeds), _draw(model, OTHERS, seeds)


def _draw(model: LoadedModel, prompts: Sequence[str], seeds: Sequence[int]) -> list[Pixels]:
    drawn = draw_pixels(model, prompts, seeds, Sampling("ddim", 25, 2.5), mascot.SIDE, lambda: None)
    pixels: Pixels = (drawn.clamp(0, 1) * 255).round().to(torch.uint8).movedim(1, -1).numpy()
    return list(pixels)


def _report(
    references: Sequence[Pixels],
    before: tuple[list[Pixels], list[Pixels]],
    after: tuple[list[Pixels], list[Pixels]],
) -> tuple[float, float]:
    """Print likenesses; returns what the trigger gained, and how like others are to their own from before."""
    among = [mascot.likeness(one, [other for other in references if other is not one]) for one in references]
    print(f"likeness to the training pictures (they among themselves: {fmean(among):.3f})")
    gains = []
    for name, part in (("with the trigger", 0), ("without", 1)):
        found = [fmean(mascot.likeness(picture, references) for picture in side[part]) for side in (before, after)]
        gains.append(found[1] - found[0])
        print(f"  {name}: {found[0]:.3f} before, {found[1]:.3f} after")
    print("each picture against its own from before, same seed")
    kept = []
    for name, part in (("with the trigger", 0), ("without", 1)):
        pairs = list(zip(before[part], after[part], strict=True))
        alike = fmean(mascot.likeness(new, [old]) for old, new in pairs)
        apart = fmean(mascot.difference(new, old) for old, new in pairs)
        kept.append(alike)
        print(f"  {name}: likeness {alike:.3f}, mean difference {apart:.1f} of 255")
    return gains[0], kept[1]


def _write_sheet(
    references: Sequence[Pixels],
    before: tuple[list[Pixels], list[Pixels]],
    after: tuple[list[Pixels], list[Pixels]],
) -> None:
    rows = (
        ("Learned from (eight of them)", list(references[:8])),
        (f"“{_words()}”, before", before[0]),
        (f"“{_words()}”, after", after[0]),
        ("Prompts without the word, before", before[1]),
        ("The same, after", after[1]),
    )
    cell, caption = mascot.SIDE + GAP, 16
    sheet = Image.new("RGB", (8 * cell + GAP, len(rows) * (cell + caption) + GAP), "white")
    draw = ImageDraw.Draw(sheet)
    for row, (title, pictures) in enumerate(rows):
        top = row * (cell + caption) + GAP
        draw.text((GAP, top), title, fill="black")
        for column, picture in enumerate(pictures):
            sheet.paste(Image.fromarray(picture), (GAP + column * cell, top + caption - 2))
    SHEET.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(SHEET, "WEBP", quality=85, method=6)
    print(f"sheet: {SHEET}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
