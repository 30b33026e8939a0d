"""Pictures that somebody brings at once, on PostgreSQL: together they keep within the quota."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import LazySettings
from django.db import connections

from generation import uploads
from generation.errors import PictureRefused
from generation.models import Upload
from tests.generation.runs import make_person
from tests.generation.uploads import brought, photograph, png_of

pytestmark = pytest.mark.django_db(transaction=True)

AT_ONCE = 4


def test_pictures_that_come_at_once_keep_within_the_quota_together(settings: LazySettings) -> None:
    user = make_person()
    settings.UPLOAD_QUOTA_BYTES = 2 * brought(user).size_bytes
    start = threading.Barrier(AT_ONCE)

    def bring(content: bytes) -> bool:
        try:
            start.wait()
            return uploads.keep(user, content).is_new
        except PictureRefused:
            return False
        finally:
            connections.close_all()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        came = list(pool.map(bring, [png_of(photograph(seed=2 + number)) for number in range(AT_ONCE)]))

    assert (came.count(True), Upload.objects.count()) == (1, 2)
