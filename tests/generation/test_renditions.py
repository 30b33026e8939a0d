"""A picture's other files: what each says, and what none may say."""

import io
import json
from xml.etree import ElementTree

import av
import numpy as np
import pytest
from PIL import Image as Pillow

from generation import picture_encoding, renditions, storage, xmp
from generation.models import Image
from tests.generation.pictures import draw, pixels
from tests.generation.runs import make_person
from tests.generation.video_frames import frames_of
from tests.generation.videos import clip_of, make_video

pytestmark = pytest.mark.django_db

KINDS = ["png", "jpeg", "webp"]
NAMES = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "dc": "http://purl.org/dc/elements/1.1/",
    "rights": "http://ns.adobe.com/xap/1.0/rights/",
    "core": "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/",
}
SOURCE = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}DigitalSourceType"


@pytest.fixture
def image() -> Image:
    image = draw(
        make_person("ada.lovelace@example.com"), prompt='a secret "fox" & <owl>', negative_prompt="fog", seed=7
    )
    image.alt_text = "A fox & an owl \x0b"
    return image


def opened(content: bytes) -> Pillow.Image:
    picture = Pillow.open(io.BytesIO(content))
    picture.load()
    return picture


def described(picture: Pillow.Image) -> ElementTree.Element:
    packet = picture.info["xmp"]
    found = ElementTree.fromstring(packet).find("rdf:RDF/rdf:Description", NAMES)
    assert found is not None
    return found


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("way", renditions.WAYS)
def test_every_file_says_that_a_model_drew_it(image: Image, way: str, kind: str) -> None:
    picture = opened(renditions.render(image, way, kind))

    assert picture.format == kind.upper()
    assert described(picture).get(SOURCE) == xmp.MADE_BY_A_MODEL


@pytest.mark.parametrize("kind", KINDS)
def test_with_its_recipe_it_says_what_it_shows_and_how_it_was_made(image: Image, kind: str) -> None:
    picture = opened(renditions.render(image, "recipe", kind))

    told = described(picture)
    assert told.findtext("core:AltTextAccessibility/rdf:Alt/rdf:li", namespaces=NAMES) == "A fox & an owl  "
    words = told.findtext("dc:description/rdf:Alt/rdf:li", namespaces=NAMES)
    assert words == renditions.parameters(image)
    assert words.startswith('a secret "fox" & <owl>\nNegative prompt: fog\nSteps: ')
    assert "Seed: 7" in words


def test_other_studios_find_the_recipe_where_they_look(image: Image) -> None:
    png = opened(renditions.render(image, "recipe", "png"))
    jpeg = opened(renditions.render(image, "recipe", "jpeg"))

    assert png.info["parameters"] == renditions.parameters(image)
    assert json.loads(png.info["getimg.recipe"])["seed"] == 7
    comment = jpeg.getexif().get_ifd(0x8769)[0x9286]
    assert comment[8:].decode("utf-16-be") == renditions.parameters(image)


@pytest.mark.parametrize("kind", KINDS)
def test_a_clean_file_says_nothing_else(image: Image, kind: str) -> None:
    content = renditions.render(image, "clean", kind)

    for word in (b"secret", b"fox", b"ada", image.pk.hex.encode(), str(image.pk).encode(), b"icence", b"eed"):
        assert word not in content
    assert not opened(content).getexif()


@pytest.mark.parametrize("way", renditions.WAYS)
def test_lossless_files_have_the_originals_pixels(image: Image, way: str) -> None:
    assert (np.asarray(opened(renditions.render(image, way, "png"))) == pixels()).all()


def test_transparent_pictures_stand_on_white_in_a_jpeg() -> None:
    clear = picture_encoding.on_white(Pillow.new("RGBA", (4, 4), (255, 0, 0, 0)))

    assert clear.getpixel((0, 0)) == (255, 255, 255)


# --- Videos -------------------------------------------------------------------------------------------------

CLIPS = list(renditions.CLIP_KINDS)


@pytest.fixture
def video() -> Image:
    video = make_video(make_person("hedy.lamarr@example.com"), prompt='a secret "fox" & <owl>', seed=7)
    video.alt_text = "A fox that turns its head"
    return video


@pytest.mark.parametrize("kind", CLIPS)
@pytest.mark.parametrize("way", renditions.WAYS)
def test_a_video_is_the_one_that_is_kept_frame_by_frame(video: Image, way: str, kind: str) -> None:
    content = renditions.render(video, way, kind)

    kept = storage.read(getattr(clip_of(video), kind))
    assert np.array_equal(frames_of(content, kind), frames_of(kept, kind))
    packet = ElementTree.fromstring(xmp.read(content)).find("rdf:RDF/rdf:Description", NAMES)
    assert packet is not None
    assert packet.get(SOURCE) == xmp.MADE_BY_A_MODEL


@pytest.mark.parametrize("kind", CLIPS)
def test_a_video_with_its_recipe_says_what_makes_it_again(video: Image, kind: str) -> None:
    packet = xmp.read(renditions.render(video, "recipe", kind))

    told = ElementTree.fromstring(packet).find("rdf:RDF/rdf:Description", NAMES)
    assert told is not None
    assert told.findtext("core:AltTextAccessibility/rdf:Alt/rdf:li", namespaces=NAMES) == "A fox that turns its head"
    assert told.findtext("dc:description/rdf:Alt/rdf:li", namespaces=NAMES) == renditions.parameters(video)
    recipe = json.loads(told.findtext("{https://getimg.org/xmp/1.0/}recipe") or "")
    assert recipe == json.loads(json.dumps(renditions.recipe(video)))
    assert (recipe["task"], recipe["seed"], recipe["model"]) == ("image-to-video", 7, video.job.served_by)
    assert told.findtext("rights:UsageTerms/rdf:Alt/rdf:li", namespaces=NAMES)


@pytest.mark.parametrize("kind", CLIPS)
def test_a_clean_video_says_nothing_else(video: Image, kind: str) -> None:
    content = renditions.render(video, "clean", kind)

    for word in (b"secret", b"fox", b"hedy", b"getimg", str(video.pk).encode(), b"icence", b"personal use"):
        assert word not in content
    if kind == "mp4":
        with av.open(io.BytesIO(content), "r") as container:
            assert {"title", "comment"}.isdisjoint(container.metadata)
    else:
        with Pillow.open(io.BytesIO(content)) as picture:
            assert "comment" not in picture.info


def test_of_a_video_png_and_jpeg_are_its_first_frame(video: Image) -> None:
    assert opened(renditions.render(video, "clean", "png")).size == (video.width, video.height)
    assert list(renditions.kinds_of(video)) == ["png", "jpeg", "webp", "mp4", "gif"]
