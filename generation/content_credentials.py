"""Content credentials (C2PA): a signed manifest inside a picture's file that other programs can check.

Where the operator has set a certificate and its key (C2PA_CERTIFICATE, C2PA_PRIVATE_KEY, paths of PEM files), every
file that is handed out carries one: a model drew this, with which software, from which pictures. Reading needs
no certificate, only the library (`c2pa-python`, an optional extra of 50 MB that is loaded when it is first asked). What
a certificate must be is told by `faults` before anything is signed.
"""

import importlib.util
import io
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtensionOID
from django.conf import settings

from generation import credential_signers, xmp

logger = logging.getLogger(__name__)

PICTURE = "org.getimg.picture"
_ALGORITHMS = {"secp256r1": "es256", "secp384r1": "es384", "secp521r1": "es512"}
# Source: C2PA specification 2.2, 14.5.1: what a certificate that signs claims may be made for.
_PURPOSES = {"1.3.6.1.5.5.7.3.4", "1.3.6.1.5.5.7.3.36", "1.3.6.1.4.1.62558.2.1"}
_BEGINNINGS = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF8": "image/gif"}
# A small copy of the picture inside its own file would say nothing and weigh much.
_BARE = {"builder": {"thumbnail": {"enabled": False}}}
_RSA_BITS_MIN = 2048
# Whose a certificate is, each reader decides; that it has run out since does not change the file.
_UNTRUSTED, _EXPIRED = "signingCredential.untrusted", "signingCredential.expired"


@dataclass(frozen=True)
class Ingredient:
    """A picture that was put into the model: its file and what it is called."""

    content: bytes
    title: str


@dataclass(frozen=True)
class Credentials:
    """What a file's manifest says, and whether it is whole; `faults` are the specification's codes.

    `is_ours`: signed with this site's own certificate, or one that it had before, and unchanged since. `is_expired`:
    the certificate has run out, and no time stamp that is trusted here says that it was signed before that.
    """

    is_whole: bool
    is_ours: bool
    is_expired: bool
    signer: str
    software: str
    is_by_a_model: bool
    ingredients: tuple[str, ...]
    picture: str
    faults: tuple[str, ...]


def is_configured() -> bool:
    """Whether files are signed here."""
    return bool(settings.C2PA_CERTIFICATE)


def sign(content: bytes, content_type: str, *, picture: str, agent: str, inputs: Sequence[Ingredient] = ()) -> bytes:
    """Return the file with its manifest; the file as it was where signing fails, which is logged.

    `picture` is its id, empty where the file is not to say; `agent` the software that drew it, `inputs` the PNG files
    that it was drawn from.
    """
    import c2pa

    try:
        builder = c2pa.Builder(_manifest(picture, agent, content_type), c2pa.Context(c2pa.Settings.from_dict(_BARE)))
        for one in inputs:
            facts = {"title": one.title, "relationship": "inputTo"}
            builder.add_ingredient(json.dumps(facts), "image/png", io.BytesIO(one.content))
        signed = io.BytesIO()
        builder.sign(_signer(), content_type, io.BytesIO(content), signed)
    except (c2pa.C2paError, OSError, ValueError):
        logger.exception("content credentials could not be signed", extra={"image": picture})
        return content
    return signed.getvalue()


def read(content: bytes, content_type: str) -> Credentials | None:
    """Return what a file's manifest says; None where it has none, or the library is not installed."""
    if importlib.util.find_spec("c2pa") is None:
        return None
    import c2pa

    try:
        with c2pa.Reader(content_type, io.BytesIO(content)) as reader:
            return _credentials(reader)
    except c2pa.C2paError.ManifestNotFound:
        return None
    except (c2pa.C2paError, ValueError, KeyError) as error:
        logger.info("content credentials can't be read", extra={"error": type(error).__name__})
        return Credentials(False, False, False, "", "", False, (), "", ("manifest.unreadable",))


def may_be_in(content: bytes) -> bool:
    """Whether a file carries a manifest, to all appearances: nothing of it is checked, and no library is needed."""
    return b"c2pa.signature" in content


def kind_of(content: bytes) -> str:
    """Return the content type of a picture or a video by how it begins; empty of anything else."""
    if content[4:8] == b"ftyp":
        return "video/mp4"
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for start, kind in _BEGINNINGS.items() if content.startswith(start)), "")


def faults() -> list[str]:
    """Return what is wrong with the certificates and the key that are set; nothing where none is set."""
    found = [
        f"C2PA_OLD_CERTIFICATES: {path} is not a PEM certificate."
        for path in settings.C2PA_OLD_CERTIFICATES
        if credential_signers.certificate_of(path) is None
    ]
    return found + (_faults_of_pair() if settings.C2PA_CERTIFICATE or settings.C2PA_PRIVATE_KEY else [])


def _faults_of_pair() -> list[str]:
    if not (settings.C2PA_CERTIFICATE and settings.C2PA_PRIVATE_KEY):
        return ["C2PA_CERTIFICATE and C2PA_PRIVATE_KEY belong together: set both or none."]
    if importlib.util.find_spec("c2pa") is None:
        return ["C2PA_CERTIFICATE is set, but c2pa-python is not installed: pip install c2pa-python."]
    try:
        chain = x509.load_pem_x509_certificates(Path(settings.C2PA_CERTIFICATE).read_bytes())
    except (OSError, ValueError) as error:
        return [f"C2PA_CERTIFICATE {settings.C2PA_CERTIFICATE} is not a chain of PEM certificates: {error}"]
    try:
        key = serialization.load_pem_private_key(Path(settings.C2PA_PRIVATE_KEY).read_bytes(), None)
    except (OSError, ValueError, TypeError) as error:
        return [f"C2PA_PRIVATE_KEY {settings.C2PA_PRIVATE_KEY} is not a PEM key without a password: {error}"]
    return _faults_of(chain, key)


def _faults_of(chain: list[x509.Certificate], key: Any) -> list[str]:
    leaf, now = chain[0], datetime.now(UTC)
    found = []
    if _spki(leaf.public_key()) != _spki(key.public_key()):
        found.append("C2PA_PRIVATE_KEY does not belong to the first certificate of C2PA_CERTIFICATE.")
    if not _algorithm(key):
        found.append("C2PA_PRIVATE_KEY must be EC (P-256, P-384, P-521), Ed25519, or RSA of 2048 bits and more.")
    if not leaf.not_valid_before_utc <= now <= leaf.not_valid_after_utc:
        days = f"{leaf.not_valid_before_utc:%Y-%m-%d} to {leaf.not_valid_after_utc:%Y-%m-%d}"
        found.append(f"C2PA_CERTIFICATE is valid from {days}, which is not now.")
    if leaf.subject == leaf.issuer:
        found.append("C2PA_CERTIFICATE is self-signed; C2PA wants one that a certificate authority issued.")
    found += [words for words, is_right in _extensions(leaf).items() if not is_right]
    for below, above in pairwise(chain):
        if below.issuer != above.subject:
            found.append(f"C2PA_CERTIFICATE: after {below.subject.rfc4514_string()} must come who issued it.")
    return found


def _extensions(leaf: x509.Certificate) -> dict[str, bool]:
    """Return what the first certificate's extensions must say, and whether they do."""
    by_oid = {each.oid: each.value for each in leaf.extensions}
    usage, purposes = by_oid.get(ExtensionOID.KEY_USAGE), by_oid.get(ExtensionOID.EXTENDED_KEY_USAGE)
    constraints = by_oid.get(ExtensionOID.BASIC_CONSTRAINTS)
    named = {one.dotted_string for one in purposes} if isinstance(purposes, x509.ExtendedKeyUsage) else set()
    return {
        "C2PA_CERTIFICATE lacks the key usage digitalSignature.": isinstance(usage, x509.KeyUsage)
        and usage.digital_signature,
        "C2PA_CERTIFICATE lacks an extended key usage for it (emailProtection or documentSigning).": bool(
            named & _PURPOSES
        ),
        "C2PA_CERTIFICATE begins with a certificate authority's own; the signer's comes first.": not (
            isinstance(constraints, x509.BasicConstraints) and constraints.ca
        ),
    }


def _manifest(picture: str, agent: str, content_type: str) -> str:
    created = {
        "action": "c2pa.created",
        "digitalSourceType": xmp.MADE_BY_A_MODEL,
        "softwareAgent": {"name": agent},
    }
    named = {"id": picture, "site": settings.SITE_URL}
    return json.dumps(
        {
            "claim_generator_info": [{"name": settings.SITE_NAME}],
            "title": picture or "picture",
            "format": content_type,
            "assertions": [
                # `created`: it is the signer who says so. Else it were somebody's words that came along.
                {"label": "c2pa.actions.v2", "data": {"actions": [created]}, "created": True},
                *([{"label": PICTURE, "data": named, "created": True}] if picture else []),
            ],
        }
    )


def _signer() -> Any:
    paths = Path(settings.C2PA_CERTIFICATE), Path(settings.C2PA_PRIVATE_KEY)
    return _read_signer(*((str(path), path.stat().st_mtime_ns) for path in paths))


@lru_cache(maxsize=1)
def _read_signer(certificate: tuple[str, int], private_key: tuple[str, int]) -> Any:
    """Return the signer of two files; read again when they have changed."""
    import c2pa

    pem = Path(private_key[0]).read_bytes()
    algorithm = _algorithm(serialization.load_pem_private_key(pem, None))
    chain = Path(certificate[0]).read_bytes()
    return c2pa.Signer.from_info(c2pa.C2paSignerInfo(algorithm.encode(), chain, pem, None))


def _algorithm(key: Any) -> str:
    """Return the specification's name of what a key signs with; empty where it may not."""
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return _ALGORITHMS.get(key.curve.name, "")
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return "ed25519"
    return "ps256" if isinstance(key, rsa.RSAPrivateKey) and key.key_size >= _RSA_BITS_MIN else ""


def _spki(key: Any) -> bytes:
    encoded: bytes = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return encoded


def _credentials(reader: Any) -> Credentials:
    store = json.loads(reader.json())
    active = store["manifests"][store["active_manifest"]]
    said = {one["label"]: one["data"] for one in active.get("assertions", ())}
    actions = [one for label, data in said.items() if label.startswith("c2pa.actions") for one in data["actions"]]
    created: dict[str, Any] = next((one for one in actions if one["action"] == "c2pa.created"), {})
    found = [(one["code"], one.get("url", "")) for one in store.get("validation_status", ())]
    faults = tuple(code for code, _ in found if code not in (_UNTRUSTED, _EXPIRED))
    signature, agent = active.get("signature_info", {}), created.get("softwareAgent", "")
    return Credentials(
        is_whole=not faults,
        is_ours=not faults and _is_ours(reader, store["active_manifest"]),
        is_expired=any(code == _EXPIRED and store["active_manifest"] in place for code, place in found),
        signer=", ".join(filter(None, [signature.get("common_name"), signature.get("issuer")])),
        software=agent.get("name", "") if isinstance(agent, dict) else str(agent),
        is_by_a_model=created.get("digitalSourceType", "") == xmp.MADE_BY_A_MODEL,
        ingredients=tuple(str(one.get("title", "")) for one in active.get("ingredients", ())),
        picture=str(said.get(PICTURE, {}).get("id", "")),
        faults=faults,
    )


def _is_ours(reader: Any, manifest: str) -> bool:
    store = io.BytesIO()
    # Asked for one of a store's boxes, the library hands out the whole of it.
    reader.resource_to_stream(f"self#jumbf=/c2pa/{manifest}", store)
    try:
        return credential_signers.is_ours(credential_signers.certificate_in(store.getvalue(), manifest))
    except ValueError as error:
        logger.info("signer can't be told", extra={"error": str(error)})
        return False
