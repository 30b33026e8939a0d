"""A process that takes hostile files in, by each of the doors that pictures come through.

`python -m tests.generation.hostile_doors picture|mask|upload COUNT [USER]` prints a line a file: its name, what became
of it, seconds of CPU, and megabytes that the process has grown by since it began.
"""

import resource
import sys
import time
from collections.abc import Callable

import django
from django.conf import settings

django.setup()

from django.core.files.storage import default_storage  # noqa: E402
from django.core.files.uploadedfile import SimpleUploadedFile  # noqa: E402
from django.test import override_settings  # noqa: E402

from accounts.models import User  # noqa: E402
from generation import picture_reading  # noqa: E402
from generation.errors import PictureRefused  # noqa: E402
from generation.models import Upload  # noqa: E402
from tests.generation import chunks, hostile  # noqa: E402
from tests.generation.wordy import MARK  # noqa: E402
from tests.visitors import visitor  # noqa: E402

# Returns what is kept of a file, or why it is refused.
Door = Callable[[bytes], "tuple[bytes, ...] | str"]


def reading(*, is_grey: bool) -> Door:
    """Return the door that every picture goes through, or every mask."""

    def take(content: bytes) -> tuple[bytes, ...] | str:
        try:
            encoded = picture_reading.read(content, is_grey=is_grey)
        except PictureRefused as error:
            return error.code
        return encoded.png, encoded.thumbnail

    return take


def uploading(user: User) -> Door:
    """Return the site's endpoint, as a browser meets it."""
    browser = visitor(user)

    def take(content: bytes) -> tuple[bytes, ...] | str:
        answer = browser.post("/uploads/", {"file": SimpleUploadedFile("a.png", content)})
        if answer.status_code not in (200, 201):
            return str(answer.json()["error"]["code"])
        upload = Upload.objects.get(pk=answer.json()["id"])
        return _stored(upload.file), _stored(upload.thumbnail)

    return take


def _stored(key: str) -> bytes:
    with default_storage.open(key) as file:
        return bytes(file.read())


def judge(kept: tuple[bytes, ...] | str) -> str:
    """Return "kept", the reason of a refusal, or "leaked" where anything but pixels came through."""
    if isinstance(kept, str):
        return kept
    is_clean = all(MARK not in one and chunks.names(one) <= chunks.OF_PIXELS for one in kept)
    return "kept" if is_clean else "leaked"


def main(door: str, count: int, user: str = "") -> None:
    """Take so many files in."""
    take = uploading(User.objects.get(pk=user)) if door == "upload" else reading(is_grey=door == "mask")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for name, content in hostile.files(count):
        begun = time.process_time()
        kept = take(content)
        seconds = time.process_time() - begun
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
        print(name, judge(kept), f"{seconds:.3f}", grown, flush=True)


if __name__ == "__main__":
    # As many files as this in a minute nobody sends; how many are taken is asked elsewhere.
    with override_settings(ACCOUNT_RATE_LIMITS={**settings.ACCOUNT_RATE_LIMITS, "upload": "100000/m/user"}):
        main(sys.argv[1], int(sys.argv[2]), *sys.argv[3:])
