"""Draw docs/editing/: a sheet for each task, on pictures of the starter and on photographs that packages carry.

`python -m benchmarks.contact_sheets [--only inpaint,blend] [--steps 25]`. It goes through the engine's own tasks, in
this process; whenever the starter's weights change, this one command draws all sheets anew.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import skimage.data
import torch
from PIL import Image, ImageDraw, ImageFont

from generation.engine.backend import Pass, Pixels
from generation.engine.options import (
    BLEND_ROLES,
    IMAGE,
    MASK,
    STROKES,
    BlendOptions,
    ControlNetOptions,
    ImageToImageOptions,
    InpaintOptions,
    Options,
    OutpaintOptions,
    RemoveBackgroundOptions,
    ReplaceBackgroundOptions,
    TextToImageOptions,
    UpscaleOptions,
    VariationsOptions,
)
from generation.engine.protocol import BatchRequest, ImageRequest, Input, ModelSpec
from generation.inference import loading, tool_loading
from generation.inference.control_maps import control_map
from generation.inference.loading import LoadedModel
from generation.inference.tasks import TASKS
from generation.inference.tool_loading import LoadedTool

FOLDER = Path(__file__).parents[1] / "docs" / "editing"
STARTER = Path(__file__).parents[1] / "generation" / "starter" / "weights"
UPSCALER = STARTER.with_name("upscaler_weights")
CPU = torch.device("cpu")
CELL, GAP, CAPTION = 160, 8, 16
BEGINNINGS = (
    "a red apple on a dark blue background",
    "an orange on a green background",
    "a sailboat on a light blue background",
)
# As the catalogue has it for the starter.
GUIDANCE = 2.5
# As `params.variations` has them, which this side of the wire does not know.
VARIATION_SUBTLE, VARIATION_STRONG = 0.35, 0.7
LINES = ("canny", "scribble")

Row = Sequence[tuple[str, Pixels]]


class Quiet:
    """Hears nothing; see `generation.engine.backend.Watch`."""

    def step(self, step: int, of: int) -> None:
        """Go on."""

    def preview(self, key: str, webp: bytes) -> None:
        """Look away."""


@dataclass(frozen=True)
class Studio:
    """The starter and the tools that are built in."""

    model: LoadedModel
    steps: int

    def draw(
        self,
        task: str,
        options: Options,
        prompts: Sequence[str],
        inputs: Sequence[Mapping[str, Pixels]] = (),
        size: tuple[int, int] = (128, 128),
        seed: int = 3,
        by: LoadedTool | None = None,
    ) -> list[Pixels]:
        """Do a task for each prompt and its inputs, in one pass; `by` a tool where the model does not do it."""
        worker: LoadedModel | LoadedTool = by or self.model
        with tempfile.TemporaryDirectory() as folder:
            images = tuple(
                ImageRequest(
                    f"a:{index}", prompt, "", seed + index, f"{folder}/{index}", _save(Path(folder), index, each)
                )
                for index, (prompt, each) in enumerate(zip(prompts, inputs or [{}] * len(prompts), strict=True))
            )
            request = BatchRequest(
                "sheet", task, worker.spec, *size, self.steps, GUIDANCE, "ddim", images, options, preview=False
            )
            return [pixels for _, pixels in TASKS[task](worker, Pass(request, images), Quiet())]


def tool(family: str, folder: Path | None = None) -> LoadedTool:
    """Return a tool that is built in, or that ships in a folder."""
    return tool_loading.build(ModelSpec(family, family, str(folder or ""), "float32"), CPU)


def begin(studio: Studio) -> list[Pixels]:
    """Draw the pictures that the sheets begin from."""
    return studio.draw("text-to-image", TextToImageOptions(), BEGINNINGS, seed=1)


def image_to_image(studio: Studio, own: list[Pixels]) -> list[Row]:
    """Pictures of the starter and photographs with other words, further and further away from them."""
    sources = [*own, skimage.data.coffee(), skimage.data.chelsea()]
    prompts = (
        "a green apple on a dark blue background",
        "a lemon on a pink background",
        "a sailboat at sunset",
        "a cup on a brown background",
        "a cat on a brown background",
    )
    strengths = (0.3, 0.5, 0.7, 0.9)
    columns = [
        studio.draw("image-to-image", ImageToImageOptions(strength), prompts, [{IMAGE: each} for each in sources])
        for strength in strengths
    ]
    return [
        [("source", source), *((f"strength {s}", c[row]) for s, c in zip(strengths, columns, strict=True))]
        for row, source in enumerate(sources)
    ]


def inpaint(studio: Studio, own: list[Pixels]) -> list[Row]:
    """A disc of each picture repainted; the rest is the source's."""
    coffee = skimage.data.coffee()
    sources, masks = [own[0], own[2], coffee], []
    for source, (x, y, radius) in zip(sources, ((64, 64, 46), (64, 60, 44), (290, 110, 95)), strict=True):
        masks.append(np.zeros(source.shape[:2], np.uint8))
        cv2.circle(masks[-1], (x, y), radius, 255, -1)
    prompts = ("a banana on a dark blue background", "a star on a light blue background", "an orange")
    inputs = [{IMAGE: source, MASK: mask} for source, mask in zip(sources, masks, strict=True)]
    results = studio.draw("inpaint", InpaintOptions(1.0, 10), prompts, inputs)
    return [[("source", s), ("mask", m), (p, r)] for s, m, p, r in zip(sources, masks, prompts, results, strict=True)]


def outpaint(studio: Studio, own: list[Pixels]) -> list[Row]:
    """Half as much again to the right."""
    sources = [own[1], own[2], skimage.data.rocket()[::2, ::2], skimage.data.coffee()[::2, ::2]]
    prompts = ("a green background", "a light blue background", "a dark blue background", "a brown background")
    rows: list[Row] = []
    for source, prompt in zip(sources, prompts, strict=True):
        options = OutpaintOptions(left=0, right=source.shape[1] // 2, top=0, bottom=0, feather=10)
        (result,) = studio.draw("outpaint", options, [prompt], [{IMAGE: source}], size=(192, 128))
        rows.append([("source", source), (prompt, result)])
    return rows


def variations(studio: Studio, own: list[Pixels]) -> list[Row]:
    """Others like a picture, with the words that it was drawn from, and like a photograph: subtle and strong ones."""
    rows: list[Row] = []
    sources = [*own, skimage.data.coffee()]
    for source, prompt in zip(sources, (*BEGINNINGS, "a cup on a brown background"), strict=True):
        row = [("source", source)]
        for name, strength in (("subtle", VARIATION_SUBTLE), ("strong", VARIATION_STRONG)):
            results = studio.draw("variations", VariationsOptions(strength), [prompt] * 2, [{IMAGE: source}] * 2)
            row += [(name, result) for result in results]
        rows.append(row)
    return rows


def control_maps(_studio: Studio, own: list[Pixels]) -> list[Row]:
    """What a ControlNet is shown of a picture, as far as it is drawn without a network."""
    photographs = [skimage.data.coffee(), skimage.data.astronaut(), skimage.data.chelsea()]
    return [
        [
            ("source", each),
            *((name, control_map(each, ControlNetOptions(name, 1.0, 100, 200, False))) for name in LINES),
        ]
        for each in (own[0], *photographs)
    ]


def blend(studio: Studio, own: list[Pixels]) -> list[Row]:
    """Two of the starter's, two photographs, from the one to the other; and three at once."""
    shares = (0.25, 0.5, 0.75)

    def mixed(pictures: Sequence[Pixels], weights: tuple[float, ...], prompt: str) -> Pixels:
        inputs = [dict(zip(BLEND_ROLES, pictures, strict=False))]
        return studio.draw("blend", BlendOptions(weights, 0.3), [prompt], inputs)[0]

    rows: list[Row] = []
    photographs = [skimage.data.coffee()[:, 100:500], skimage.data.chelsea()[:, 75:375]]
    for (first, second), prompt in ((own[:2], "a fruit"), (photographs, "a cat")):
        middle = [(f"{s:.0%} of the second", mixed([first, second], (1 - s, s), prompt)) for s in shares]
        rows.append([("first", first), *middle, ("second", second)])
    three = [("a third of each", mixed(own, (1 / 3, 1 / 3, 1 / 3), "a fruit"))]
    rows.append([("first", own[0]), ("second", own[1]), ("third", own[2]), *three])
    return rows


def backgrounds(own: list[Pixels]) -> list[dict[str, Pixels]]:
    """Return pictures and, for photographs, strokes as a person would make them."""
    coffee, astronaut = skimage.data.coffee(), skimage.data.astronaut()
    cup = np.full(coffee.shape[:2], 128, np.uint8)
    cup[50:130, 220:340] = cup[180:300, 110:130] = cup[330:350, 180:300] = cup[140:260, 360:460] = 255
    cup[:, :50] = cup[:10] = cup[:, 505:] = cup[385:] = 0
    person = np.full(astronaut.shape[:2], 128, np.uint8)
    person[60:180, 190:260] = person[190:270, 150:290] = person[300:500, 80:330] = person[370:480, 300:470] = 255
    person[:340, :60] = person[:8] = person[:330, 370:] = person[:150, :130] = person[:150, 320:] = 0
    return [{IMAGE: own[0]}, {IMAGE: coffee, STROKES: cup}, {IMAGE: astronaut, STROKES: person}]


def remove_background(studio: Studio, own: list[Pixels]) -> list[Row]:
    """Subjects cut out, on a checkerboard."""
    inputs = backgrounds(own)
    words, by = [""] * len(inputs), tool("grabcut")
    results = studio.draw("remove-background", RemoveBackgroundOptions(1), words, inputs, by=by)
    return [
        [
            ("source", each[IMAGE]),
            ("strokes", each.get(STROKES, np.full(each[IMAGE].shape[:2], 128, np.uint8))),
            ("result", r),
        ]
        for each, r in zip(inputs, results, strict=True)
    ]


def replace_background(studio: Studio, own: list[Pixels]) -> list[Row]:
    """The same subjects in new scenes."""
    inputs = backgrounds(own)
    prompts = ("a light blue background", "a green background", "a dark blue background")
    with_tool = replace(studio, model=replace(studio.model, tools={"grabcut": tool("grabcut")}))
    results = with_tool.draw("replace-background", ReplaceBackgroundOptions(1), prompts, inputs)
    return [[("source", each[IMAGE]), (p, r)] for each, p, r in zip(inputs, prompts, results, strict=True)]


def upscale(studio: Studio, own: list[Pixels]) -> list[Row]:
    """Small parts of a drawing and of photographs, pixel by pixel, and four times as large by each that ships."""
    parts = [
        own[0][16:56, 28:88],
        skimage.data.chelsea()[84:124, 150:210],
        skimage.data.coffee()[230:270, 320:380],
    ]
    tools = {"Lanczos, no model": tool("lanczos"), "the starter's network": tool("upscaler", UPSCALER)}
    rows: list[Row] = []
    for part in map(np.ascontiguousarray, parts):
        row = [("source, pixel by pixel", part.repeat(4, axis=0).repeat(4, axis=1))]
        for name, by in tools.items():
            (result,) = studio.draw("upscale", UpscaleOptions(4), [""], [{IMAGE: part}], by=by)
            row.append((f"four times, {name}", result))
        rows.append(row)
    return rows


SHEETS: dict[str, Callable[[Studio, list[Pixels]], list[Row]]] = {
    "remove-background": remove_background,
    "upscale": upscale,
    "inpaint": inpaint,
    "replace-background": replace_background,
    "outpaint": outpaint,
    "blend": blend,
    "image-to-image": image_to_image,
    "variations": variations,
    "control-maps": control_maps,
}


def render(rows: Sequence[Row]) -> Image.Image:
    """Lay rows of named pictures out on one sheet."""
    pictures = [[(name, _cell(pixels)) for name, pixels in row] for row in rows]
    width = max(sum(cell.width + GAP for _, cell in row) for row in pictures) + GAP
    sheet = Image.new("RGB", (width, len(rows) * (CELL + CAPTION + GAP) + GAP), "white")
    write, font = ImageDraw.Draw(sheet), ImageFont.load_default(11)
    for index, row in enumerate(pictures):
        left, top = GAP, GAP + index * (CELL + CAPTION + GAP)
        for name, cell in row:
            sheet.paste(cell, (left, top))
            write.text((left, top + CELL + 1), name, fill="black", font=font)
            left += cell.width + GAP
    return sheet


def _cell(pixels: Pixels) -> Image.Image:
    """Return a picture as high as the others; transparency is a checkerboard."""
    if pixels.ndim == 3 and pixels.shape[2] == 4:
        rows, columns = np.indices(pixels.shape[:2]) // max(4, pixels.shape[0] // 20)
        board = np.where((rows + columns) % 2, 205, 245)[..., None]
        share = pixels[..., 3:] / 255
        pixels = (pixels[..., :3] * share + board * (1 - share)).round().astype(np.uint8)
    image = Image.fromarray(pixels).convert("RGB")
    return image.resize((round(image.width * CELL / image.height), CELL), Image.Resampling.LANCZOS)


def _save(folder: Path, index: int, pictures: Mapping[str, Pixels]) -> tuple[Input, ...]:
    paths = {role: folder / f"{index}-{role}.npy" for role in pictures}
    for role, pixels in pictures.items():
        np.save(paths[role], pixels)
    return tuple(Input(role, str(path)) for role, path in paths.items())


def main(arguments: Sequence[str]) -> int:
    """Draw the sheets that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default=",".join(SHEETS))
    parser.add_argument("--steps", type=int, default=25)
    options = parser.parse_args(arguments)
    spec = ModelSpec("starter", "stable-diffusion", str(STARTER), "float32", "minilm")
    studio = Studio(loading.load(spec, loading.inspect(spec, CPU)[0], CPU), options.steps)
    own = begin(studio)
    FOLDER.mkdir(exist_ok=True)
    for name in options.only.split(","):
        path = FOLDER / f"{name}.webp"
        render(SHEETS[name](studio, own)).save(path, "WEBP", quality=80, method=6)
        print(f"{path.name}: {path.stat().st_size / 1024:.0f} KiB", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
