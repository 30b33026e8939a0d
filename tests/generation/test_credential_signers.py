"""The certificate of a signature, taken out of a manifest store; and of stores that can be read in two ways, none."""

import io
import json
from pathlib import Path

import c2pa
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from fido2 import cbor

from generation import credential_signers

BEFORE = Path(__file__).parent / "signed_before"


def box(name: bytes, *contents: bytes) -> bytes:
    body = b"".join(contents)
    return (len(body) + 8).to_bytes(4, "big") + name + body


def labelled(label: str, *contents: bytes) -> bytes:
    return box(b"jumb", box(b"jumd", b"\0" * 16, b"\x03", label.encode(), b"\0"), *contents)


def signature(protected: bytes, unprotected: object = None) -> bytes:
    return box(b"cbor", b"\xd2" + cbor.encode([protected, unprotected or {}, b"", b"signature"]))


def store(*signatures: bytes) -> bytes:
    signed = [labelled("c2pa.signature", one) for one in signatures]
    return labelled("c2pa", labelled("urn:c2pa:one", *signed))


def signed_store() -> tuple[bytes, str]:
    with c2pa.Reader("image/png", io.BytesIO((BEFORE / "picture.png").read_bytes())) as reader:
        manifest = json.loads(reader.json())["active_manifest"]
        found = io.BytesIO()
        reader.resource_to_stream(f"self#jumbf=/c2pa/{manifest}", found)
    return found.getvalue(), manifest


def test_the_certificate_is_the_one_that_signed() -> None:
    expected = x509.load_pem_x509_certificates((BEFORE / "chain.pem").read_bytes())[0].public_bytes(Encoding.DER)

    assert credential_signers.certificate_in(*signed_store()) == expected


@pytest.mark.parametrize("name", [33, "x5chain"])
def test_a_chain_is_found_under_either_name_and_alone(name: object) -> None:
    many, one = (cbor.encode({1: -7, name: chain}) for chain in ([b"leaf", b"between"], b"leaf"))

    assert credential_signers.certificate_in(store(signature(many)), "urn:c2pa:one") == b"leaf"
    assert credential_signers.certificate_in(store(signature(one)), "urn:c2pa:one") == b"leaf"


def test_what_can_be_read_in_two_ways_has_no_signer() -> None:
    plain = cbor.encode({1: -7, 33: [b"ours"]})
    twice = b"\xa2" + cbor.encode(33) + cbor.encode([b"theirs"]) + cbor.encode(33) + cbor.encode([b"ours"])
    ambiguous = {
        "two signatures": store(signature(plain), signature(plain)),
        "two manifests": labelled(
            "c2pa", *[labelled("urn:c2pa:one", labelled("c2pa.signature", signature(plain)))] * 2
        ),
        "two stores": store(signature(plain)) * 2,
        "one name twice": store(signature(twice)),
        "two names": store(signature(cbor.encode({33: [b"theirs"], "x5chain": [b"ours"]}))),
        "two heads": store(signature(plain, {33: [b"theirs"]})),
        "none": store(),
        "no chain": store(signature(cbor.encode({1: -7}))),
    }

    for what, content in ambiguous.items():
        with pytest.raises(ValueError):  # noqa: PT011 (each its own words)
            pytest.fail(f"{what}: {credential_signers.certificate_in(content, 'urn:c2pa:one')!r}")


def test_stores_that_are_cut_off_or_changed_are_errors_of_the_store() -> None:
    content, manifest = signed_store()

    for at in range(0, len(content), 7):
        changed = bytearray(content)
        changed[at] ^= 0xFF
        for hostile in (content[:at], bytes(changed)):
            try:
                assert credential_signers.certificate_in(hostile, manifest)
            except ValueError:
                pass
