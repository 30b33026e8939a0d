"""What the proofs of reliability borrow from billing's tests, and a media folder without anybody else's files."""

import shutil
from pathlib import Path

import pytest
from django.conf import LazySettings

from tests.billing.conftest import embedded

__all__ = ["embedded"]


@pytest.fixture
def bare_folders(settings: LazySettings) -> None:
    """Remove what tests before this one left: their rows are gone, so that their files have none."""
    for folder in (Path(settings.MEDIA_ROOT) / "pictures", *Path(settings.SCRATCH_DIR).iterdir()):
        shutil.rmtree(folder, ignore_errors=True)
