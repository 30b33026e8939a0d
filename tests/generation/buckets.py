"""A bucket that is away for a while: the files lie in the media folder, and some requests nobody answers."""

from pathlib import Path
from typing import Any

from botocore.exceptions import EndpointConnectionError
from django.conf import LazySettings
from django.core.files.storage import FileSystemStorage


class AwayBucket(FileSystemStorage):
    """Refuses the first `refusals` requests of each process, as botocore says that no server answers."""

    def __init__(self, location: Path, refusals: int) -> None:
        super().__init__(location)
        self.refusals = refusals

    def _open(self, name: str, mode: str = "rb") -> Any:
        self._answer()
        return super()._open(name, mode)  # type: ignore[misc]  # the stubs leave it out

    def size(self, name: str) -> int:
        self._answer()
        return super().size(name)

    def delete(self, name: str) -> None:
        self._answer()
        super().delete(name)

    def _answer(self) -> None:
        if self.refusals > 0:
            self.refusals -= 1
            raise EndpointConnectionError(endpoint_url="http://bucket")


def go_away(settings: LazySettings, refusals: int) -> None:
    """Have the files from here on in a bucket that refuses so many requests."""
    settings.S3_BUCKET = "media"
    options = {"location": settings.MEDIA_ROOT, "refusals": refusals}
    bucket = {"BACKEND": f"{AwayBucket.__module__}.{AwayBucket.__name__}", "OPTIONS": options}
    settings.STORAGES = {**settings.STORAGES, "default": bucket}
