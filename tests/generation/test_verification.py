"""What anybody is told about a picture, and what nobody is."""

import base64
import dataclasses
import json
import uuid

import pytest
from django.conf import LazySettings

from billing import ledger, plans
from generation import certificates, gallery, verification
from generation.models import Image
from generation.verification import NotUnderstood, Proof, Verdict
from tests.generation.pictures import draw, put_on
from tests.generation.runs import make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def image() -> Image:
    user = make_person("ada@example.com")
    put_on(user, "pro")
    return draw(user, prompt="a secret fox")


def proof_of(text: str) -> Proof:
    proof = verification.of_text(text).proof
    assert proof is not None
    return proof


def test_a_file_is_known_by_its_checksum(image: Image) -> None:
    answer = verification.of_text(f" {image.sha256.upper()}\n")

    assert answer.verdict == Verdict.KNOWN
    assert answer.proof is not None
    assert (answer.proof.title, answer.proof.plan) == ("Commercial use", "A paid plan")
    assert (answer.proof.model, answer.proof.model_licence) == ("Starter", "MIT")
    assert answer.proof.made_at == image.created_at


def test_another_file_is_unknown(image: Image) -> None:
    other = image.sha256[::-1]

    assert verification.of_text(other) == verification.Answer(Verdict.UNKNOWN)
    assert verification.of_text(str(uuid.uuid4())) == verification.Answer(Verdict.UNKNOWN)


def test_the_id_in_a_files_metadata_names_the_picture_and_vouches_for_no_file(image: Image) -> None:
    for text in (str(image.pk), f"urn:uuid:{image.pk}", image.pk.hex):
        assert verification.of_text(text).verdict == Verdict.NAMED
        assert proof_of(text).sha256 == image.sha256


def test_the_answer_names_neither_owner_nor_prompt(image: Image) -> None:
    said = repr(dataclasses.astuple(proof_of(image.sha256))).replace(image.sha256, "")  # hex may spell "ada"

    for word in ("ada", "example.com", "secret", str(image.user.pk)):
        assert word not in said


def test_a_deleted_picture_is_still_known(image: Image) -> None:
    gallery.delete(image)

    assert verification.of_text(image.sha256).verdict == Verdict.KNOWN


def test_a_certificate_is_genuine_even_when_the_picture_is_gone(image: Image) -> None:
    text = certificates.issue(image).as_json()
    image.delete()

    answer = verification.of_text(text)

    assert answer.verdict == Verdict.GENUINE
    assert answer.proof is not None
    assert (answer.proof.is_commercial, answer.proof.owner) == (True, "a…@example.com")
    assert answer.proof.issued_at is not None


def test_the_account_stays_whatever_its_owner_calls_themselves(image: Image) -> None:
    image.user.display_name = "A Large Studio"
    proof = proof_of(certificates.issue(image).as_json())
    assert (proof.owner, proof.account, proof.email) == ("A Large Studio", str(image.user_id), "a…@example.com")


def test_a_certificate_of_before_accounts_were_named_is_genuine(image: Image, settings: LazySettings) -> None:
    facts = certificates.issue(image).facts | {"version": 1}
    del facts["account"]
    key = certificates._signing_key(settings.LICENCE_SIGNING_KEY)
    raw = base64.urlsafe_b64encode(key.sign(certificates.canonical(facts))).decode().rstrip("=")
    old = certificates.Certificate(facts, certificates.key_id(key.public_key()), raw)

    answer = verification.of_text(old.as_json())

    assert answer.verdict == Verdict.GENUINE
    assert answer.proof is not None
    assert (answer.proof.owner, answer.proof.account, answer.proof.email) == ("a…@example.com", "", "")


def test_a_certificate_and_the_record_say_the_same(image: Image) -> None:
    of_certificate = proof_of(certificates.issue(image).as_json())
    record = proof_of(image.sha256)

    same = dataclasses.replace(
        of_certificate, owner="", account="", email="", issued_at=None, plan=record.plan, made_at=record.made_at
    )
    assert same == record


def test_a_changed_certificate_is_forged(image: Image) -> None:
    user = image.user
    plans.put_on(ledger.wallet_of(user), plans.free())
    signed = json.loads(certificates.issue(draw(user)).as_json())
    signed["certificate"]["licence"]["use"] = "commercial"

    assert verification.of_text(json.dumps(signed)) == verification.Answer(Verdict.FORGED)


@pytest.mark.parametrize("text", ["", "abc", "0" * 63, "0" * 65, "g" * 64, "fox.png"])
def test_what_is_neither_says_what_was_expected(text: str) -> None:
    with pytest.raises(NotUnderstood, match=f"64 characters.* this has {len(text)}"):
        verification.of_text(text)


def test_what_a_test_shop_sold_is_marked(image: Image, settings: LazySettings) -> None:
    settings.TEST_SHOP = True
    assert not proof_of(image.sha256).is_test
    sold_for_nothing = draw(image.user)
    settings.TEST_SHOP = False

    assert proof_of(sold_for_nothing.sha256).is_test
    assert proof_of(certificates.issue(sold_for_nothing).as_json()).is_test
