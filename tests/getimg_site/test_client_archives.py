import io
import subprocess
import tarfile

import pytest

from getimg_site import client_archives
from tests.rules.tree import ROOT


@pytest.mark.parametrize("language", client_archives.FILES)
def test_an_archive_has_every_file_that_its_client_is_built_from(language: str) -> None:
    with tarfile.open(fileobj=io.BytesIO(client_archives.archive(language))) as tar:
        packed = {one.name.removeprefix(f"getimg-{language}/") for one in tar.getmembers()}
    listed = subprocess.run(
        ["git", "ls-files", "."], cwd=ROOT / "clients" / language, check=True, capture_output=True, text=True
    )
    assert packed == set(listed.stdout.split()) - {".gitignore", "write_sync.py"}


def test_the_same_files_make_the_same_archive() -> None:
    first = client_archives.archive("python")
    client_archives.archive.cache_clear()
    assert client_archives.archive("python") == first
