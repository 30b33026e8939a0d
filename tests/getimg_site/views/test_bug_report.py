import io

import pytest
from django.conf import LazySettings
from django.core import mail
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from getimg_site.models import BugReport, BugReportPicture
from tests.factories import make_user
from tests.visitors import assert_sent_to_login, visitor, words

pytestmark = pytest.mark.django_db
TEXT = "I pressed Generate and the button went away."


def png() -> SimpleUploadedFile:
    """Return a small picture as a browser sends it."""
    file = io.BytesIO()
    Image.new("RGB", (64, 64), "red").save(file, "PNG")
    return SimpleUploadedFile("../../shot.png", file.getvalue(), "image/png")


def test_a_report_is_kept_with_its_picture_and_the_operators_are_told(settings: LazySettings) -> None:
    settings.ADMINS = [("Op", "op@example.com")]
    client = visitor(make_user())
    answer = client.post("/report-a-bug/", {"text": TEXT, "page": "/create/", "pictures": [png()]})

    report, picture = BugReport.objects.get(), BugReportPicture.objects.get()
    assert answer.status_code == 302
    assert (report.text, report.page) == (TEXT, "/create/")
    assert picture.file.startswith("reports/")
    assert default_storage.exists(picture.file)
    assert TEXT in mail.outbox[0].body


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"text": "hm"}, "at least 10 characters"),
        ({"text": TEXT, "pictures": [SimpleUploadedFile("a.png", b"no picture")]}, "PNG"),
        ({"text": TEXT, "pictures": [png(), png(), png(), png()]}, "4 pictures were chosen; at most 3"),
    ],
)
def test_what_cannot_be_taken_is_refused_with_the_words_kept(sent: dict[str, object], said: str) -> None:
    answer = visitor(make_user()).post("/report-a-bug/", sent)

    assert answer.status_code == 422
    assert said in words(answer)
    assert str(sent["text"]) in words(answer)
    assert not BugReport.objects.exists()


def test_a_visitor_is_asked_to_log_in() -> None:
    assert_sent_to_login(visitor().get("/report-a-bug/"), "/report-a-bug/")
