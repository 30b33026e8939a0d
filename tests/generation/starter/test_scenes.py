"""Scenes are the same for the same seed, and their captions say what is drawn."""

from __future__ import annotations

import random

import numpy as np
from PIL import Image

from generation.starter.dataset import Noun, SceneStream
from generation.starter.scenes import Background, Mix, PlacedObject, Scene, draw_scene, paint_sprite, sample_scene
from generation.starter.vocabulary import COLOURS, common_names, synonyms, to_plural, with_article

NOUNS = [Noun("fox", "1f98a", 0), Noun("key", "1f511", 0), Noun("moai", "1f5ff", 2)]


def _read_square(name: str, pixels: int) -> Image.Image:
    return Image.new("RGBA", (pixels, pixels), (200, 30, 30, 255))


def _scenes(kind: str, count: int = 40) -> list[Scene]:
    mix = Mix(**{name: float(name == kind) for name in ("single", "pair", "count", "sized", "placed", "painted")})
    stream = SceneStream(NOUNS, shares=(1.0, 0.0, 0.0), mix=mix)
    return list(stream.take(count))


def test_same_seed_gives_same_scene_and_another_seed_another() -> None:
    first, again, other = (list(SceneStream(NOUNS, seed=seed).take(30)) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_picture_is_the_same_for_the_same_scene() -> None:
    scene = SceneStream(NOUNS)[5]
    assert np.array_equal(draw_scene(scene, _read_square), draw_scene(scene, _read_square))


def test_pair_shows_two_different_objects_that_the_caption_names() -> None:
    for scene in _scenes("pair"):
        names = [item.name for item in scene.objects]
        assert len(set(names)) == 2
        assert all(name in scene.caption for name in names)


def test_count_word_is_the_number_of_objects() -> None:
    for scene in _scenes("count"):
        assert len(scene.objects) == {"two": 2, "three": 3}[scene.caption.split()[0]]
        assert len({item.name for item in scene.objects}) == 1


def test_named_background_is_the_drawn_background() -> None:
    named = [scene for scene in _scenes("single", 200) if scene.background.name in COLOURS]
    assert named
    for scene in named:
        assert scene.background.name in scene.caption
        corner = draw_scene(scene, _read_square)[0, 0].astype(int)
        assert np.abs(corner - np.array(COLOURS[scene.background.name])).max() <= 6


def test_left_and_right_are_where_they_say() -> None:
    sides = {"on the left": -1, "on the right": 1}
    seen = set()
    for scene in _scenes("placed", 100):
        for words, side in sides.items():
            if words in scene.caption:
                assert (scene.objects[0].x - 64) * side > 0
                seen.add(words)
    assert seen == set(sides)


def test_objects_stay_on_the_canvas() -> None:
    for scene in SceneStream(NOUNS).take(300):
        for item in scene.objects:
            assert item.size / 2 <= item.x <= 128 - item.size / 2
            assert item.size / 2 <= item.y <= 128 - item.size / 2


def test_shares_choose_favourites_more_often() -> None:
    names = [scene.objects[0].name for scene in SceneStream(NOUNS, shares=(0.9, 0.0, 0.1)).take(400)]
    assert 0.02 < names.count("moai") / len(names) < 0.25


def test_scene_is_drawn_at_any_size() -> None:
    scene = Scene("a fox", (PlacedObject("fox", 64, 64, 104),), Background(), "single")
    assert draw_scene(scene, _read_square, 256).shape == (256, 256, 3)


def test_margins_are_background_on_both_sides() -> None:
    scene = Scene("a fox", (PlacedObject("fox", 64, 64, 128),), Background("grass"), "single")
    wide, high = (draw_scene(scene, _read_square, 96, margin) for margin in ((16, 0), (0, 16)))
    assert (wide.shape, high.shape) == ((96, 128, 3), (128, 96, 3))
    assert (wide[:, 16:112] == wide[0, 16]).all()
    assert (wide[:, :16] != wide[0, 16]).any()
    assert (high[16:112] == high[16, 0]).all()
    assert (high[112:] != high[16, 0]).any()


def test_painting_keeps_the_outline_and_changes_the_colour() -> None:
    sprite = Image.new("RGBA", (8, 8))
    sprite.paste((240, 200, 30, 255), (2, 2, 6, 6))
    painted = np.asarray(paint_sprite(sprite, COLOURS["blue"]))
    assert np.array_equal(painted[..., 3], np.asarray(sprite)[..., 3])
    red, _, blue, _ = painted[4, 4]
    assert blue > red


def test_held_out_words_are_in_no_caption() -> None:
    names = list(common_names())
    nouns = [Noun(name, name, 1) for name in names]
    held_out = set(synonyms())
    assert not held_out & set(names)
    assert len(held_out) >= 100
    assert set(synonyms().values()) <= set(names)
    for scene in SceneStream(nouns).take(2000):
        words = scene.caption.replace(",", "").split()
        assert not held_out & set(words), scene.caption


def test_articles_and_plurals() -> None:
    assert [with_article(word) for word in ("apple", "ufo", "grapes")] == ["an apple", "a ufo", "grapes"]
    assert [to_plural(word) for word in ("fox", "key", "cherry blossom", "fairy", "snowman")] == [
        "foxes", "keys", "cherry blossoms", "fairies", "snowmen",
    ]  # fmt: skip


def test_every_kind_of_scene_is_sampled() -> None:
    rng = random.Random(3)
    kinds = {sample_scene(rng, lambda source: source.choice(("fox", "key"))).kind for _ in range(400)}
    assert kinds == {"single", "pair", "count", "sized", "placed", "painted"}
