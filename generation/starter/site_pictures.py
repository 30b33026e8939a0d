"""Draw the site's own pictures with the shipped weights: ``python -m generation.starter.site_pictures``.

The landing page's samples, the guides' sliders, the prompt book and the picture that links are shared with, into
static/img/, each with the settings that draw it again; each file says that a model drew it. What does not belong here:
pages (``getimg_site``).
"""

from __future__ import annotations

import argparse
import json
import logging
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from diffusers import StableDiffusionImg2ImgPipeline, StableDiffusionPipeline
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from generation import xmp
from generation.starter.composing import compose
from generation.starter.loading import load_pipeline
from generation.starter.site_cards import make_card, paint_cards

STATIC = Path(__file__).parents[2] / "static"
SIDE, STEPS, GUIDANCE = 128, 25, 2.5
_PROMPTS = tomllib.loads((Path(__file__).parent / "site_pictures.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Wish:
    """A picture to be drawn: settings under the form's names, a word for its place on a slider, and its start."""

    label: str
    prompt: str
    seed: int = 2
    steps: int = STEPS
    guidance_scale: float = GUIDANCE
    negative_prompt: str = ""
    strength: float = 0.0

    @property
    def settings(self) -> dict[str, str]:
        """What the form needs to draw it again: the editor's where it begins from a picture, or else create's."""
        chosen = {"prompt": self.prompt, "model": "starter", "seed": str(self.seed), "steps": str(self.steps)}
        chosen |= {"guidance_scale": f"{self.guidance_scale:g}"}
        chosen |= {"strength": f"{self.strength:g}"} if self.strength else {}
        return chosen | ({"negative_prompt": self.negative_prompt} if self.negative_prompt else {})


def guide_wishes() -> dict[str, list[Wish]]:
    """Return guide → the places of its slider."""
    scene, pair = "a red apple on a dark blue background", "a castle on grass"
    unwanted = ("", "red", "blue", "grass", "house")
    return {
        "steps": [Wish(str(steps), scene, steps=steps) for steps in (1, 2, 4, 8, 15, 25, 50)],
        "guidance": [Wish(f"{scale:g}", pair, guidance_scale=scale) for scale in (1, 1.5, 2.5, 4, 6, 9, 13)],
        "seed": [Wish(str(seed), "a fox in the snow", seed=seed) for seed in range(1, 9)],
        "negative-prompt": [
            Wish(words or "nothing", pair, negative_prompt=words, guidance_scale=4.0) for words in unwanted
        ],
        "strength": [Wish(f"{strength:g}", "a lemon", strength=strength) for strength in (0.2, 0.4, 0.5, 0.6, 0.75, 1)],
    }


class Painter:
    """The starter, one picture at a time, each from its own seed."""

    def __init__(self) -> None:
        """Load the shipped weights."""
        self._pipeline: StableDiffusionPipeline = load_pipeline()
        self._pipeline.set_progress_bar_config(disable=True)
        self.start = self.draw(Wish("", "a red apple"))

    def draw(self, wish: Wish) -> Image.Image:
        """Draw one picture; with a strength it begins from a red apple."""
        options: dict[str, Any] = {
            "prompt": wish.prompt,
            "negative_prompt": wish.negative_prompt,
            "num_inference_steps": wish.steps,
            "guidance_scale": wish.guidance_scale,
            "generator": torch.Generator().manual_seed(wish.seed),
            **compose(self._pipeline, [wish.prompt]),
        }
        pipeline: Any = self._pipeline
        if wish.strength:
            pipeline = StableDiffusionImg2ImgPipeline(**self._pipeline.components, requires_safety_checker=False)
            pipeline.set_progress_bar_config(disable=True)
            options |= {"image": self.start, "strength": wish.strength}
        else:
            options |= {"height": SIDE, "width": SIDE}
        picture: Image.Image = pipeline(**options).images[0]
        return picture


def paint_guides(painter: Painter, static: Path) -> None:
    """Draw the guides' sliders and the prompt book, and write what was drawn into guides.json."""
    # Lossless: people try strength on the very pixels that the slider's pictures began from.
    painter.start.save(
        static / "img/guides/strength-start.webp", lossless=True, method=6, xmp=xmp.short_packet().encode()
    )
    listed: dict[str, list[dict[str, Any]]] = {}
    for slug, wishes in guide_wishes().items():
        listed[slug] = [
            _kept(painter, wish, static, f"img/guides/{slug}-{place}.webp") for place, wish in enumerate(wishes)
        ]
    chosen = [(chapter, Wish(prompt, prompt)) for chapter, prompts in _PROMPTS["book"].items() for prompt in prompts]
    listed["book"] = [
        {"chapter": chapter, **_kept(painter, wish, static, f"img/guides/book-{place}.webp")}
        for place, (chapter, wish) in enumerate(chosen)
    ]
    _write_json(static / "img/guides/guides.json", listed)


def paint_landing(painter: Painter, static: Path) -> None:
    """Draw the landing page's samples and the picture that links are shared with."""
    listed, pictures = [], []
    for prompt in _PROMPTS["landing"]:
        file = f"img/samples/{prompt.replace(' ', '-')}.webp"
        kept = _kept(painter, Wish(prompt, prompt), static, file)
        listed.append({"width": SIDE, "height": SIDE, "prompt": prompt, **kept})
        pictures.append(Image.open(static / file))
    _write_json(static / "img/samples/samples.json", listed)
    said = PngInfo()
    said.add_itxt(xmp.PNG_KEYWORD, xmp.short_packet())
    make_card(pictures).save(static / "img/share.png", optimize=True, pnginfo=said)


def _kept(painter: Painter, wish: Wish, static: Path, file: str) -> dict[str, Any]:
    path = static / file
    path.parent.mkdir(parents=True, exist_ok=True)
    painter.draw(wish).save(path, quality=88, method=6, xmp=xmp.short_packet().encode())
    return {"label": wish.label, "file": file, "settings": wish.settings}


def _write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def main() -> None:
    """Draw everything anew."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--static", type=Path, default=STATIC)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO)
    torch.set_num_threads(options.threads)
    painter = Painter()
    paint_guides(painter, options.static)
    paint_landing(painter, options.static)
    paint_cards(options.static)


if __name__ == "__main__":
    main()
