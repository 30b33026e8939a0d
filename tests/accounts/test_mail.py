import io
from pathlib import Path

import pytest
from django.core.mail import EmailMessage
from pytest_django import Settings

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
    assert "To: ada@example.com" in console.getvalue()


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
