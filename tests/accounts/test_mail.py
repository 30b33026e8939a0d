import io
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.mail import EmailMessage
from django.utils import timezone
from pytest_django import Settings

from accounts import mail
from accounts.mail import ConsoleAndFileBackend

MESSAGE = EmailMessage("Your code", "It is 123456.", "hello@example.com", ["ada@example.com"])


@pytest.fixture
def mail_folder(settings: Settings, tmp_path: Path) -> Path:
    settings.EMAIL_FILE_PATH = tmp_path
    return tmp_path


def test_a_mail_goes_into_a_file_and_onto_the_console(mail_folder: Path) -> None:
    console = io.StringIO()

    assert ConsoleAndFileBackend(stream=console).send_messages([MESSAGE]) == 1

    [file] = mail_folder.iterdir()
    assert "It is 123456." in file.read_text()
    assert "It is 123456." in console.getvalue()
    assert "To: a…@example.com" in console.getvalue()
    assert "ada@example.com" not in console.getvalue()


def test_the_console_is_the_processs_own(mail_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ConsoleAndFileBackend().send_messages([MESSAGE])

    assert "It is 123456." in capsys.readouterr().out


def test_in_production_the_console_stays_silent(mail_folder: Path, settings: Settings) -> None:
    settings.PRODUCTION = True
    console = io.StringIO()

    ConsoleAndFileBackend(stream=console).send_messages([MESSAGE])

    assert console.getvalue() == ""
    assert len(list(mail_folder.iterdir())) == 1


def test_a_broken_console_stops_no_mail(mail_folder: Path) -> None:
    class Closed(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    assert ConsoleAndFileBackend(stream=Closed()).send_messages([MESSAGE]) == 1
    assert len(list(mail_folder.iterdir())) == 1


def test_each_mail_is_a_file_of_its_own(mail_folder: Path) -> None:
    assert ConsoleAndFileBackend(stream=io.StringIO()).send_messages([MESSAGE] * 3) == 3

    assert len(list(mail_folder.iterdir())) == 3


def test_what_names_an_address_is_forgotten_however_it_is_written(mail_folder: Path) -> None:
    to_her = EmailMessage("Your code", "It is 123456.", "hello@example.com", ["Ada@Example.com"])
    about_her = EmailMessage("A report", "ä" * 900 + " ada@example.com", "hello@example.com", ["root@example.com"])
    others = EmailMessage("Your code", "It is 654321.", "hello@example.com", ["mada@example.org"])
    ConsoleAndFileBackend(stream=io.StringIO()).send_messages([to_her, about_her, others])

    assert mail.forget("ada@example.com") == 2

    [left] = mail_folder.iterdir()
    assert "654321" in left.read_text()


def test_no_mail_is_kept_for_more_than_a_week(mail_folder: Path) -> None:
    ConsoleAndFileBackend(stream=io.StringIO()).send_messages([MESSAGE])

    assert mail.forget_old(timezone.now() + timedelta(days=6, hours=23)) == 0
    assert mail.forget_old(timezone.now() + timedelta(days=7, minutes=1)) == 1
    assert not list(mail_folder.iterdir())
