from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from getimg_site.models import Backup

pytestmark = pytest.mark.django_db


def test_other_tools_backups_are_noted() -> None:
    call_command("backup", "--note")

    assert Backup.objects.get().size_bytes == 0


@pytest.mark.parametrize("wrong", [[], ["FOLDER", "--note"], ["FOLDER", "--keep", "-1"]])
def test_what_it_is_to_do_must_be_clear(wrong: list[str], tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="Name a folder"):
        call_command("backup", *[word.replace("FOLDER", str(tmp_path)) for word in wrong])

    assert list(tmp_path.iterdir()) == []
