"""Draw static/img/tools/: what the landing page and the guides show of each tool, before and after.

`python -m benchmarks.site_tools [--steps 25]`. The edits go through the engine's own tasks in this process; what a
training and a video look like is cut out of their sheets in docs/.
"""

from __future__ import annotations

import argparse
import sys
import tomllib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from benchmarks.contact_sheets import CPU, STARTER, UPSCALER, Studio, tool
from generation import wildcards, xmp
from generation.engine.backend import Pixels
from generation.engine.options import (
    BLEND_ROLES,
    IMAGE,
    MASK,
    BlendOptions,
    ImageToImageOptions,
    InpaintOptions,
    OutpaintOptions,
    RemoveBackgroundOptions,
    ReplaceBackgroundOptions,
    TextToImageOptions,
    UpscaleOptions,
)
from generation.engine.protocol import ModelSpec
from generation.inference import loading

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "static" / "img" / "tools"
SEED = 2
# Left, upper, right and lower edge in pixels of the sheet.
Box = tuple[int, int, int, int]
CUTS: dict[str, tuple[str, Box]] = {
    "training-before": ("training/sheet.webp", (268, 18, 396, 146)),
    "training-after": ("training/sheet.webp", (664, 314, 792, 442)),
    "video-before": ("video/frames.webp", (8, 560, 168, 720)),
    "video-after": ("video/frames.webp", (1352, 560, 1512, 720)),
}

# Seeds whose pictures take different words of the list.
LIST_SEEDS = (4, 5, 9, 10)
# The mascot that the training learned: drawn by `mascot.py`, not by a model.
BY_A_PROGRAM = ("training-before",)


def draw(studio: Studio) -> dict[str, Pixels]:
    """Return the name of each file and its picture."""
    apple, fox, castle = studio.draw(
        "text-to-image", TextToImageOptions(), ["an apple", "a fox", "a castle on grass"], seed=SEED + 1
    )
    disc = np.zeros(apple.shape[:2], np.uint8)
    cv2.circle(disc, (64, 64), 50, 255, -1)
    repainted = studio.draw("inpaint", InpaintOptions(1.0, 10), ["a green apple"], [{IMAGE: apple, MASK: disc}])
    cutting = replace(studio, model=replace(studio.model, tools={"grabcut": tool("grabcut")}))
    night = cutting.draw("replace-background", ReplaceBackgroundOptions(1), ["the night sky"], [{IMAGE: fox}])
    snow = studio.draw("image-to-image", ImageToImageOptions(0.65), ["a castle in the snow"], [{IMAGE: castle}])
    return {
        "repaint-before": apple,
        "repaint-after": repainted[0],
        "background-before": fox,
        "background-after": night[0],
        "rework-before": castle,
        "rework-after": snow[0],
    }


def draw_for_guides(studio: Studio, fox: Pixels) -> dict[str, Pixels]:
    """Return what the guides alone show: the name of each file and its picture."""
    boat, apple, orange = studio.draw(
        "text-to-image",
        TextToImageOptions(),
        ["a sailboat on a light blue background", "a red apple on white", "an orange on white"],
        seed=SEED + 1,
    )
    wider = OutpaintOptions(left=32, right=32, top=0, bottom=0, feather=10)
    (extended,) = studio.draw("outpaint", wider, ["a light blue background"], [{IMAGE: boat}], size=(192, 128))
    between = dict(zip(BLEND_ROLES, (apple, orange), strict=False))
    (blended,) = studio.draw("blend", BlendOptions((0.5, 0.5), 0.4), ["a peach"], [between])
    (cut,) = studio.draw("remove-background", RemoveBackgroundOptions(1), [""], [{IMAGE: fox}], by=tool("grabcut"))
    part = np.ascontiguousarray(fox[24:56, 48:80])
    upscaler = tool("upscaler", UPSCALER)
    (enlarged,) = studio.draw("upscale", UpscaleOptions(4), [""], [{IMAGE: part}], by=upscaler)
    lists = tomllib.loads((ROOT / "generation" / "wildcards.toml").read_text(encoding="utf-8"))
    words = {seed: wildcards.resolve("a __colour__ umbrella", lists, seed) for seed in LIST_SEEDS}
    listed = [studio.draw("text-to-image", TextToImageOptions(), [each], seed=seed)[0] for seed, each in words.items()]
    return {
        "extend-before": boat,
        "extend-after": extended,
        "blend-before": apple,
        "blend-with": orange,
        "blend-after": blended,
        "cut-out-after": cut,
        "enlarge-before": part.repeat(4, axis=0).repeat(4, axis=1),
        "enlarge-after": enlarged,
        **{f"list-{place}": picture for place, picture in enumerate(listed)},
    }


def main(arguments: Sequence[str]) -> int:
    """Draw and cut them all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=25)
    options = parser.parse_args(arguments)
    spec = ModelSpec("starter", "stable-diffusion", str(STARTER), "float32", "minilm")
    studio = Studio(loading.load(spec, loading.inspect(spec, CPU)[0], CPU), options.steps)
    drawn = draw(studio)
    drawn |= draw_for_guides(studio, drawn["background-before"])
    pictures = {name: Image.fromarray(pixels) for name, pixels in drawn.items()}
    for name, (sheet, box) in CUTS.items():
        pictures[name] = Image.open(ROOT / "docs" / sheet).convert("RGB").crop(box).resize((128, 128))
    FOLDER.mkdir(exist_ok=True)
    for name, picture in pictures.items():
        packet = xmp.short_packet(xmp.MADE_BY_A_PROGRAM if name in BY_A_PROGRAM else xmp.MADE_BY_A_MODEL)
        picture.save(FOLDER / f"{name}.webp", quality=88, method=6, xmp=packet.encode())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
