"""Is this picture's licence what somebody says it is? Answers for anybody, by file, checksum or certificate.

What is answered is the licence, never who made the picture, nor what was asked for. A certificate says whom it was
made out to, to those who hold it already.
"""

import re
import uuid
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from django.utils.translation import gettext

from generation import certificates, licences
from generation.certificates import Certificate
from generation.errors import SignatureDoesNotFit
from generation.models import Image, Licence

_SHA256 = re.compile(r"[0-9a-f]{64}")


class Verdict(StrEnum):
    """What was found out."""

    KNOWN = "known"
    NAMED = "named"
    UNKNOWN = "unknown"
    GENUINE = "genuine"
    FORGED = "forged"


@dataclass(frozen=True)
class Proof:
    """What is on record about a picture, or signed in a certificate."""

    is_commercial: bool
    title: str
    plan: str
    made_at: datetime
    width: int
    height: int
    sha256: str
    model: str
    model_licence: str
    model_licence_url: str
    is_test: bool
    owner: str = ""
    # Of the owner when the certificate was made out; empty on those of before.
    account: str = ""
    email: str = ""
    issued_at: datetime | None = None


@dataclass(frozen=True)
class Answer:
    """A verdict, and the proof where there is one."""

    verdict: Verdict
    proof: Proof | None = None


class NotUnderstood(ValueError):
    """What was typed is neither a checksum nor a picture's id nor a certificate."""

    def __init__(self, text: str) -> None:
        super().__init__(
            gettext(
                "A SHA-256 has 64 characters, 0 to 9 and a to f; this has %(length)s. A certificate "
                "begins with “{” and ends with “}”."
            )
            % {"length": f"{len(text):,}"}
        )


def of_text(text: str) -> Answer:
    """Answer for what somebody typed or pasted. Raises: NotUnderstood."""
    text = text.strip()
    if text.startswith("{"):
        return of_certificate(text)
    bare = text.lower().removeprefix("urn:uuid:")
    if _SHA256.fullmatch(bare):
        return of_checksum(bare)
    try:
        return of_picture(uuid.UUID(bare))
    except ValueError:
        raise NotUnderstood(text) from None


def of_checksum(sha256: str) -> Answer:
    """Answer for a file: known where its bytes are those that were stored here, deleted from the library or not."""
    found = Image.objects.select_related("job").order_by("id")
    # Two questions, each with its index; an OR over two tables has none.
    image = found.filter(sha256=sha256).first() or found.filter(clip__sha256=sha256).first()
    return Answer(Verdict.KNOWN, replace(_on_record(image), sha256=sha256)) if image else Answer(Verdict.UNKNOWN)


def of_picture(image_id: uuid.UUID) -> Answer:
    """Answer for a picture's id, as its file's metadata names it; whose bytes the asker holds remains open."""
    image = Image.objects.filter(pk=image_id).select_related("job").first()
    return Answer(Verdict.NAMED, _on_record(image)) if image else Answer(Verdict.UNKNOWN)


def of_certificate(text: str) -> Answer:
    """Answer for a certificate: genuine where its signature fits, whether or not the picture is still here."""
    try:
        return Answer(Verdict.GENUINE, _signed(certificates.check(text)))
    except SignatureDoesNotFit:
        return Answer(Verdict.FORGED)


def _on_record(image: Image) -> Proof:
    terms = licences.terms_of(image)
    return Proof(
        is_commercial=terms.is_commercial,
        title=terms.title,
        plan=terms.plan_kind,
        made_at=image.created_at,
        width=image.width,
        height=image.height,
        sha256=image.sha256,
        model=terms.model_name,
        model_licence=terms.model_licence.name,
        model_licence_url=terms.model_licence.url,
        is_test=terms.is_test,
    )


def _signed(certificate: Certificate) -> Proof:
    facts = certificate.facts
    picture, model = facts["picture"], facts["model"]
    return Proof(
        is_commercial=facts["licence"]["use"] == Licence.COMMERCIAL,
        title=facts["licence"]["title"],
        plan=facts["plan"]["name"],
        made_at=datetime.fromisoformat(picture["made_at"]),
        width=picture["width"],
        height=picture["height"],
        sha256=picture["sha256"],
        model=model["name"],
        model_licence=model["licence"],
        model_licence_url=model["licence_url"],
        is_test=facts["is_test"],
        owner=facts["owner"],
        account=facts.get("account", {}).get("id", ""),
        email=facts.get("account", {}).get("email", ""),
        issued_at=datetime.fromisoformat(facts["issued_at"]),
    )
