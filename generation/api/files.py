"""`/v1/files`: pictures that requests begin from, sent once and named as often as needed."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from generation import storage, uploads
from generation.api import answers, listing, pictures, requests, schemas
from generation.api.answers import absolute, stamp
from generation.api.openapi import describe, in_query
from generation.api.problems import invalid, not_found, problem
from generation.api.resource import Resource
from generation.errors import PictureRefused
from generation.models import Upload

# What a form says around its file.
_AROUND_BYTES = 64 * 1024
_FIELDS = ("file", "kind")
_PAGE = [in_query(name, words, shape) for name, (words, shape) in schemas.PAGE_QUERY.items()]


class Files(Resource):
    """The files of an account."""

    parser_classes = (MultiPartParser,)
    generates = ("POST",)

    @describe("createFile", "Send a picture", body="FileRequest", is_form=True, answers={200: "File", 201: "File"})
    def post(self, request: Request) -> Response:
        """Send a PNG, JPEG or WebP as the form's `file`; the same picture again is answered with the first's id."""
        if int(request.headers.get("Content-Length") or 0) > settings.INPUT_IMAGE_MAX_BYTES + _AROUND_BYTES:
            most = settings.INPUT_IMAGE_MAX_BYTES // 1_000_000
            raise problem(413, "body_too_large", f"{most} MB are the most a file may have.")
        file, kind = _read(request)
        try:
            kept = uploads.keep(self.user_of(request), file.read(), kind=kind, is_test=self.key_of(request).is_test)
        except PictureRefused as error:
            raise pictures.refused("file", error) from None
        return Response(answers_of([kept.upload])[0], 201 if kept.is_new else 200)

    @describe("listFiles", "List your files", answers={200: "FilePage"}, parameters=_PAGE)
    def get(self, request: Request) -> Response:
        """List the newest first, page by page, with what came as base64 or by address: `after` is `next` of the last.

        A test key sees what test keys sent, a live key all others, and what was brought to the site.
        """
        wanted = listing.read_page(request.query_params)
        page = uploads.page_for_key(self.key_of(request), after=wanted.after, size=wanted.limit)
        return Response(answers.page_of(answers_of(page.found), page.next_after))


class FileDetail(Resource):
    """One file."""

    @describe("getFile", "Look at a file", answers={200: "File"})
    def get(self, request: Request, file_id: str) -> Response:
        """Return its size and a link to it that works for a while."""
        return Response(answers_of([self._upload(request, file_id)])[0])

    @describe("deleteFile", "Delete a file", answers={204: ""})
    def delete(self, request: Request, file_id: str) -> Response:
        """Delete it; what was made from it stays."""
        uploads.delete(self._upload(request, file_id))
        return Response(status=204)

    def _upload(self, request: Request, file_id: str) -> Upload:
        found = uploads.find_for_key(self.key_of(request), file_id)
        if found is None or str(found.pk) != file_id.lower():
            raise not_found()
        return found


def _read(request: Request) -> tuple["UploadedFile[Any]", Upload.Kind]:
    """Return the form's file and what it is. Raises: Problem naming what is missing, wrong or unknown."""
    errors = requests.unknown([*request.POST, *request.FILES], _FIELDS)
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile):
        message = "Send a form (multipart/form-data) with the picture as “file”."
        errors.append({"param": "file", "code": "missing_field", "message": message})
    kind = request.POST.get("kind", Upload.Kind.PICTURE)
    if kind not in Upload.Kind.values:
        message = f"kind “{requests.shown(kind)}” is not valid; choose {' or '.join(Upload.Kind.values)}."
        errors.append({"param": "kind", "code": "invalid_value", "message": message})
    if errors:
        raise invalid(errors)
    assert isinstance(file, UploadedFile)
    return file, Upload.Kind(kind)


def answers_of(found: Sequence[Upload]) -> list[dict[str, object]]:
    """Return the facts of files; while the bucket is away, the size of an old one is with its thumbnail."""
    uploads.measure(found)
    return [_answer(upload) for upload in found]


def _answer(upload: Upload) -> dict[str, object]:
    return {
        "id": str(upload.pk),
        "kind": upload.kind,
        "width": upload.width,
        "height": upload.height,
        "sizeBytes": upload.size_bytes if upload.file_bytes is None else upload.file_bytes,
        "sha256": upload.sha256,
        "url": absolute(storage.signed_url(upload.file)),
        "createdAt": stamp(upload.created_at),
    }
