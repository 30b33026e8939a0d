"""Compose training scenes: what stands where on which background, and the caption that says so.

A scene is sampled from a seeded ``random.Random`` and drawn from sprites with transparency, so the same
seed gives the same picture and caption everywhere. Positions are written for a canvas of 128 units, so
that a scene can be drawn at any size.

What belongs here: composition, drawing, captions. What does not: files and packages (``dataset``).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from generation.starter.vocabulary import COLOURS, PAINT, to_plural, with_article

UNITS = 128
COUNT_WORDS = {2: "two", 3: "three"}
GROUNDS = ("grass", "sand", "water", "snow", "night sky")

Colour = tuple[int, int, int]
Picture = NDArray[np.uint8]
Margin = tuple[int, int]
SpriteReader = Callable[[str, int], Image.Image]

NO_MARGIN: Margin = (0, 0)
_WHITE = COLOURS["white"]
# Soft tints for scenes whose caption names no background, so that pictures of one word are not all alike.
_TINTS: tuple[Colour, ...] = ((246, 240, 232), (234, 242, 250), (240, 236, 248), (236, 246, 236))


@dataclass(frozen=True)
class Background:
    """What is behind the objects: ``kind`` is plain, gradient or one of ``GROUNDS``."""

    kind: str = "plain"
    colours: tuple[Colour, ...] = (_WHITE,)
    name: str = ""


@dataclass(frozen=True)
class PlacedObject:
    """One sprite on the canvas: centre and size in units of 1/128, painted when ``paint`` names a colour."""

    name: str
    x: int
    y: int
    size: int
    paint: str = ""


@dataclass(frozen=True)
class Scene:
    """A picture to be drawn and the words that describe it."""

    caption: str
    objects: tuple[PlacedObject, ...]
    background: Background
    kind: str


@dataclass(frozen=True)
class Mix:
    """Relative weights of the kinds of scene; sums to anything."""

    single: float = 0.40
    pair: float = 0.42
    count: float = 0.08
    sized: float = 0.03
    placed: float = 0.03
    painted: float = 0.05


DEFAULT_MIX = Mix()


def sample_scene(rng: random.Random, pick_name: Callable[[random.Random], str], mix: Mix = DEFAULT_MIX) -> Scene:
    """Sample one scene; ``pick_name`` chooses a noun, popular ones more often."""
    makers: Mapping[str, Callable[[random.Random, Callable[[random.Random], str]], tuple[str, list[PlacedObject]]]] = {
        "single": _make_single,
        "pair": _make_pair,
        "count": _make_count,
        "sized": _make_sized,
        "placed": _make_placed,
        "painted": _make_painted,
    }
    kind = rng.choices(list(makers), [getattr(mix, name) for name in makers])[0]
    phrase, objects = makers[kind](rng, pick_name)
    background, suffix = _make_background(rng)
    return Scene(phrase + suffix, tuple(objects), background, kind)


def draw_scene(scene: Scene, read_sprite: SpriteReader, size: int = UNITS, margin: Margin = NO_MARGIN) -> Picture:
    """Draw a scene: (size + 2 down, size + 2 across, 3), uint8, for a margin of (across, down) pixels of background.

    ``read_sprite(name, pixels)`` gives an RGBA square.
    """
    across, down = margin
    canvas = Image.fromarray(draw_background(scene.background, size + 2 * across, size + 2 * down))
    for item in scene.objects:
        pixels = max(1, item.size * size // UNITS)
        sprite = read_sprite(item.name, pixels)
        if item.paint:
            sprite = paint_sprite(sprite, COLOURS[item.paint])
        corner = (across + item.x * size // UNITS - pixels // 2, down + item.y * size // UNITS - pixels // 2)
        canvas.paste(sprite, corner, sprite)
    return np.asarray(canvas, dtype=np.uint8)


def draw_background(background: Background, width: int, height: int) -> Picture:
    """Draw a background alone: (height, width, 3), uint8."""
    if background.kind == "plain":
        return np.broadcast_to(np.array(background.colours[0], np.uint8), (height, width, 3)).copy()
    if background.kind == "gradient":
        return _draw_gradient(background.colours[0], background.colours[1], height, width)
    return _draw_ground(background.kind, width, height)


def paint_sprite(sprite: Image.Image, colour: Colour) -> Image.Image:
    """Give a sprite another colour and keep its light and shade."""
    pixels = np.asarray(sprite, dtype=np.float32)
    light = pixels[..., :3] @ np.array([0.299, 0.587, 0.114], np.float32) / 255
    # Stretch so that a dark sprite can be painted white and a light one black without losing its shapes.
    target = np.array(colour, np.float32)
    level = float(target @ np.array([0.299, 0.587, 0.114], np.float32)) / 255
    visible = pixels[..., 3] > 8
    mean = float(light[visible].mean()) if visible.any() else 0.5
    offset = (light - mean)[..., None] * 190 * (0.6 + 0.4 * (1 - abs(2 * level - 1)))
    painted = np.clip(target + offset, 0, 255)
    return Image.fromarray(np.concatenate([painted, pixels[..., 3:]], -1).astype(np.uint8), "RGBA")


def _make_single(rng: random.Random, pick: Callable[[random.Random], str]) -> tuple[str, list[PlacedObject]]:
    name = pick(rng)
    noun = with_article(name)
    form = rng.choices(
        (name, noun, f"a picture of {noun}", f"a cute {name}", f"an emoji of {noun}", f"a photo of {noun}"),
        (35, 40, 10, 5, 5, 5),
    )[0]
    return form, [_centred(rng, name)]


def _make_pair(rng: random.Random, pick: Callable[[random.Random], str]) -> tuple[str, list[PlacedObject]]:
    first, second = pick(rng), pick(rng)
    while second == first:
        second = pick(rng)
    lift = rng.choice((0, 0, 0, 0, -8, 8))
    if rng.random() < 0.2:
        objects = [PlacedObject(first, 64, 32, 56), PlacedObject(second, 64, 96, 56)]
        if rng.random() < 0.5:
            return f"{with_article(first)} above {with_article(second)}", objects
        return f"{with_article(second)} below {with_article(first)}", objects
    objects = [PlacedObject(first, 32, 64 + lift, 56), PlacedObject(second, 96, 64 + lift, 56)]
    joint = rng.choices((" and ", " next to ", " beside ", " to the left of "), (60, 18, 12, 10))[0]
    if rng.random() < 0.4:
        return first + joint + second, objects
    return with_article(first) + joint + with_article(second), objects


def _make_count(rng: random.Random, pick: Callable[[random.Random], str]) -> tuple[str, list[PlacedObject]]:
    name, count = pick(rng), rng.choice((2, 3))
    noun = to_plural(name) if rng.random() < 0.8 else name
    if count == 2:
        objects = [PlacedObject(name, x, 64, 56) for x in (32, 96)]
    else:
        objects = [PlacedObject(name, x, 64, 40) for x in (24, 64, 104)]
    return f"{COUNT_WORDS[count]} {noun}", objects


def _make_sized(rng: random.Random, pick: Callable[[random.Random], str]) -> tuple[str, list[PlacedObject]]:
    name = pick(rng)
    if rng.random() < 0.5:
        return f"a {rng.choice(('small', 'tiny', 'little'))} {name}", [PlacedObject(name, 64, 64, 48)]
    return f"a {rng.choice(('large', 'big', 'huge'))} {name}", [PlacedObject(name, 64, 64, 120)]


def _make_placed(rng: random.Random, pick: Callable[[random.Random], str]) -> tuple[str, list[PlacedObject]]:
    name = pick(rng)
    side, (x, y) = rng.choice(
        (("on the left", (36, 64)), ("on the right", (92, 64)), ("at the top", (64, 36)), ("at the bottom", (64, 92)))
    )
    return f"{with_article(name)} {side}", [PlacedObject(name, x, y, 64)]


def _make_painted(rng: random.Random, pick: Callable[[random.Random], str]) -> tuple[str, list[PlacedObject]]:
    name, colour = pick(rng), rng.choice(PAINT)
    placed = _centred(rng, name)
    return with_article(f"{colour} {name}"), [PlacedObject(name, placed.x, placed.y, placed.size, colour)]


def _centred(rng: random.Random, name: str) -> PlacedObject:
    # Steps of eight units: the latent grid at 128 x 128, so one drawing has one latent, only moved.
    # Mostly in one place: what moves about is learned as a blur first, and as a shape only hours later.
    jitter = (0,) * 12 + (-8, 8)
    size = rng.choices((104, 88), (94, 6))[0]
    return PlacedObject(name, 64 + rng.choice(jitter), 64 + rng.choice(jitter), size)


def _make_background(rng: random.Random) -> tuple[Background, str]:
    """Return a background and the words that end the caption."""
    draw = rng.random()
    if draw < 0.60:
        return Background("plain", (_WHITE if rng.random() < 0.85 else rng.choice(_TINTS),)), ""
    if draw < 0.84:
        name = rng.choice(list(COLOURS))
        form = rng.choices((" on a {} background", ", {} background", " on {}"), (60, 25, 15))[0]
        return Background("plain", (_vary(rng, COLOURS[name]),), name), form.format(name)
    if draw < 0.90:
        top, bottom = rng.sample(sorted(COLOURS), 2)
        colours = (COLOURS[top], COLOURS[bottom])
        return Background("gradient", colours, f"{top} {bottom}"), f" on a {top} to {bottom} gradient"
    ground = rng.choice(GROUNDS)
    joint = {"grass": " on grass", "sand": " on sand", "water": " on water", "snow": " in the snow"}
    return Background(ground, (), ground), joint.get(ground, rng.choice((" in the night sky", " at night")))


def _vary(rng: random.Random, colour: Colour) -> Colour:
    red, green, blue = (max(0, min(255, part + rng.randint(-6, 6))) for part in colour)
    return red, green, blue


def _draw_gradient(top: Sequence[int], bottom: Sequence[int], height: int, width: int) -> Picture:
    mix = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
    column = np.array(top, np.float32) * (1 - mix) + np.array(bottom, np.float32) * mix
    return np.repeat(column, width, 1).astype(np.uint8)


def _draw_ground(kind: str, width: int, height: int) -> Picture:
    sky, near, far = {
        "grass": ((150, 205, 250), (120, 195, 85), (75, 150, 60)),
        "sand": ((190, 225, 250), (245, 220, 160), (225, 190, 120)),
        "water": ((200, 230, 250), (80, 160, 225), (30, 100, 190)),
        "snow": ((175, 200, 230), (250, 252, 255), (225, 235, 245)),
        "night sky": ((10, 14, 50), (24, 30, 90), (40, 44, 120)),
    }[kind]
    horizon = height * 80 // UNITS
    picture = np.concatenate(
        [_draw_gradient(sky, sky, horizon, width), _draw_gradient(near, far, height - horizon, width)], 0
    )
    if kind == "night sky":
        picture = _draw_gradient(sky, far, height, width)
        stars, side = random.Random(7), max(1, min(width, height) // 100)
        for _ in range(24):
            x, y = stars.randrange(width - 1), stars.randrange(height - 1)
            picture[y : y + side, x : x + side] = 245
    return picture
