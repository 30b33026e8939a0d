"""A backup of a studio at work, brought back into an empty place by the real commands in processes of their own."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client

from accounts.models import User
from billing.models import Wallet
from getimg_site import backups
from getimg_site.errors import BackupFailed
from getimg_site.models import Backup
from tests import services
from tests.generation.pictures import content, draw
from tests.generation.runs import make_person
from tests.rules.tree import ROOT

_READ = """
from generation.models import Image
from tests.generation.pictures import content
for image in Image.objects.all():
    print(image.pk, len(content(image)), image.user.email)
"""

_SESSIONS = """
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
print(Session.objects.count(), UserSession.objects.count())
"""


@pytest.fixture
def elsewhere(tmp_path: Path, transactional_db: None) -> Iterator[dict[str, str]]:
    """Yield the environment of an empty place of the same kind."""
    place = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    place |= {"DATA_DIR": str(tmp_path / "elsewhere"), "DJANGO_SETTINGS_MODULE": "getimg_site.settings"}
    if connection.vendor == "postgresql":
        with services.postgres_database(os.environ["DATABASE_URL"]) as url:
            yield {**place, "DATABASE_URL": url}
    else:
        yield place


def manage(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_a_studio_is_made_again_of_a_backup_with_its_files_its_keys_and_right_books(
    elsewhere: dict[str, str], tmp_path: Path
) -> None:
    image = draw(make_person(email="mira@example.com"))
    size = len(content(image))
    written = backups.take(tmp_path / "backups")
    assert written.files == sum(path.is_file() for path in (written.folder / "media").rglob("*")) >= 3
    assert written.folder.stat().st_mode & 0o077 == 0
    draw(make_person())  # after the backup

    restored = manage(elsewhere, "restore", str(written.folder))

    assert restored.returncode == 0, restored.stderr
    assert "Every fact holds." in restored.stdout
    shown = manage(elsewhere, "shell", "--no-imports", "--command", _READ)
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.split() == [str(image.pk), str(size), "mira@example.com"]
    key = Path(elsewhere["DATA_DIR"], "secret_key")
    assert key.read_text() == (settings.DATA_DIR / "secret_key").read_text()
    assert key.stat().st_mode & 0o077 == 0
    again = manage(elsewhere, "restore", str(written.folder))
    assert again.returncode == 1
    assert "The database has tables" in again.stderr


def test_a_restored_studio_whose_books_are_wrong_is_said_to_be(elsewhere: dict[str, str], tmp_path: Path) -> None:
    Wallet.objects.filter(user=make_person()).update(balance=7)
    written = backups.take(tmp_path / "backups")

    restored = manage(elsewhere, "restore", str(written.folder))

    assert restored.returncode == 1
    assert "the balance is 7" in restored.stdout


def test_a_backup_that_was_changed_or_is_of_another_kind_is_refused(elsewhere: dict[str, str], tmp_path: Path) -> None:
    make_person()
    written = backups.take(tmp_path / "backups")
    facts = written.folder / "backup.json"
    other = "sqlite" if connection.vendor == "postgresql" else "postgresql"
    facts.write_text(facts.read_text().replace(f'"{connection.vendor}"', f'"{other}"'))
    with pytest.raises(BackupFailed, match=f"a backup of {other}"):
        backups.restore(written.folder)
    facts.write_text(facts.read_text().replace(f'"{other}"', f'"{connection.vendor}"'))
    (dump,) = written.folder.glob("database.*")
    with dump.open("r+b") as file:
        file.seek(dump.stat().st_size // 2)
        file.write(b"changed")

    refused = manage(elsewhere, "restore", str(written.folder))

    assert refused.returncode == 1
    assert "its checksum is another" in refused.stderr
    with pytest.raises(BackupFailed, match="is not a backup"):
        backups.restore(tmp_path)


@pytest.mark.django_db(transaction=True)
def test_what_the_last_backup_has_already_takes_no_room_again_and_old_ones_go(tmp_path: Path) -> None:
    user = make_person()
    first = draw(user)
    one = backups.take(tmp_path)
    second = draw(user)

    two = backups.take(tmp_path, keep=2)
    assert [backup.name for backup in backups.existing(tmp_path)] == [one.folder.name, two.folder.name]
    assert (two.folder / "media" / first.file).samefile(one.folder / "media" / first.file)
    assert (two.folder / "media" / second.file).read_bytes() == content(second)
    assert not (two.folder / "media" / second.file).samefile(settings.MEDIA_ROOT / second.file)

    three = backups.take(tmp_path, keep=2)
    assert backups.existing(tmp_path) == [two.folder, three.folder]
    assert (three.folder / "media" / first.file).read_bytes() == content(first)
    assert Backup.objects.count() == 3
    assert Backup.objects.latest("ended_at").size_bytes == three.size_bytes


def test_a_backup_holds_no_key_that_opens_an_account(elsewhere: dict[str, str], tmp_path: Path, client: Client) -> None:
    client.force_login(make_person(email="mira@example.com"))
    key = client.session.session_key
    facts = {"ip": "192.0.2.7", "user_agent": "A browser", "session_key": key}
    UserSession.objects.create(user=User.objects.get(email="mira@example.com"), **facts)

    written = backups.take(tmp_path / "backups")

    assert Session.objects.filter(pk=key).exists()
    (dump,) = written.folder.glob("database.*")
    text = dump.read_bytes()
    if connection.vendor == "postgresql":
        text = subprocess.run(["pg_restore", "--file=-", str(dump)], capture_output=True, check=True).stdout
    assert b"mira@example.com" in text
    assert str(key).encode() not in text
    restored = manage(elsewhere, "restore", str(written.folder))
    assert restored.returncode == 0, restored.stderr
    shown = manage(elsewhere, "shell", "--no-imports", "--command", _SESSIONS)
    assert shown.stdout.split() == ["0", "0"], shown.stderr


def test_what_an_older_backup_has_of_sessions_is_forgotten(
    elsewhere: dict[str, str], tmp_path: Path, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.force_login(make_person())
    with monkeypatch.context() as before:
        before.setattr(backups, "_SESSIONS", ())
        written = backups.take(tmp_path / "backups")

    restored = manage(elsewhere, "restore", str(written.folder))

    assert restored.returncode == 0, restored.stderr
    shown = manage(elsewhere, "shell", "--no-imports", "--command", _SESSIONS)
    assert shown.stdout.split() == ["0", "0"], shown.stderr


@pytest.mark.django_db(transaction=True)
def test_a_backup_that_fails_leaves_nothing_and_is_not_noted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    damaged = tmp_path / "damaged.sqlite3"
    damaged.write_bytes(b"no database at all" * 100)
    with monkeypatch.context() as broken:
        broken.setitem(connection.settings_dict, "NAME", str(damaged))  # PostgreSQL has none of this name
        with pytest.raises(BackupFailed):
            backups.take(tmp_path / "backups")

    assert list((tmp_path / "backups").iterdir()) == []
    assert not Backup.objects.exists()
