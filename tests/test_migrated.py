"""A copy of what was migrated once is what the migrations make, and what changes them makes another."""

import sqlite3
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from tests import migrated
from tests.rules.tree import ROOT

_COUNT = "SELECT count(*) FROM django_migrations"
# Where the books are append-only, for one.
_TRIGGERS = "SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal"


def test_a_file_is_replaced_by_a_migrated_one(tmp_path: Path) -> None:
    file = tmp_path / "db.sqlite3"
    file.write_bytes(b"something else")

    migrated.copy_to(file)

    with closing(sqlite3.connect(file)) as copy:
        assert copy.execute("SELECT count(*) FROM generation_job").fetchone() == (0,)
        assert copy.execute(_COUNT).fetchone()[0] > 70


def test_the_log_of_a_database_that_is_held_open_is_not_removed_by_who_closes_it(tmp_path: Path) -> None:
    file = tmp_path / "db.sqlite3"
    log = tmp_path / "db.sqlite3-wal"
    migrated.copy_to(file)

    with migrated.held_open(file):
        assert _logs_after_a_close(file) == [log]
    assert _logs_after_a_close(file) == []


def _logs_after_a_close(file: Path) -> list[Path]:
    with closing(sqlite3.connect(file)) as other:
        other.execute("CREATE TABLE IF NOT EXISTS other (number)")
        other.commit()
    return list(file.parent.glob("*-wal"))


@pytest.mark.postgres
def test_an_empty_database_is_filled_and_a_made_one_is_gone_in_the_end(postgres_url: str) -> None:
    with migrated.database(postgres_url, "made_for_a_moment"):
        url = postgres_url.rpartition("/")[0] + "/made_for_a_moment"
        with psycopg.connect(url) as connection:
            counts = [connection.execute(query).fetchone() for query in (_COUNT, _TRIGGERS)]
        assert all(row is not None and row[0] > least for row, least in zip(counts, (70, 2), strict=True)), counts

    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(url)


def test_a_migration_and_what_it_imports_decide() -> None:
    decisive = {file.relative_to(ROOT).as_posix() for file in migrated.decisive_files()}

    # accounts/law.py is imported by what migrations import.
    assert {"generation/migrations/0027_search_stems.py", "billing/append_only.py", "accounts/law.py"} <= decisive
    assert "generation/views/library.py" not in decisive
