"""The API's clients as archives, for whoever has no copy of the source: the same bytes for the same files."""

import gzip
import io
import tarfile
from functools import cache

from django.conf import settings

FOLDER = settings.BASE_DIR / "clients"
# What each client is built from, and its tests.
FILES = {
    "python": ("LICENSE", "README.md", "pyproject.toml", "getimg/*.py", "getimg/py.typed"),
    "typescript": ("LICENSE", "README.md", "package*.json", "tsconfig.json", "src/*.ts", "test/*.mjs"),
}


@cache
def archive(language: str) -> bytes:
    """Return a client as a gzipped tar with one folder in it, `getimg-<language>`."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for pattern in FILES[language]:
            for path in sorted((FOLDER / language).glob(pattern)):
                found = path.read_bytes()
                # Neither times nor owners: the archive is the same wherever it is made.
                entry = tarfile.TarInfo(f"getimg-{language}/{path.relative_to(FOLDER / language).as_posix()}")
                entry.size = len(found)
                tar.addfile(entry, io.BytesIO(found))
    return gzip.compress(packed.getvalue(), mtime=0)
