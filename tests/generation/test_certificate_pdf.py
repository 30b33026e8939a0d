"""The page to print. Its words are drawn with the font's own letters, so what is looked at are its parts."""

import io
import re
import zlib
from contextlib import suppress

import pytest
from django.conf import LazySettings
from django.core.files.storage import default_storage

from generation import certificate_pdf, certificates
from generation.models import Image
from tests.generation.pictures import draw, put_on
from tests.generation.runs import make_person

pytestmark = pytest.mark.django_db

RED = b"0.702 0.149 0.1176 rg"


@pytest.fixture
def image() -> Image:
    user = make_person()
    put_on(user, "pro")
    return draw(user)


def rendered(image: Image) -> tuple[certificates.Certificate, bytes]:
    certificate = certificates.issue(image)
    with default_storage.open(image.thumbnail_640) as file:
        return certificate, certificate_pdf.render(certificate, file)


def streams(pdf: bytes) -> list[bytes]:
    """Return what lies in the file, unpacked."""
    found = []
    for packed in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, flags=re.DOTALL):
        with suppress(zlib.error):
            found.append(zlib.decompress(packed))
    return found


def test_the_signed_facts_lie_in_the_page(image: Image) -> None:
    certificate, pdf = rendered(image)

    found = certificates.in_file(pdf)

    assert pdf.startswith(b"%PDF-")
    assert found == certificate.as_json().strip()
    assert certificates.check(found).facts == certificate.facts


def test_it_is_one_page_with_the_picture_whatever_its_shape(image: Image) -> None:
    pdf = rendered(image)[1]

    assert len(re.findall(rb"/Type /Page\b", pdf)) == 1
    assert re.search(rb"/Subtype /Image", pdf)
    assert len(pdf) < 200_000


def test_a_name_in_letters_that_the_font_lacks_is_no_error(image: Image) -> None:
    image.user.display_name = "狐 Ада Łukasiewicz 🦊"

    certificate, pdf = rendered(image)

    assert certificate.facts["owner"] == "狐 Ада Łukasiewicz 🦊"
    assert pdf.startswith(b"%PDF-")


def test_only_what_a_test_shop_sold_is_marked_in_red(image: Image, settings: LazySettings) -> None:
    assert not any(RED in part for part in streams(rendered(image)[1]))

    settings.TEST_SHOP = True
    sold_for_nothing = draw(image.user)
    settings.TEST_SHOP = False

    assert any(RED in part for part in streams(rendered(sold_for_nothing)[1]))


def test_a_file_that_is_no_picture_is_an_error(image: Image) -> None:
    with pytest.raises(OSError, match="identify"):
        certificate_pdf.render(certificates.issue(image), io.BytesIO(b"no picture"))
