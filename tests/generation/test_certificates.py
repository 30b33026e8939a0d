"""Certificates: what stands on them, who can have made them, what is noticed when they are changed."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import LazySettings

from generation import certificates
from generation.errors import SignatureDoesNotFit
from generation.models import Image
from tests.generation.pictures import draw, put_on
from tests.generation.runs import make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def image() -> Image:
    user = make_person("ada@example.com")
    put_on(user, "pro")
    return draw(user)


def document(image: Image) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(certificates.issue(image).as_json())
    return found


def test_it_says_what_the_picture_is_and_what_it_may_be_used_for(image: Image, settings: LazySettings) -> None:
    facts = document(image)["certificate"]

    assert facts["picture"]["sha256"] == image.sha256
    assert facts["picture"]["id"] == str(image.pk)
    assert (facts["picture"]["width"], facts["picture"]["height"]) == (96, 96)
    assert facts["picture"]["made_at"] == f"{image.created_at:%Y-%m-%dT%H:%M:%S}Z"
    assert facts["plan"] == {"slug": "pro", "name": "Pro"}
    assert (facts["licence"]["use"], facts["licence"]["title"]) == ("commercial", "Commercial use")
    assert facts["model"]["licence"] == "MIT"
    assert facts["model"]["licence_url"] == "https://opensource.org/license/mit"
    assert facts["issuer"] == {"name": "getimg", "url": settings.SITE_URL}
    assert facts["verify_at"] == f"{settings.SITE_URL}/verify/?sha256={image.sha256}"
    assert (facts["is_test"], "notice" in facts) == (False, False)


def test_a_picture_of_the_free_plan_has_one_that_says_so() -> None:
    user = make_person()
    put_on(user, "free")

    facts = document(draw(user))["certificate"]

    assert facts["licence"]["use"] == "personal"
    assert "may not be sold" in facts["licence"]["grant"]
    assert "choose a plan and make it again" in facts["licence"]["advice"]


def test_the_owner_is_named_as_they_chose_else_by_a_hidden_address(image: Image) -> None:
    assert certificates.owner_name(image.user) == "a…@example.com"
    image.user.display_name = "Ada Ł"
    assert certificates.owner_name(image.user) == "Ada Ł"
    assert "ada@example.com" not in json.dumps(document(image))


def test_anybody_can_check_it_with_the_published_key(image: Image) -> None:
    """By the words of the module alone, without its code."""
    signed = document(image)
    key = next(key for key in certificates.published_keys() if key["kid"] == signed["signature"]["key"])
    assert (key["kty"], key["crv"]) == ("OKP", "Ed25519")
    public = Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(key["x"] + "="))

    text = json.dumps(signed["certificate"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    public.verify(base64.urlsafe_b64decode(signed["signature"]["value"] + "=="), text.encode())


def test_ours_is_believed_however_it_is_laid_out(image: Image) -> None:
    certificate = certificates.issue(image)
    shuffled = {"signature": document(image)["signature"], "certificate": dict(reversed(certificate.facts.items()))}
    shuffled["signature"] = json.loads(certificate.as_json())["signature"]

    assert certificates.check(json.dumps(shuffled)).facts == certificate.facts


def _sign_by_another(signed: dict[str, Any]) -> None:
    raw = Ed25519PrivateKey.generate().sign(certificates.canonical(signed["certificate"]))
    signed["signature"]["value"] = base64.urlsafe_b64encode(raw).decode().rstrip("=")


CHANGES: list[Callable[[dict[str, Any]], Any]] = [
    lambda signed: signed["certificate"]["licence"].update(use="commercial "),
    lambda signed: signed["certificate"].update(owner="Eve"),
    lambda signed: signed["certificate"].update(extra=1),
    lambda signed: signed["certificate"].pop("owner"),
    lambda signed: signed["certificate"]["account"].update(id="0" * 32),
    lambda signed: signed["certificate"].pop("account"),
    lambda signed: signed["certificate"]["picture"].update(sha256="0" * 64),
    lambda signed: signed["certificate"].update(is_test=0),
    lambda signed: signed["signature"].update(key="another"),
    lambda signed: signed["signature"].update(key=["another"]),
    lambda signed: signed["signature"].update(value=signed["signature"]["value"][:-2]),
    lambda signed: signed["signature"].update(value="Ä"),
    lambda signed: signed["signature"].update(value=7),
    lambda signed: signed.pop("signature"),
    lambda signed: signed.update(certificate=None),
    _sign_by_another,
]


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_one_is_refused(image: Image, change: Callable[[dict[str, Any]], Any]) -> None:
    signed = document(image)
    change(signed)

    with pytest.raises(SignatureDoesNotFit):
        certificates.check(json.dumps(signed))


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "7", '"certificate"', "[" * 5000, '{"a": NaN}', "\ud800"])
def test_what_is_no_certificate_is_refused(text: str) -> None:
    with pytest.raises(SignatureDoesNotFit):
        certificates.check(text)


def test_a_certificate_is_found_in_its_file(image: Image) -> None:
    text = certificates.issue(image).as_json()

    assert certificates.in_file(f"\n {text}".encode()) == text.strip()
    for other in (b"", b"\x89PNG", b"%PDF-1.7 of something else", b"\xff\xfe"):
        assert certificates.in_file(other) == ""


def test_a_key_that_is_rotated_out_is_still_believed_while_it_is_listed(image: Image, settings: LazySettings) -> None:
    old = certificates.issue(image).as_json()
    x = certificates.published_keys()[0]["x"]

    settings.LICENCE_SIGNING_KEY = "a new secret of more than thirty-two letters"
    with pytest.raises(SignatureDoesNotFit):
        certificates.check(old)
    settings.LICENCE_OLD_PUBLIC_KEYS = [x]

    assert certificates.check(old).facts["picture"]["id"] == str(image.pk)
    assert [key["x"] for key in certificates.published_keys()][1:] == [x]
    certificates.check(certificates.issue(image).as_json())


def test_what_a_test_shop_sold_is_marked_for_good_and_nothing_else(image: Image, settings: LazySettings) -> None:
    settings.TEST_SHOP = True
    sold_for_nothing = draw(image.user)
    assert document(image)["certificate"]["is_test"] is False
    settings.TEST_SHOP = False

    facts = document(sold_for_nothing)["certificate"]

    assert (facts["is_test"], facts["notice"]) == (True, "TEST SHOP – not a licence")
