"""Reads a studio's database and files as they are left, and says what is wrong; it has nothing of the product in it.

    python -m tests.reliability.checker DATABASE_URL MEDIA_FOLDER [--strays]

MEDIA_FOLDER may be the word "bucket": then S3_ENDPOINT_URL, S3_BUCKET, S3_ACCESS_KEY, S3_SECRET_KEY and S3_REGION say
which.
--strays: a picture's file that no row names is wrong, too.

Exit status: 0 where every invariant holds, 1 where one does not, each with the rows that break it.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tests.reliability import books, media
from tests.reliability.books import Fetch
from tests.reliability.media import Bucket, Folder

# What must hold when no run is on its way any more → the rows that break it.
RUN_LAWS = {
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
    "a hold without a run is not open": """
        SELECT hold.id, hold.credits, hold.settled, hold.released FROM billing_credithold hold
        WHERE hold.settled + hold.released <> hold.credits
        AND NOT EXISTS (SELECT FROM generation_job job WHERE job.hold_id = hold.id)
    """,
    "a finished run has all its pictures, each place once": """
        SELECT job.id, job.num_images, count(DISTINCT image.index)
        FROM generation_job job LEFT JOIN generation_image image ON image.job_id = job.id
        WHERE job.status = 'FINISHED'
        GROUP BY job.id HAVING count(DISTINCT image.index) <> job.num_images OR count(image.id) <> job.num_images
    """,
    "a picture has a place among those that its run has, alone": """
        SELECT image.job_id, image.index, job.num_images, count(*)
        FROM generation_image image JOIN generation_job job ON job.id = image.job_id
        GROUP BY image.job_id, image.index, job.num_images
        HAVING count(*) > 1 OR image.index < 0 OR image.index >= job.num_images
    """,
    "a file is one picture's": """
        SELECT file, count(*) FROM generation_image WHERE purged_at IS NULL GROUP BY file HAVING count(*) > 1
    """,
    "a run's hold is settled once": """
        SELECT job.id, count(*) FROM generation_job job
        JOIN billing_ledgerentry line ON line.hold_id = job.hold_id AND line.kind = 'settle'
        GROUP BY job.id HAVING count(*) > 1
    """,
}


def findings(url: str, where: Path | Bucket) -> Iterator[str]:
    """Yield what is wrong, in words."""
    with _fetching(url) as fetch:
        yield from books.broken(RUN_LAWS, fetch)
        yield from books.findings(fetch)
        yield from media.files_wrong(fetch, _files(where))


def strays(url: str, where: Path | Bucket) -> Iterator[str]:
    """Yield the files of pictures that no row names; the database is read after the files."""
    files = _files(where)
    with _fetching(url) as fetch:
        yield from media.strays(fetch, files)


@contextmanager
def _fetching(url: str) -> Iterator[Fetch]:
    # Files are read between the queries, longer than a server may let a transaction idle.
    with psycopg.connect(url, autocommit=True) as connection:
        yield lambda query: connection.execute(query.encode()).fetchall()


def _files(where: Path | Bucket) -> Folder | Bucket:
    return Folder(where) if isinstance(where, Path) else where


if __name__ == "__main__":
    database, place = sys.argv[1], Bucket() if sys.argv[2] == "bucket" else Path(sys.argv[2])
    found = [*findings(database, place), *(strays(database, place) if "--strays" in sys.argv else ())]
    print("\n".join(found) or "every invariant holds")
    sys.exit(1 if found else 0)
