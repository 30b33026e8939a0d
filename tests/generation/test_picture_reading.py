import io

import numpy as np
import pytest
from PIL import Image as Pillow
from PIL import ImageCms
from pytest_django import Settings

from generation import picture_reading
from generation.errors import PictureRefused
from tests.generation.uploads import photograph, png_of


def saved(picture: Pillow.Image, form: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, form, **options)
    return buffer.getvalue()


def opened(content: bytes, *, is_grey: bool = False) -> Pillow.Image:
    """Return what is kept of a file."""
    return Pillow.open(io.BytesIO(picture_reading.read(content, is_grey=is_grey).png))


def refusal(content: bytes) -> str:
    with pytest.raises(PictureRefused) as caught:
        picture_reading.read(content)
    return caught.value.code


@pytest.mark.parametrize("form", ["PNG", "WEBP"])
def test_lossless_pixels_are_kept_to_the_last_bit(form: str) -> None:
    picture = photograph()
    kept = opened(saved(picture, form, **({"lossless": True} if form == "WEBP" else {})))
    assert np.array_equal(np.asarray(kept), np.asarray(picture))
    assert kept.format == "PNG"


def test_a_jpeg_is_turned_upright_and_says_nothing_more() -> None:
    exif = Pillow.Exif()
    exif[0x0112] = 6  # the camera was held on its side
    exif[0x010E] = "my garden"
    content = saved(Pillow.new("RGB", (60, 40), (200, 30, 30)), "JPEG", exif=exif, comment=b"my street")
    kept = picture_reading.read(content)
    assert (kept.width, kept.height) == (40, 60)
    assert b"my " not in kept.png
    assert not Pillow.open(io.BytesIO(kept.png)).info


def test_sixteen_bits_become_eight_by_scale() -> None:
    steps = np.array([[0, 257, 32896, 65535]], np.uint16).repeat(4, axis=0)
    kept = opened(saved(Pillow.fromarray(steps), "PNG"))
    assert [kept.getpixel((x, 0)) for x in range(4)] == [(0,) * 3, (1,) * 3, (128,) * 3, (255,) * 3]


def test_cmyk_a_palette_and_transparency_are_read_as_they_look() -> None:
    cyan = np.asarray(opened(saved(Pillow.new("CMYK", (8, 8), (255, 0, 0, 0)), "JPEG")))[4, 4]
    assert cyan[0] < 20 < 200 < cyan[1]
    palette = Pillow.new("P", (8, 8), 1)
    palette.putpalette([0, 0, 0, 10, 200, 30])
    assert opened(saved(palette, "PNG")).getpixel((1, 1)) == (10, 200, 30)
    clear = opened(saved(palette, "PNG", transparency=1))
    assert (clear.mode, np.asarray(clear)[1, 1, 3]) == ("RGBA", 0)
    assert opened(saved(Pillow.new("RGBA", (8, 8), (1, 2, 3, 255)), "PNG")).mode == "RGB"


def test_colours_are_those_of_the_pictures_own_profile() -> None:
    linear = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    same = opened(saved(Pillow.new("RGB", (8, 8), (120, 60, 30)), "PNG", icc_profile=linear))
    assert np.abs(np.array(same.getpixel((1, 1))) - (120, 60, 30)).max() <= 1
    broken = opened(saved(Pillow.new("RGB", (8, 8), (120, 60, 30)), "PNG", icc_profile=b"no profile"))
    assert broken.getpixel((1, 1)) == (120, 60, 30)
    assert not broken.info


def test_a_mask_is_grey_and_its_extremes_are_known() -> None:
    mask = Pillow.new("RGBA", (10, 10), (255, 255, 255, 0))
    mask.paste((255, 255, 255, 255), (2, 2, 5, 5))
    kept = picture_reading.read(png_of(mask), is_grey=True)
    picture = Pillow.open(io.BytesIO(kept.png))
    assert (picture.mode, kept.darkest, kept.lightest) == ("L", 0, 255)
    assert (picture.getpixel((0, 0)), picture.getpixel((3, 3))) == (0, 255)


def test_what_moves_what_is_cut_off_and_what_is_something_else_is_refused() -> None:
    frames = [Pillow.new("RGB", (8, 8), (value, 0, 0)) for value in (0, 99)]
    assert refusal(saved(frames[0], "WEBP", save_all=True, append_images=frames[1:])) == "animated"
    assert refusal(saved(frames[0], "PNG", save_all=True, append_images=frames[1:])) == "animated"
    assert refusal(saved(photograph(), "JPEG")[:-800]) == "damaged"
    assert refusal(png_of(photograph())[:-5000]) == "damaged"
    assert refusal(saved(frames[0], "GIF")) == "not_a_picture"
    assert refusal(b"") == "not_a_picture"


def test_sizes_are_looked_at_before_anything_is_decoded(settings: Settings) -> None:
    settings.UPLOAD_PIXELS_MAX, settings.INPUT_IMAGE_MAX_BYTES = 10_000, 50_000
    assert refusal(png_of(Pillow.new("RGB", (101, 100)))) == "too_many_pixels"
    assert refusal(png_of(Pillow.new("RGB", (8193, 1)))) == "too_many_pixels"
    assert refusal(png_of(photograph(160, 120))) == "file_too_large"
    assert picture_reading.read(png_of(Pillow.new("RGB", (100, 100)))).width == 100


def test_base64_is_read_bare_and_as_a_data_address_and_refused_with_a_reason() -> None:
    assert picture_reading.decode_base64("aGk=") == b"hi"
    assert picture_reading.decode_base64("data:image/png;base64,aGk=") == b"hi"
    for broken in ("aGk", "a!k=", "data:image/png,aGk=", "data:;base64"):
        with pytest.raises(PictureRefused) as caught:
            picture_reading.decode_base64(broken)
        assert caught.value.code == "invalid_base64"
