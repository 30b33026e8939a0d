"""The page on which anybody checks a licence. It answers everybody alike: it asks for no login."""

import json
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from generation import certificate_pdf, certificates
from generation.models import Image
from generation.views import verify as view
from tests.generation.pictures import content, draw, put_on
from tests.generation.runs import make_person
from tests.visitors import visitor, words

pytestmark = pytest.mark.django_db

KNOWN = "On record: the file with this SHA-256 was made here and is unchanged."
GENUINE = "The signature fits."
FORGED = "The signature does not fit."


@pytest.fixture
def image() -> Image:
    user = make_person("ada@example.com")
    put_on(user, "pro")
    return draw(user, prompt="a secret fox")


def show(content: bytes, name: str = "fox.png", client: Client | None = None) -> Any:
    """Choose a file and press the button."""
    form = {"file": SimpleUploadedFile(name, content), "text": ""}
    return (client or visitor()).post("/verify/", form, follow=True)


def paste(text: str) -> Any:
    return visitor().post("/verify/", {"text": text})


def test_everybody_sees_the_form(image: Image) -> None:
    for user in (None, image.user, make_person("bob@example.com")):
        page = words(visitor(user).get("/verify/"))
        assert "Check a licence" in page
        assert "verify-answer" not in page


def test_the_file_is_known_and_the_answer_has_an_address(image: Image) -> None:
    answer = show(content(image))

    assert answer.redirect_chain == [(f"/verify/?sha256={image.sha256}", 302)]
    page = words(answer)
    for part in (KNOWN, "Commercial use", "A paid plan", "https://opensource.org/license/mit", image.sha256):
        assert part in page
    for part in ("secret", "ada@example.com", "Issued"):
        assert part not in page


def test_a_file_that_was_saved_anew_is_not(image: Image) -> None:
    page = words(show(content(image) + b"\0"))

    assert "Not on record." in page
    assert "saved anew has another SHA-256" in page


def test_a_free_picture_says_what_it_may_not_be_used_for() -> None:
    user = make_person()
    put_on(user, "free")

    page = words(show(content(draw(user))))

    for part in (KNOWN, "Personal use", "The free plan", "It may not be sold or used for a business."):
        assert part in page


def test_a_certificate_is_believed_as_a_file_as_words_and_as_a_page(image: Image) -> None:
    certificate = certificates.issue(image)
    text = certificate.as_json()
    with_picture = certificate_pdf.render(certificate, SimpleUploadedFile("fox.png", content(image)))

    for answer in (show(text.encode(), "certificate.json"), paste(text), show(with_picture, "certificate.pdf")):
        page = words(answer)
        for part in (GENUINE, "Commercial use", "a…@example.com", str(image.user_id), "Issued"):
            assert part in page


def test_a_changed_certificate_is_not(image: Image) -> None:
    signed = json.loads(certificates.issue(image).as_json())
    signed["certificate"]["owner"] = "Eve"

    for answer in (paste(json.dumps(signed)), show(json.dumps(signed).encode())):
        assert FORGED in words(answer)
        assert "Commercial use" not in words(answer)


def test_a_link_from_the_metadata_vouches_for_no_file(image: Image) -> None:
    page = words(visitor().get(f"/verify/?picture={image.pk}"))

    assert "the file tells: choose it below" in page
    assert KNOWN not in page


@pytest.mark.parametrize("query", ["sha256=abc", "picture=7", "sha256=", "picture="])
def test_a_broken_link_says_so(query: str) -> None:
    answer = visitor().get(f"/verify/?{query}")

    assert answer.status_code == 400
    assert "This link is not whole." in words(answer)


def test_what_is_no_checksum_stays_in_the_form_with_what_was_expected() -> None:
    answer = paste("abc <b>")

    assert answer.status_code == 422
    for part in ("64 characters, 0 to 9 and a to f; this has 7", "abc &lt;b&gt;</textarea>"):
        assert part in words(answer)


def test_nothing_chosen_says_what_to_choose() -> None:
    answer = visitor().post("/verify/", {"text": " "})

    assert answer.status_code == 422
    assert "Choose a file, or paste" in words(answer)


def test_a_file_that_is_too_long_is_refused_with_its_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(view, "FILE_MAX_BYTES", 1000)

    answer = show(b"x" * 1001)

    assert answer.status_code == 422
    assert "This file has 1,001 bytes; up to 1,000 are read." in words(answer)


def test_who_asks_too_often_is_asked_to_wait(settings: LazySettings, image: Image) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"verify": "2/m/ip"}

    answers = [paste(image.sha256).status_code for _ in range(3)]

    assert answers == [200, 200, 429]


def test_a_form_from_elsewhere_may_ask_too() -> None:
    """Nothing is changed by asking, so there is nothing that a token would protect."""
    assert Client(enforce_csrf_checks=True).post("/verify/", {"text": "0" * 64}).status_code == 200


def test_what_a_test_shop_sold_is_marked(image: Image, settings: LazySettings) -> None:
    settings.TEST_SHOP = True
    sold_for_nothing = draw(image.user)
    settings.TEST_SHOP = False

    assert "TEST SHOP – not a licence" in words(show(content(sold_for_nothing)))
