"""The measures read colours, counts and names off pictures the way a person would."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from PIL import Image, ImageDraw

from generation.starter.classifier import load_or_train, measure_classifier
from generation.starter.dataset import Noun, SpriteShelf
from generation.starter.evaluate import count_objects, make_sheet, name_background, parse_arguments, read_prompts
from generation.starter.vocabulary import COLOURS


def _picture_of_discs(number: int, background: tuple[int, int, int] = (255, 255, 255)) -> Image.Image:
    picture = Image.new("RGB", (128, 128), background)
    for place in range(number):
        left = 4 + place * 128 // number
        ImageDraw.Draw(picture).ellipse((left, 50, left + 30, 80), fill=(200, 30, 90))
    return picture


@pytest.mark.parametrize("number", [0, 1, 2, 3])
def test_discs_side_by_side_are_counted(number: int) -> None:
    assert count_objects(_picture_of_discs(number)) == number


def test_speck_is_no_object() -> None:
    picture = _picture_of_discs(2)
    ImageDraw.Draw(picture).rectangle((50, 60, 52, 70), fill=(0, 0, 0))
    assert count_objects(picture) == 2


@pytest.mark.parametrize("colour", sorted(COLOURS))
def test_background_is_named_behind_objects(colour: str) -> None:
    assert name_background(_picture_of_discs(1, COLOURS[colour])) == colour


def test_sheet_holds_every_picture() -> None:
    sheet = make_sheet([_picture_of_discs(1)] * 7, columns=3)
    assert sheet.size == (3 * 128, 3 * 128)


def test_suggested_prompts_are_two_dozen_different_ones() -> None:
    prompts = read_prompts()
    assert len(set(prompts)) == len(prompts) == 24


def test_classifier_learns_sprites_and_is_kept(tmp_path: Path) -> None:
    torch.set_num_threads(1)
    nouns = []
    for name, colour in (("apple", (220, 30, 30)), ("leaf", (30, 170, 60)), ("drop", (40, 90, 220))):
        sprite = Image.new("RGBA", (64, 64))
        sprite.paste((*colour, 255), (8, 8, 56, 56))
        sprite.save(tmp_path / f"{name}.webp", lossless=True)
        nouns.append(Noun(name, name, 0))
    shelf = SpriteShelf(nouns, tmp_path)
    classifier = load_or_train(nouns, shelf, tmp_path / "classifier.pt", steps=25)
    assert measure_classifier(classifier, shelf, 50) > 0.8
    again = load_or_train(nouns, shelf, tmp_path / "classifier.pt", steps=0)
    assert torch.equal(classifier.head.weight, again.head.weight)


def test_the_few_step_setting_is_six_steps_without_guidance() -> None:
    fast, usual = parse_arguments(["--fast"]), parse_arguments([])

    assert (fast.steps, fast.guidance) == (6, 1.0)
    assert (usual.steps, usual.guidance) == (25, 2.5)
