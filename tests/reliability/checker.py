"""Reads a studio's database and files as they are left, and says what is wrong; it has nothing of the product in it.

    python -m tests.reliability.checker DATABASE_URL MEDIA_FOLDER [--strays]

--strays: a picture's file that no row names is wrong, too.

Exit status: 0 where every invariant holds, 1 where one does not, each with the rows that break it.
"""

import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg

# What must hold when no run is on its way any more → the rows that break it.
LAWS = {
    "every run has ended": """
        SELECT id, status FROM generation_job WHERE status NOT IN ('FINISHED', 'FAILED', 'CANCELED')
    """,
    "every run has its hold, and nothing of it is open": """
        SELECT job.id, hold.credits, hold.settled, hold.released
        FROM generation_job job LEFT JOIN billing_credithold hold ON hold.id = job.hold_id
        WHERE NOT job.is_test AND (hold.id IS NULL OR hold.settled + hold.released <> hold.credits)
    """,
    "a run costs what its pictures cost": """
        SELECT job.id, hold.settled, count(image.id)
        FROM generation_job job JOIN billing_credithold hold ON hold.id = job.hold_id
        LEFT JOIN generation_image image ON image.job_id = job.id
        GROUP BY job.id, hold.id HAVING hold.settled <> job.credits_per_image * count(image.id)
    """,
    "a finished run has all its pictures, each place once": """
        SELECT job.id, job.num_images, count(DISTINCT image.index)
        FROM generation_job job LEFT JOIN generation_image image ON image.job_id = job.id
        WHERE job.status = 'FINISHED'
        GROUP BY job.id HAVING count(DISTINCT image.index) <> job.num_images OR count(image.id) <> job.num_images
    """,
    "a hold is settled by its lines": """
        SELECT hold.id, hold.settled, sum(line.credits)
        FROM billing_credithold hold
        LEFT JOIN billing_ledgerentry line ON line.hold_id = hold.id AND line.kind = 'settle'
        GROUP BY hold.id HAVING hold.settled <> coalesce(sum(line.credits), 0)
    """,
    "a balance is what its lines make": """
        SELECT wallet.id, wallet.balance, sum(line.delta)
        FROM billing_wallet wallet LEFT JOIN billing_ledgerentry line ON line.wallet_id = wallet.id
        GROUP BY wallet.id HAVING wallet.balance <> coalesce(sum(line.delta), 0)
    """,
    "a balance is what its lots have": """
        SELECT wallet.id, wallet.balance, sum(lot.remaining)
        FROM billing_wallet wallet LEFT JOIN billing_creditlot lot ON lot.wallet_id = wallet.id
        GROUP BY wallet.id HAVING wallet.balance <> coalesce(sum(lot.remaining), 0)
    """,
}
_PICTURES = "SELECT id, file, sha256, thumbnail_320, thumbnail_640 FROM generation_image WHERE purged_at IS NULL"
_NAMED = """
    SELECT DISTINCT split_part(file, '/', 3) FROM generation_image WHERE purged_at IS NULL
    UNION SELECT split_part(withheld ->> 'file', '/', 3) FROM generation_moderationcase WHERE withheld ->> 'file' <> ''
"""
_SHOWN = 5


def findings(url: str, media: Path) -> Iterator[str]:
    """Yield what is wrong, in words."""
    with psycopg.connect(url) as connection:
        for law, query in LAWS.items():
            if rows := connection.execute(query).fetchall():
                yield f"not so: {law}: {len(rows)} rows, such as {rows[:_SHOWN]}"
        for row in connection.execute(_PICTURES):
            yield from _files_wrong(row, media)


def strays(url: str, media: Path) -> Iterator[str]:
    """Yield the folders of pictures that no row names; the database is read after the files."""
    folders = {folder.name: folder for folder in (media / "pictures").glob("*/*") if any(folder.iterdir())}
    with psycopg.connect(url) as connection:
        named = {name for (name,) in connection.execute(_NAMED)}
    yield from (f"a picture without a row: {folders[name]}" for name in sorted(folders.keys() - named))


def _files_wrong(row: tuple[Any, ...], media: Path) -> Iterator[str]:
    pk, file, checksum, *thumbnails = row
    for name in (file, *thumbnails):
        if not (media / name).is_file():
            yield f"picture {pk} has no file {name}"
            return
    if hashlib.sha256((media / file).read_bytes()).hexdigest() != checksum:
        yield f"picture {pk} is not the file that its row describes: {file}"


if __name__ == "__main__":
    database, folder = sys.argv[1], Path(sys.argv[2])
    found = [*findings(database, folder), *(strays(database, folder) if "--strays" in sys.argv else ())]
    print("\n".join(found) or "every invariant holds")
    sys.exit(1 if found else 0)
