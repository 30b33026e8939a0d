"""That an export leaves nothing of a person's out without a reason."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from django.apps import apps
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.db.models import ForeignKey, Model
from django.test.utils import CaptureQueriesContext

from accounts.models import NotificationChoice, User
from generation import export_file, folders, shelving
from generation.models import Image, Like, Publication
from getimg_site.leaving import NOT_EXPORTED
from getimg_site.models import BugReport, BugReportFile, Wish, WishVote
from tests.generation.pictures import draw
from tests.generation.runs import make_person, submit
from tests.generation.trained import ready

pytestmark = pytest.mark.django_db


def of_persons() -> Iterator[type[Model]]:
    """Yield each model whose rows belong to a person, by a key or through rows that do."""
    found: set[type[Model]] = {User}
    models = [model for model in apps.get_models() if not model._meta.proxy]
    while more := {model for model in models if model not in found and _points_to(model, found)}:
        found |= more
    yield from found - {User}


def _points_to(model: type[Model], found: set[type[Model]]) -> bool:
    keys = [field for field in model._meta.concrete_fields if isinstance(field, ForeignKey)]
    return any(key.related_model in found for key in keys)


def planted() -> User:
    """Return somebody with something of every kind."""
    user, friend = make_person(), make_person("bob@example.com")
    image = draw(user, loras=str(ready(user).pk), prompt="a red fox")
    folder = folders.make(user, "Foxes")
    folders.make(user, "Night", query="q=night")
    mine = Image.objects.filter(pk=image.pk)
    shelving.move(mine, folder)
    shelving.rate(mine, "4")
    shelving.favour(mine, is_favourite=True)
    shelving.tag(user, mine, "fox, snow")
    shelving.describe(image, "A fox in the snow")
    Publication.objects.create(image=image, user=user, token="mine")
    theirs = Publication.objects.create(image=draw(friend), user=friend, token="theirs")
    Like.objects.create(publication=theirs, user=user)
    submit(user, prompt="never drawn")
    NotificationChoice.objects.create(user=user, happening="low_credits", channel="email", is_on=True)
    Wish.objects.create(author=user, title="A sunnier theme", text="Please")
    WishVote.objects.create(wish=Wish.objects.create(author=friend, title="Faster foxes"), user=user)
    report = BugReport.objects.create(author=user, text="It broke", note="only for operators")
    BugReportFile.objects.create(report=report, file="reports/one.png", size_bytes=4)
    default_storage.save("reports/one.png", ContentFile(b"seen"))
    return user


def test_whatever_is_a_persons_is_exported_or_left_out_for_a_reason(tmp_path: Path) -> None:
    user = planted()

    with CaptureQueriesContext(connection) as captured:
        export_file.write(user, tmp_path / "all.zip", lambda *counts: None)

    read = " ".join(query["sql"] for query in captured)
    tables = {model._meta.label: f'"{model._meta.db_table}"' for model in of_persons()}
    forgotten = {label for label, table in tables.items() if table not in read and label not in NOT_EXPORTED}
    assert not forgotten, "Neither in an export nor in leaving.NOT_EXPORTED: " + ", ".join(sorted(forgotten))
    assert NOT_EXPORTED.keys() <= tables.keys()


def test_what_people_said_of_their_pictures_and_on_the_board_is_in_it(tmp_path: Path) -> None:
    user = planted()

    export_file.write(user, tmp_path / "all.zip", lambda *counts: None)

    archive = ZipFile(tmp_path / "all.zip")
    files: dict[str, Any] = {name: json.loads(archive.read(name)) for name in archive.namelist() if "json" in name}
    recipe = next(facts for name, facts in files.items() if name.startswith("recipes/"))
    assert recipe["library"] == {
        "description": "A fox in the snow",
        "folder": "Foxes",
        "favourite": True,
        "stars": 4,
        "tags": ["fox", "snow"],
    }
    library = files["library.json"]
    assert [folder["name"] for folder in library["folders"]] == ["Foxes"]
    assert [(one["name"], one["search"]) for one in library["saved_searches"]] == [("Night", "q=night")]
    assert library["tags"] == ["fox", "snow"]
    assert [one["address"].rsplit("/", 2)[-2] for one in library["shared"]] == ["mine"]
    assert [one["shared"] for one in library["likes"]] == ["theirs"]
    prompts = [run["settings"].get("prompt") for run in files["runs.json"]["runs"]]
    assert {"a red fox", "never drawn"} <= set(prompts)
    assert {"of": "low_credits", "by": "email"} in files["profile.json"]["notifications"]
    board = files["board.json"]
    assert [wish["title"] for wish in board["wishes"]] == ["A sunnier theme"]
    assert board["votes"] == ["Faster foxes"]
    (report,) = board["bug_reports"]
    assert report["text"] == "It broke"
    assert archive.read(report["files"][0]["file"]) == b"seen"
    assert "only for operators" not in json.dumps(files)
