"""Reads a studio's database and files as they are left, and says what is wrong; it has nothing of the product in it.

    python -m tests.reliability.checker DATABASE_URL MEDIA_FOLDER [--strays]

MEDIA_FOLDER may be the word "bucket": then S3_ENDPOINT_URL, S3_BUCKET, S3_ACCESS_KEY, S3_SECRET_KEY and S3_REGION say
which.
--strays: a picture's file that no row names is wrong, too.

Exit status: 0 where every invariant holds, 1 where one does not, each with the rows that break it.
"""

import hashlib
import os
import sys
from collections.abc import Iterator, Set
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
    "a hold is settled once": """
        SELECT hold_id, count(*) FROM billing_ledgerentry WHERE kind = 'settle' GROUP BY hold_id HAVING count(*) > 1
    """,
    "a cycle brings its credits once": """
        SELECT wallet_id, cycle_on, count(*) FROM billing_creditlot
        WHERE source = 'monthly' GROUP BY wallet_id, cycle_on HAVING count(*) > 1
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


class Folder:
    """Files on a disk."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.names: Set[str] = {str(file.relative_to(path)) for file in path.rglob("*") if file.is_file()}

    def read(self, name: str) -> bytes:
        return (self._path / name).read_bytes()


class Bucket:
    """Files in a bucket."""

    def __init__(self) -> None:
        import boto3

        self._client = boto3.client(
            "s3",
            endpoint_url=os.environ["S3_ENDPOINT_URL"],
            aws_access_key_id=os.environ["S3_ACCESS_KEY"],
            aws_secret_access_key=os.environ["S3_SECRET_KEY"],
            region_name=os.environ["S3_REGION"],
        )
        self._bucket = os.environ["S3_BUCKET"]
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket)
        self.names: Set[str] = {file["Key"] for page in pages for file in page.get("Contents", ())}

    def read(self, name: str) -> bytes:
        content: bytes = self._client.get_object(Bucket=self._bucket, Key=name)["Body"].read()
        return content


def findings(url: str, media: Path | Bucket) -> Iterator[str]:
    """Yield what is wrong, in words."""
    with psycopg.connect(url) as connection:
        for law, query in LAWS.items():
            if rows := connection.execute(query).fetchall():
                yield f"not so: {law}: {len(rows)} rows, such as {rows[:_SHOWN]}"
        pictures = connection.execute(_PICTURES).fetchall()
    files = Folder(media) if isinstance(media, Path) else media
    for row in pictures:
        yield from _files_wrong(row, files)


def strays(url: str, media: Path | Bucket) -> Iterator[str]:
    """Yield the folders of pictures that no row names; the database is read after the files."""
    files = Folder(media) if isinstance(media, Path) else media
    folders = {name.split("/")[2]: name for name in files.names if name.startswith("pictures/")}
    with psycopg.connect(url) as connection:
        named = {name for (name,) in connection.execute(_NAMED)}
    yield from (f"a picture without a row: {folders[name]}" for name in sorted(folders.keys() - named))


def _files_wrong(row: tuple[Any, ...], files: Folder | Bucket) -> Iterator[str]:
    pk, file, checksum, *thumbnails = row
    for name in (file, *thumbnails):
        if name not in files.names:
            yield f"picture {pk} has no file {name}"
            return
    if hashlib.sha256(files.read(file)).hexdigest() != checksum:
        yield f"picture {pk} is not the file that its row describes: {file}"


if __name__ == "__main__":
    database, files = sys.argv[1], Bucket() if sys.argv[2] == "bucket" else Path(sys.argv[2])
    found = [*findings(database, files), *(strays(database, files) if "--strays" in sys.argv else ())]
    print("\n".join(found) or "every invariant holds")
    sys.exit(1 if found else 0)
