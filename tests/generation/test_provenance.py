"""What a picture's file says about itself."""

import io
from xml.etree import ElementTree

import numpy as np
import pytest
from django.conf import LazySettings
from PIL import Image as Pillow

from generation import provenance, xmp
from generation.catalog import MIT
from generation.licences import Terms
from generation.models import Image, Licence
from tests.generation.pictures import content, draw, pixels, put_on
from tests.generation.runs import make_person
from tests.generation.trained import ready

pytestmark = pytest.mark.django_db

NAMES = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "dc": "http://purl.org/dc/elements/1.1/",
    "rights": "http://ns.adobe.com/xap/1.0/rights/",
    "iptc": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
}


@pytest.fixture
def image() -> Image:
    user = make_person("ada.lovelace@example.com")
    user.display_name = "Ada Lovelace"
    user.save(update_fields=["display_name"])
    put_on(user, "pro")
    return draw(user, prompt="a secret fox")


def opened(image: Image) -> Pillow.Image:
    return Pillow.open(io.BytesIO(content(image)))


def described(image: Image) -> ElementTree.Element:
    found = ElementTree.fromstring(opened(image).info["xmp"]).find("rdf:RDF/rdf:Description", NAMES)
    assert found is not None
    return found


def test_photo_programs_find_the_licence_in_the_file(image: Image, settings: LazySettings) -> None:
    packet = described(image)
    page = f"{settings.SITE_URL}/verify/?picture={image.pk}"

    assert packet.get(f"{{{NAMES['rights']}}}WebStatement") == page
    assert packet.get(f"{{{NAMES['rights']}}}Marked") == "True"
    assert packet.get(f"{{{NAMES['dc']}}}identifier") == f"urn:uuid:{image.pk}"
    assert packet.get(f"{{{NAMES['iptc']}}}DigitalSourceType") == xmp.MADE_BY_A_MODEL
    words = packet.findtext("rights:UsageTerms/rdf:Alt/rdf:li", namespaces=NAMES)
    assert words
    assert words.startswith("Commercial use. Made on getimg on the Pro plan")
    assert packet.findtext("dc:rights/rdf:Alt/rdf:li", namespaces=NAMES) == "Commercial use, getimg"


def test_the_licence_stands_there_in_plain_words_too(image: Image) -> None:
    words = opened(image).info["License"]

    assert words.startswith("Commercial use.")
    for part in ("Starter: MIT https://opensource.org/license/mit", f"/verify/?picture={image.pk}"):
        assert part in words


def test_neither_owner_nor_prompt_is_in_the_file(image: Image) -> None:
    file = content(image).lower()

    for word in (b"lovelace", b"example.com", b"secret", image.user.pk.hex.encode(), str(image.user.pk).encode()):
        assert word not in file


def test_the_pixels_are_those_that_were_drawn(image: Image) -> None:
    assert np.array_equal(np.asarray(opened(image)), pixels())


def test_what_a_test_shop_sold_is_marked_in_the_file(settings: LazySettings) -> None:
    settings.TEST_SHOP = True

    assert opened(draw(make_person())).info["License"].startswith("TEST SHOP – not a licence. ")


def test_signs_of_markup_in_a_name_stay_words(settings: LazySettings) -> None:
    settings.SITE_NAME = 'Fox & "Owl" <studio>'
    terms = Terms(Licence.PERSONAL, "free", "Free & easy", "starter", "<b>Starter</b>", MIT, is_test=False)

    packet = provenance.texts(make_person().pk, terms)[provenance.XMP]

    words = ElementTree.fromstring(packet).findtext(".//rights:UsageTerms/rdf:Alt/rdf:li", namespaces=NAMES)
    assert words == provenance.in_words(terms)
    assert 'Fox & "Owl" <studio>' in words


def test_a_picture_drawn_with_models_of_ones_own_names_their_checksums_and_not_their_names() -> None:
    model = ready(make_person(), name="My secret dog")
    image = draw(model.owner, loras=f"{model.pk}:0.5")
    found = opened(image).info
    assert found[provenance.LORAS] == f"sha256:{model.sha256} 0.5"
    assert "secret dog" not in str(found)
    assert provenance.LORAS not in opened(draw(model.owner)).info
