import io
import re

import pytest
from django.conf import LazySettings
from django.core import mail
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from accounts.models import User
from getimg_site import attachments
from getimg_site.models import BugReport, BugReportFile
from tests.factories import make_user
from tests.visitors import visitor, words

pytestmark = pytest.mark.django_db
TEXT = "I pressed Generate and the button went away."
MAIL = "eve@example.com"


def png() -> SimpleUploadedFile:
    """Return a small picture as a browser sends it."""
    file = io.BytesIO()
    Image.new("RGB", (64, 64), "red").save(file, "PNG")
    return SimpleUploadedFile("../../shot.png", file.getvalue(), "image/png")


def log(content: bytes = b"ERROR <script>alert(1)</script>") -> SimpleUploadedFile:
    return SimpleUploadedFile("console.log", content, "text/html")


def test_a_report_is_kept_with_its_files_and_the_operators_are_told(settings: LazySettings) -> None:
    settings.ADMINS = [("Op", "op@example.com")]
    user = make_user()
    answer = visitor(user).post("/report-a-bug/", {"text": TEXT, "page": "/create/", "files": [png(), log()]})

    report = BugReport.objects.get()
    assert answer.status_code == 302
    assert (report.text, report.page, report.author, report.email) == (TEXT, "/create/", user, "")
    kept = list(BugReportFile.objects.order_by("pk").values_list("name", "content_type"))
    assert kept == [("shot.png", "image/png"), ("console.log", "text/plain")]
    for file in BugReportFile.objects.all():
        assert file.file.startswith("reports/")
        assert default_storage.size(file.file) == file.size_bytes
    assert TEXT in mail.outbox[0].body
    assert user.email in mail.outbox[0].body


def test_who_has_no_account_leaves_an_address_and_is_asked_for_it() -> None:
    page = words(visitor().get("/report-a-bug/"))
    assert 'name="email"' in page
    assert 'name="email"' not in words(visitor(make_user()).get("/report-a-bug/"))

    nothing = visitor().post("/report-a-bug/", {"text": TEXT})
    assert nothing.status_code == 422
    assert "This field is required." in words(nothing)
    visitor().post("/report-a-bug/", {"text": TEXT, "email": MAIL, "files": [log()]})

    report = BugReport.objects.get()
    assert (report.author, report.email, report.reply_to) == (None, MAIL, MAIL)
    assert report.files.count() == 1


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"text": "hm"}, "at least 10 characters"),
        ({"text": TEXT, "page": "x" * 501}, 'aria-describedby="page-error" aria-invalid="true"'),
        ({"text": TEXT, "email": "no address"}, "Enter a valid email address."),
        ({"text": TEXT, "files": [SimpleUploadedFile("a.png", b"\0no picture")]}, "“a.png” is neither a PNG"),
        ({"text": TEXT, "files": [log() for _ in range(6)]}, "6 files were chosen; 5 are the most."),
        ({"text": TEXT, "files": [log(b"x" * 25_100_000)]}, "“console.log” has 25.1 MB; 25 MB are the most"),
    ],
)
def test_what_cannot_be_taken_is_refused_with_the_words_kept(sent: dict[str, object], said: str) -> None:
    answer = visitor().post("/report-a-bug/", {"email": MAIL, **sent})

    assert answer.status_code == 422
    assert said in words(answer)
    assert str(sent["text"]) in words(answer)
    assert "form_errors" in words(answer)
    assert not BugReport.objects.exists()


def test_too_much_together_is_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attachments, "TOTAL_MAX_BYTES", 1_000_000)

    answer = visitor().post("/report-a-bug/", {"text": TEXT, "email": MAIL, "files": [log(b"x" * 1_900_000)]})

    assert answer.status_code == 413
    assert "The files have 1.9 MB together; 1 MB are the most." in words(answer)


def test_a_program_that_fills_in_what_nobody_sees_is_refused_and_not_thanked() -> None:
    client = visitor()
    answer = client.post("/report-a-bug/", {"text": TEXT, "email": MAIL, "leave_empty": "https://x.example"})

    assert answer.status_code == 422
    assert "A field that nobody sees was filled in" in words(answer)
    assert TEXT in words(answer)
    assert "https://x.example" not in words(answer)
    assert "Thank you" not in words(client.get("/report-a-bug/"))
    assert not BugReport.objects.exists()


def test_who_is_signed_in_meets_no_trap_and_is_heard_whatever_a_browser_filled_in() -> None:
    client = visitor(make_user())
    assert "leave_empty" not in words(client.get("/report-a-bug/"))
    filled_in = {"leave_empty": "https://ada.example", "website": "https://ada.example"}
    client.post("/report-a-bug/", {"text": TEXT, **filled_in})

    assert BugReport.objects.get().text == TEXT


def test_the_trap_is_out_of_sight_of_people_readers_and_autofill() -> None:
    page = words(visitor().get("/report-a-bug/"))
    (trap,) = re.findall(r'<div class="unseen" aria-hidden="true">(.*?)</div>', page)

    assert 'tabindex="-1"' in trap
    assert 'autocomplete="off"' in trap
    assert 'name="leave_empty"' in trap  # a browser fills in a name that it knows, such as "website"


def test_one_address_sends_five_in_a_minute() -> None:
    sent = [visitor().post("/report-a-bug/", {"text": TEXT, "email": MAIL}).status_code for _ in range(6)]

    assert sent == [302] * 5 + [429]
    assert BugReport.objects.count() == 5


def test_operators_alone_get_the_files_and_only_as_downloads() -> None:
    visitor().post("/report-a-bug/", {"text": TEXT, "email": MAIL, "files": [log()]})
    file = BugReportFile.objects.get()
    path = f"/admin/getimg_site/bugreport/files/{file.pk}/"
    operator = visitor(User.objects.create_superuser("root@example.com", "correct horse battery"))

    page = words(operator.get(f"/admin/getimg_site/bugreport/{file.report_id}/change/"))
    assert path in page
    assert MAIL in page
    answer = operator.get(path)
    assert answer.getvalue() == b"ERROR <script>alert(1)</script>"
    assert answer["Content-Disposition"] == 'attachment; filename="console.log"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Type"].startswith("text/plain")
    assert visitor(make_user()).get(path).status_code == 302
    assert visitor(make_user(is_staff=True)).get(path).status_code == 403
    default_storage.delete(file.file)
    assert operator.get(path).status_code == 404
