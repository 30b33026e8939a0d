"""The checker of what a studio leaves: it finds each kind of damage."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.db import connection, transaction
from PIL import Image as Pillow

from generation.models import Image
from tests.generation.runs import make_person, submit
from tests.generation.workers import drain
from tests.reliability import books, media
from tests.reliability.checker import RUN_LAWS, findings, strays
from tests.reliability.own_books import fetch, wrong_books

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("bare_folders"),
]

# A law → what breaks it, past the triggers and, where these are named, past the constraints.
_RUNS = {
    "every run has ended": ["UPDATE generation_job SET status = 'NEW', finished_at = NULL"],
    "every run has its hold": [
        "UPDATE billing_credithold SET settled = settled - 1 WHERE id IN (SELECT hold_id FROM generation_job)"
    ],
    "a run costs": ["UPDATE generation_job SET credits_per_image = 2"],
    "a hold without a run": [
        "INSERT INTO billing_credithold (id, credits, settled, released, parts, reference, tool, created_at, wallet_id)"
        " SELECT gen_random_uuid(), credits, 0, 0, parts, '', '', created_at, wallet_id FROM billing_credithold"
    ],
    "a finished run has all its pictures": ["DELETE FROM generation_image WHERE index = 0"],
    "a picture has a place": ["UPDATE generation_image SET index = 2 WHERE index = 1"],
    "a file is one picture's": ["UPDATE generation_image SET file = 'one'"],
    "a run's hold is settled once": [
        "UPDATE billing_ledgerentry SET kind = 'settle', delta = 0 WHERE kind = 'hold'",
    ],
}
_BOOKS = {
    "its lines make": ["UPDATE billing_wallet SET balance = balance + 1"],
    "its lots have": ["UPDATE billing_creditlot SET remaining = remaining - 1"],
    "nothing is negative": ["UPDATE billing_wallet SET balance = -1"],
    "that the lines up to it make": ["UPDATE billing_ledgerentry SET balance_after = 0 WHERE kind = 'grant'"],
    "as its kind must": ["UPDATE billing_ledgerentry SET delta = 1 WHERE kind = 'settle'"],
    "of its own wallet": ["UPDATE billing_ledgerentry SET hold_id = gen_random_uuid() WHERE kind = 'settle'"],
    "a key is used once": ["UPDATE billing_ledgerentry SET key = 'one'"],
    "a hold is opened once": ["DELETE FROM billing_ledgerentry WHERE kind = 'hold'"],
    "opened, settled and released": ["UPDATE billing_ledgerentry SET credits = 1 WHERE kind = 'settle'"],
    "came and expired": ["UPDATE billing_creditlot SET credits = credits + 1"],
    "a cycle brings": [
        "UPDATE billing_creditlot SET source = 'monthly', cycle_on = '2026-01-01'",
        "INSERT INTO billing_creditlot (id, source, credits, remaining, expired, cycle_on, created_at, wallet_id)"
        " SELECT gen_random_uuid(), source, credits, 0, 0, cycle_on, created_at, wallet_id FROM billing_creditlot",
    ],
    "has the parts": ["UPDATE billing_credithold SET parts = '[]'"],
    "not its wallet's": [
        "UPDATE billing_credithold SET parts = jsonb_build_array(jsonb_build_array(gen_random_uuid()::text, credits))"
    ],
    "holds keep": ["UPDATE billing_creditlot SET remaining = remaining + 1"],
}
_CONSTRAINTS = """
    SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) FROM pg_constraint
    WHERE contype IN ('c', 'u') AND conrelid::regclass::text IN (
        'generation_job', 'generation_image', 'billing_wallet', 'billing_creditlot', 'billing_credithold',
        'billing_ledgerentry'
    )
"""
_UNIQUE_INDEX = "DROP INDEX lot_one_grant_per_wallet_and_cycle"


@pytest.fixture
def drawn(child_environment: dict[str, str], settings: LazySettings) -> tuple[str, Path]:
    """Have a run of two pictures drawn; returns where its rows and its files are."""
    settings.ENGINE_BACKEND = "noop"
    url, media_root = child_environment["DATABASE_URL"], Path(settings.MEDIA_ROOT)
    submit(make_person(), num_images=2)
    assert "every run has ended" in str(list(findings(url, media_root)))
    drain()
    assert list(findings(url, media_root)) == []
    assert list(strays(url, media_root)) == []
    return url, media_root


def test_each_kind_of_damage_to_rows_is_found(drawn: tuple[str, Path]) -> None:
    assert set(_laws_of(RUN_LAWS, _RUNS)) == set(RUN_LAWS)
    assert set(_laws_of(books.LAWS, _BOOKS)) == set(books.LAWS)
    missed = []
    for law, damage in [*_RUNS.items(), *_BOOKS.items()]:
        with damaged(damage):
            found = [*books.broken(RUN_LAWS, fetch), *books.findings(fetch)]
            if not any(law in words for words in found):
                missed.append((law, found))
    assert missed == []
    files = media.Folder(drawn[1])
    with damaged(["UPDATE generation_image SET width = width + 64 WHERE index = 0"]):
        assert "cannot be read, or is not" in str(list(media.files_wrong(fetch, files)))
    with damaged(["UPDATE generation_image SET thumbnail_320 = (SELECT max(thumbnail_320) FROM generation_image)"]):
        assert "not in its own folder" in str(list(media.files_wrong(fetch, files)))

    submit(make_person("another@example.com"))
    assert wrong_books() == []
    assert "every run has ended" in str(list(findings(*drawn)))


def test_each_kind_of_damage_to_files_is_found(drawn: tuple[str, Path]) -> None:
    url, media_root = drawn
    image, other = Image.objects.order_by("index")
    files = {name: (media_root / name).read_bytes() for name in (*image.files, *other.files)}
    damages: dict[str, tuple[str, bytes | None]] = {
        "is not the file that its row describes": (image.file, b"another"),
        "has no file": (image.thumbnail_640, None),
        "cannot be read": (image.thumbnail_320, files[image.thumbnail_320][:50]),
        "pixels": (image.thumbnail_320, webp((64, 64))),
        "shows something else": (image.thumbnail_640, files[other.thumbnail_640]),
    }
    for words, (name, content) in damages.items():
        path = media_root / name
        if content is None:
            path.unlink()
        else:
            path.write_bytes(content)
        (found,) = findings(url, media_root)
        assert words in found
        assert str(image.pk) in found
        path.write_bytes(files[name])
    assert list(findings(url, media_root)) == []

    beside = (media_root / image.file).with_name("another.png")
    beside.write_bytes(b"another")
    assert [str(beside.relative_to(media_root)) in words for words in strays(url, media_root)] == [True]
    beside.unlink()

    Image.objects.filter(pk=image.pk).delete()
    assert [image.pk.hex in words for words in strays(url, media_root)] == [True] * 3


@contextmanager
def damaged(statements: list[str]) -> Iterator[None]:
    """Do this to the rows, past every constraint, and undo it."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            for (drop,) in fetch(_CONSTRAINTS):
                cursor.execute(str(drop))
            cursor.execute(_UNIQUE_INDEX)
            # No trigger of the product's, none of a foreign key's.
            cursor.execute("SET LOCAL session_replication_role = replica")
            for statement in statements:
                cursor.execute(statement)
                assert cursor.rowcount
        yield
        transaction.set_rollback(True)


def _laws_of(laws: dict[str, str], damages: dict[str, list[str]]) -> Iterator[str]:
    return (law for law in laws if any(words in law for words in damages))


def webp(size: tuple[int, int]) -> bytes:
    """Return a picture of one colour."""
    buffer = io.BytesIO()
    Pillow.new("RGB", size).save(buffer, "WEBP")
    return buffer.getvalue()
