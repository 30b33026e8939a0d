import numpy as np
import pytest
from PIL import Image as Pillow
from PIL import ImageDraw, ImageEnhance, ImageFilter

from generation.picture_measures import Measures, crop_likeness, distance, hash_of, measure, sharpness_of
from tests.generation.scenery import scene


@pytest.mark.parametrize("size", [(200, 200), (800, 600), (1500, 3000)])
@pytest.mark.parametrize("side", [128, 512])
def test_a_sharp_picture_is_told_from_the_same_one_blurred_whatever_its_size(size: tuple[int, int], side: int) -> None:
    sharp = scene(1, max(size)).crop((0, 0, *size))
    seen = min(1.0, side / min(size))
    blurred = sharp.filter(ImageFilter.GaussianBlur(3 / seen))
    assert sharpness_of(sharp, side) > 0.2
    assert sharpness_of(blurred, side) < 0.1


def test_a_sharp_subject_before_a_soft_ground_is_sharp() -> None:
    soft = scene(1).filter(ImageFilter.GaussianBlur(8))
    assert sharpness_of(soft, 300) < 0.1
    soft.paste(scene(2).crop((100, 100, 200, 200)), (100, 100))
    assert sharpness_of(soft, 300) > 0.2


def test_sharpness_does_not_ask_for_brightness_or_contrast() -> None:
    plain = scene(2)
    figures = [sharpness_of(plain, 128)]
    figures += [sharpness_of(ImageEnhance.Contrast(plain).enhance(0.5), 128)]
    figures += [sharpness_of(ImageEnhance.Brightness(plain).enhance(0.7), 128)]
    assert max(figures) / min(figures) < 1.2


def test_a_flat_picture_has_no_sharpness_and_fits_nowhere() -> None:
    flat = Pillow.new("RGB", (200, 200), (90, 120, 30))
    assert sharpness_of(flat, 128) == 0.0
    assert crop_likeness(measure(scene(1), 128), [measure(flat, 128)])[0] < 0.5


@pytest.mark.parametrize("seed", range(4))
def test_a_hash_outlives_small_changes_and_tells_pictures_apart(seed: int) -> None:
    picture = scene(seed)
    own = hash_of(picture)
    for changed in (
        picture.resize((100, 100)),
        ImageEnhance.Brightness(picture).enhance(1.1),
        picture.filter(ImageFilter.GaussianBlur(1)),
    ):
        assert distance(own, hash_of(changed)) <= 6
    assert all(distance(own, hash_of(scene(other))) > 10 for other in range(4) if other != seed)


def test_a_mirrored_picture_is_found_by_its_mirrored_hash() -> None:
    picture = scene(3)
    mirrored = measure(picture.transpose(Pillow.Transpose.FLIP_LEFT_RIGHT), 128)
    own = measure(picture, 128)
    assert distance(own.mirrored_hash, mirrored.hash) <= 2
    assert distance(own.hash, mirrored.hash) > 10


def test_a_part_of_a_picture_fits_into_it_and_other_pictures_do_not() -> None:
    whole = scene(1)
    parts = [whole.crop(box) for box in ((40, 40, 240, 240), (100, 20, 250, 170))]
    found = crop_likeness(measure(whole, 128), [measure(each, 128) for each in (*parts, scene(2), scene(3))])
    assert min(found[:2]) > 0.95
    assert max(found[2:]) < 0.95


def test_what_is_transparent_counts_as_white() -> None:
    cut = Pillow.new("RGBA", (100, 100), (0, 0, 0, 0))
    ImageDraw.Draw(cut).ellipse((20, 20, 80, 80), fill=(200, 30, 30, 255))
    assert tuple(measure(cut, 128).small[0, 0]) == (255, 255, 255)


def test_measures_come_back_from_a_cache_as_they_were() -> None:
    own = measure(scene(1), 128)
    again = Measures.of_json(own.as_json())
    assert (again.sharpness, again.hash, again.mirrored_hash) == (own.sharpness, own.hash, own.mirrored_hash)
    assert np.array_equal(again.small, own.small)
