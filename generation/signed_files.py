"""A picture's files with content credentials, and as its owner takes them away: with what the picture shows.

What is kept is signed once, when it is written: pages, programs and links that hand it out as it lies hand it out
signed, and nobody waits for it. What a picture shows its owner may change, and where they say nothing its prompt says
it. So that never stands in what is kept, which strangers see by shared links, and whose checksum is on record: it is
put in when the owner takes the file away, and then the file is signed anew. Nothing is encoded anew for it.
"""

import contextlib
import mimetypes
from collections.abc import Callable, Sequence
from functools import partial

from django.conf import settings

from generation import content_credentials, licences, provenance, storage, xmp
from generation.content_credentials import Ingredient
from generation.engine.options import GREY_ROLES
from generation.models import Image, Job

# Gives a file of this content type with its credentials.
Seal = Callable[[bytes, str], bytes]


def seal_of(job: Job, picture: object, model: str) -> Seal:
    """Return what signs the files of one picture; without a certificate it leaves them as they are.

    Names the pictures that it was drawn from where they are there. Reads the run's inputs and their files.
    """
    if not content_credentials.is_configured():
        return lambda content, _: content
    agent = f"{settings.SITE_NAME} ({model})"
    return partial(content_credentials.sign, picture=str(picture), agent=agent, inputs=_inputs_of(job))


def clean_seal() -> Seal:
    """Return what signs a file that says nothing but that a model drew it, and where."""
    if not content_credentials.is_configured():
        return lambda content, _: content
    return partial(content_credentials.sign, picture="", agent=settings.SITE_NAME)


def described(image: Image, key: str) -> bytes:
    """Return a stored file of a picture with what the picture shows. Reads its run. Raises: FileNotFoundError.

    One that was signed and cannot be signed again is returned as it is kept: its word is worth more.
    """
    content = storage.read(key)
    packet = xmp.read(content) or provenance.clean_packet()
    try:
        told = xmp.put(content, provenance.with_alt_text(packet, image.description))
    except ValueError:
        return content  # a file of no kind that is made here
    signed = told
    if content_credentials.is_configured():
        seal = seal_of(image.job, image.pk, licences.terms_of(image).model_name)
        signed = seal(told, mimetypes.guess_type(key)[0] or "")
    return content if signed is told and content_credentials.may_be_in(content) else signed


def undescribed(content: bytes) -> bytes:
    """Return a file as it was before it was told what it shows; the same where it was not told."""
    packet = xmp.read(content)
    bare = provenance.without_alt_text(packet)
    return content if bare == packet else xmp.put(content, bare)


def _inputs_of(job: Job) -> Sequence[Ingredient]:
    inputs = []
    for one in job.inputs.select_related("image", "upload").order_by("pk"):
        source = one.upload or one.image
        if source is not None and source.file and one.role not in GREY_ROLES:
            with contextlib.suppress(FileNotFoundError):
                inputs.append(Ingredient(storage.read(source.file), f"{one.kind}:{one.source_id}"))
    return inputs
