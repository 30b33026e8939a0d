"""The cache as files, for the embedded default: Django's own, which never looks at a file again that nobody asks for.

Pictures in the making and names of folders would lie there for good; `remove_expired` is called by the hourly tidying.
"""

import contextlib
import time
from pathlib import Path

from django.core.cache import caches
from django.core.cache.backends.filebased import FileBasedCache

# Django's own lists the whole folder at each write, to see whether there are too many.
_COUNT_EVERY_SECONDS = 10.0


class TidyFileCache(FileBasedCache):
    """Files that can be gone through, and are counted now and then only."""

    _counted_at = -_COUNT_EVERY_SECONDS

    def _cull(self) -> None:
        if time.monotonic() - self._counted_at >= _COUNT_EVERY_SECONDS:
            TidyFileCache._counted_at = time.monotonic()
            super()._cull()  # type: ignore[misc]  # Django's own, which the stubs leave out

    def remove_expired(self) -> int:
        """Remove what may be read no more; returns how many."""
        return sum(self._is_over(Path(name)) for name in self._list_cache_files())  # type: ignore[attr-defined]  # Django's own, which the stubs leave out

    def _is_over(self, path: Path) -> bool:
        with contextlib.suppress(FileNotFoundError), path.open("rb") as file:
            return bool(self._is_expired(file))  # type: ignore[attr-defined]
        return False


def remove_expired() -> int:
    """Remove what the cache holds beyond its time, where it is files; returns how many."""
    cache = caches["default"]
    return cache.remove_expired() if isinstance(cache, TidyFileCache) else 0
