from datetime import timedelta
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from django.utils import timezone

from generation import export_worker, exports
from generation.models import Export
from tests.generation.runs import make_person
from tests.visitors import assert_sent_to_login, visitor

pytestmark = pytest.mark.django_db

PAGE = "/settings/your-data/"


def test_ordering_and_canceling_lead_back_to_the_page() -> None:
    user = make_person()
    browser = visitor(user)

    assert browser.post(f"{PAGE}export/")["Location"] == PAGE
    assert Export.objects.get().status == Export.Status.WAITING
    assert browser.post(f"{PAGE}export/cancel/")["Location"] == PAGE
    assert Export.objects.get().status == Export.Status.CANCELED


@pytest.mark.parametrize("path", ["export/", "export/cancel/"])
def test_only_people_who_are_signed_in_may_and_only_by_post(path: str) -> None:
    assert visitor().post(PAGE + path)["Location"].startswith("/accounts/login/")
    assert visitor(make_person()).get(PAGE + path).status_code == 405


def test_nobody_cancels_anothers() -> None:
    exports.order(make_person())

    visitor(make_person("bob@example.com")).post(f"{PAGE}export/cancel/")

    assert Export.objects.get().is_active


def test_the_file_is_its_owners_until_its_time_is_over() -> None:
    user = make_person()
    export = exports.order(user)
    address = f"{PAGE}export/{export.pk}/"
    assert visitor(user).get(address).status_code == 404
    export_worker.write(export.pk)

    assert_sent_to_login(visitor().get(address), address)
    assert visitor(make_person("bob@example.com")).get(address).status_code == 404
    answer: Any = visitor(user).get(address, follow=True)
    assert "profile.json" in ZipFile(BytesIO(b"".join(answer.streaming_content))).namelist()

    Export.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert visitor(user).get(address).status_code == 404
