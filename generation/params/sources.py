"""The pictures that a request names: looked up among the sender's own, with what is known of them.

`upload:<id>` is a picture somebody brought along, `image:<id>` one that was made here. What is another's, was deleted
or never was reads the same: it is not there.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from accounts.models import User
from generation.models import Image, JobInput, Upload

Kind = JobInput.Kind


@dataclass(frozen=True)
class Source:
    """A picture that is there and the sender's own; `darkest` and `lightest` are known of uploads alone."""

    kind: Kind
    id: uuid.UUID
    width: int
    height: int
    placeholder: str
    sha256: str
    darkest: int = 0
    lightest: int = 255
    is_transparent: bool = False
    # The run that made it, and its words.
    origin: uuid.UUID | None = None
    prompt: str = ""
    # What it may be used for, and whether that was bought with no real money; nothing is known of an upload.
    licence: str = ""
    is_test: bool = False

    @property
    def reference(self) -> str:
        """How a request names it."""
        return f"{self.kind}:{self.id}"

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return self.width, self.height


@dataclass(frozen=True)
class Picture:
    """A source and what it is for: `image`, `mask` …"""

    role: str
    source: Source


class Lookup(Enum):
    """What a search that was made before came to, in the place of a name: nobody searches again."""

    GONE = "gone"


class UnreadableReference(Exception):
    """What was given names no picture at all."""


def find(user: User, reference: str) -> Source | None:
    """Return the person's picture of this name; None where it is not there. Raises: UnreadableReference."""
    kind, _, text = reference.partition(":")
    try:
        pk = uuid.UUID(text)
    except ValueError:
        raise UnreadableReference from None
    if kind == Kind.UPLOAD:
        upload = Upload.objects.visible_to(user).filter(pk=pk).first()
        return of_upload(upload) if upload else None
    if kind == Kind.IMAGE:
        image = Image.objects.visible_to(user).select_related("job").filter(pk=pk).first()
        return _of_image(image) if image else None
    raise UnreadableReference


def find_all(user: User, references: Iterable[str]) -> dict[str, Source]:
    """Return the person's pictures of these names that are there, by their names; one query a kind."""
    wanted: dict[str, set[str]] = {Kind.UPLOAD: set(), Kind.IMAGE: set()}
    for reference in references:
        kind, _, text = reference.partition(":")
        wanted.setdefault(kind, set()).add(text)
    found: list[Source] = []
    if wanted[Kind.UPLOAD]:
        found += map(of_upload, Upload.objects.visible_to(user).filter(pk__in=wanted[Kind.UPLOAD]))
    if wanted[Kind.IMAGE]:
        images = Image.objects.visible_to(user).select_related("job").filter(pk__in=wanted[Kind.IMAGE])
        found += map(_of_image, images)
    return {source.reference: source for source in found}


def of_upload(upload: Upload) -> Source:
    """Return what is known of an upload."""
    return Source(
        kind=Kind.UPLOAD,
        id=upload.pk,
        width=upload.width,
        height=upload.height,
        placeholder=upload.placeholder,
        sha256=upload.sha256,
        darkest=upload.darkest,
        lightest=upload.lightest,
        is_transparent=upload.is_transparent,
    )


def _of_image(image: Image) -> Source:
    return Source(
        kind=Kind.IMAGE,
        id=image.pk,
        width=image.width,
        height=image.height,
        placeholder=image.placeholder,
        sha256=image.sha256,
        origin=image.job_id,
        prompt=str(image.recipe["prompt"]),
        licence=image.licence,
        is_test=image.is_test,
    )
