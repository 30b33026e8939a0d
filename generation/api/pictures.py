"""Pictures in a request: named by the id of a file or of a picture made here, by address, or sent along as base64.

Each becomes a reference to a picture of the account, or is read, before the settings are. A picture that comes by
address or as base64 is kept like an uploaded file with its run, so that the run can be repeated and its way back be
shown; a price and a refused order keep nothing.
"""

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from accounts.ids import uuid7
from accounts.models import ApiKey
from generation import picture_reading, uploads
from generation.api import fetching
from generation.api.names import camel_case
from generation.api.problems import Problem, invalid
from generation.errors import PictureRefused
from generation.models import Image, JobInput, Upload
from generation.orders import Order
from generation.params import EditParams
from generation.params.sources import Source, of_upload
from generation.picture_reading import Encoded

FIELDS = ("image", "end_image", "mask", "strokes", "images")
_FILE = JobInput.Kind.UPLOAD.value
_NOTHING = f"{_FILE}:{uuid.UUID(int=0)}"
_GREY = frozenset({"mask", "strokes"})
# Shorter text cannot be a picture: it is a name, and where nothing has it, there is nothing.
_SHORTEST_PICTURE = 64
# What a picture is, and the checksum of its file.
_Once = tuple[Upload.Kind, str]


@dataclass(frozen=True, kw_only=True)
class Brought(Source):
    """A picture that came with the request, in the field `field`: read, and not kept yet."""

    field: str
    encoded: Encoded


def referred(key: ApiKey, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values with every picture as a reference, or read where it came along. Raises: Problem."""
    found = dict(values)
    for field in FIELDS:
        given = values.get(field)
        if isinstance(given, list):
            found[field] = [_reference(key, field, one) for one in given]
        elif given is not None:
            found[field] = _reference(key, field, given)
    return found


@contextmanager
def kept(order: Order) -> Iterator[Order]:
    """Keep what came along with an order; where the order is refused within, what was new is taken back.

    Raises: Problem.
    """
    params = order.params
    if not isinstance(params, EditParams):
        yield order
        return
    brought: dict[_Once, uploads.Kept] = {}
    try:
        found = [replace(one, source=_kept(order, one.source, brought)) for one in params.pictures]
        yield replace(order, params=replace(params, pictures=tuple(found)))
    except BaseException:
        for one in brought.values():
            if one.is_new:
                uploads.take_back(one.upload)
        raise


def refused(param: str, error: PictureRefused) -> Problem:
    """Return the refusal of a picture in the field `param`."""
    return invalid([{"param": param, "code": error.code, "message": f"{param}: {error}"}])


def _reference(key: ApiKey, field: str, given: Any) -> str | Source:
    param = camel_case(field)
    if not isinstance(given, str):
        raise invalid([{"param": param, "code": "invalid_value", "message": f"{param} must hold text."}])
    text = given.strip()
    if text.startswith(("http://", "https://")):
        return _brought(field, fetching.fetch(key.user_id, text, param))
    if text.startswith("data:") or len(text) >= _SHORTEST_PICTURE:
        try:
            content = picture_reading.decode_base64(text)
        except PictureRefused as error:
            raise refused(param, error) from None
        return _brought(field, content)
    return _named(key, text)


def _named(key: ApiKey, text: str) -> str:
    """Return a reference of a name; one that names nothing, or nothing that this key sees, refers to nothing."""
    kind, colon, bare = text.rpartition(":")
    if colon and kind not in JobInput.Kind.values:
        return _NOTHING
    try:
        pk = uuid.UUID(bare)
    except ValueError:
        return _NOTHING
    kind = kind if colon else _FILE
    return f"{kind}:{pk}" if _is_seen(key, kind, pk) else _NOTHING


def _is_seen(key: ApiKey, kind: str, pk: uuid.UUID) -> bool:
    """Whether a picture or a file is of the key's own side: what a test key made or brought, or anything else."""
    if kind == JobInput.Kind.IMAGE:
        return Image.objects.visible_to(key.user).filter(pk=pk, job__is_test=key.is_test).exists()
    return Upload.objects.visible_to_key(key).filter(pk=pk).exists()


def _brought(field: str, content: bytes) -> Brought:
    try:
        encoded = picture_reading.read(content, is_grey=field in _GREY)
    except PictureRefused as error:
        raise refused(camel_case(field), error) from None
    return Brought(
        kind=JobInput.Kind.UPLOAD,
        id=uuid7(),
        width=encoded.width,
        height=encoded.height,
        placeholder=encoded.placeholder,
        sha256=encoded.sha256,
        darkest=encoded.darkest,
        lightest=encoded.lightest,
        is_transparent=encoded.is_transparent,
        field=field,
        encoded=encoded,
    )


def _kept(order: Order, source: Source, brought: dict[_Once, uploads.Kept]) -> Source:
    """Return a picture as it is kept; one that came just now is added to `brought`. Raises: Problem."""
    if not isinstance(source, Brought):
        return source
    kind = Upload.Kind.MASK if source.field in _GREY else Upload.Kind.PICTURE
    once = (kind, source.encoded.sha256)
    # Kept a second time it would count as used again, and could not be taken back.
    if once not in brought:
        try:
            brought[once] = uploads.keep_read(order.user, source.encoded, kind=kind, is_test=order.is_test)
        except PictureRefused as error:
            raise refused(camel_case(source.field), error) from None
    return of_upload(brought[once].upload)
