"""Whose signature a file's content credentials carry: the certificate itself, beside those of this site.

What a certificate says of itself (names, serial number) anybody can put into one of their own making: only the whole of
it tells whose it is. The C2PA library hands out what it says; here it is taken out of the signature, byte for byte.
What belongs here: manifest stores as bytes, and the site's own certificates. What does not: signing, and whether a
signature fits (`content_credentials`).
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.conf import settings
from fido2 import cbor

# Source: ISO/IEC 19566-5 (JUMBF), 4.2 and 4.3: a box of boxes, the first of which describes it; this bit of its
# toggles says that it has a label, which stands after 16 bytes of its kind.
_SUPERBOX, _DESCRIPTION, _CONTENT = b"jumb", b"jumd", b"cbor"
_KIND_BYTES, _HAS_LABEL = 16, 0x02
_STORE, _SIGNATURE = "c2pa", "c2pa.signature"
# Source: RFC 9052, 4.2: the tag of COSE_Sign1. RFC 9360: where its certificates stand; C2PA names them by words, too.
_COSE_SIGN1, _CHAINS = b"\xd2", (33, "x5chain")


def certificate_in(store: bytes, manifest: str) -> bytes:
    """Return the certificate (DER) whose key signed a manifest of a store. Raises: ValueError.

    Where a store could be read in two ways, nobody can say which of them was checked: that is an error, too.
    """
    (manifests,) = _labelled(store, _STORE)
    (signed,) = _labelled(manifests, manifest)
    (signature,) = _labelled(signed, _SIGNATURE)
    (content,) = [body for name, body in _boxes(signature) if name == _CONTENT]
    if not content.startswith(_COSE_SIGN1):
        raise ValueError("this signature is not a COSE_Sign1")
    protected, unprotected, *_ = _decoded(content[1:])
    heads = _decoded(protected), unprotected
    # A name that stood there twice would be lost.
    if cbor.encode(heads[0]) != protected:
        raise ValueError("this signature's head is not in the one right form")
    (chain,) = [head[name] for head in heads for name in _CHAINS if name in head]
    certificate = chain if isinstance(chain, bytes) else chain[0]
    return bytes(certificate)


def is_ours(certificate: bytes) -> bool:
    """Whether a certificate (DER) is one that this site signs with, or signed with before."""
    paths = filter(None, (settings.C2PA_CERTIFICATE, *settings.C2PA_OLD_CERTIFICATES))
    return certificate in [certificate_of(path) for path in paths]


def certificate_of(path: str) -> bytes | None:
    """Return the first certificate (DER) of a PEM file; None where it holds none."""
    try:
        return x509.load_pem_x509_certificates(Path(path).read_bytes())[0].public_bytes(Encoding.DER)
    except (OSError, ValueError):
        return None


def _labelled(content: bytes, label: str) -> list[bytes]:
    """Return what is in those boxes of boxes that bear a label."""
    return [body for name, body in _boxes(content) if name == _SUPERBOX and _label_of(body) == label]


def _label_of(body: bytes) -> str:
    name, described = next(_boxes(body), (b"", b""))
    if name != _DESCRIPTION or len(described) <= _KIND_BYTES or not described[_KIND_BYTES] & _HAS_LABEL:
        return ""
    return described[_KIND_BYTES + 1 :].split(b"\0", 1)[0].decode()


def _boxes(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Give name and content of each box."""
    start = 0
    while start + 8 <= len(content):
        length, head = int.from_bytes(content[start : start + 4], "big"), 8
        if length == 1:
            length, head = int.from_bytes(content[start + 8 : start + 16], "big"), 16
        elif length == 0:
            length = len(content) - start
        if length < head or start + length > len(content):
            raise ValueError("this manifest store ends within a box")
        yield content[start + 4 : start + 8], content[start + head : start + length]
        start += length


def _decoded(content: bytes) -> Any:
    try:
        return cbor.decode(content)
    except (ValueError, TypeError, IndexError, KeyError) as error:
        raise ValueError("this signature can't be read") from error
