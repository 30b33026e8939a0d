"""What is in an export, and how the zip is written: piece by piece, so that it takes no more memory for more pictures.

Every name in it is made here, of letters, digits and hyphens: what people typed is in the files, not in their names.
Pictures, videos and weights are packed already, so they are stored as they are; texts are compressed.
"""

import json
import shutil
import uuid
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path, PurePath
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from django.conf import settings
from django.core.files.storage import default_storage
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.text import slugify

from accounts.models import User
from billing import ledger_csv
from generation import certificates, export_facts, manifests, signed_files
from generation.models import CustomModel, Image, Upload

# Called after each chunk with how many pictures there are, are done, were skipped.
Report = Callable[[int, int, int], None]
# What apps further up know of a person; they add themselves when Django starts.
further_parts: list[Callable[["Zipped", User], None]] = []

_CHUNK = 100
_BLOCK_BYTES = 1 << 20
# The format's clock begins here.
_FIRST_YEAR = 1980


def write(user: User, path: Path, report: Report) -> None:
    """Write everything of a person's into a zip at `path`. Whatever `report` raises ends it. Raises: OSError."""
    wanted = list(Image.objects.kept_for(user).order_by("id").values_list("pk", flat=True))
    report(len(wanted), 0, 0)
    with ZipFile(path, "w", ZIP_STORED, allowZip64=True) as archive:
        zipped = Zipped(archive)
        zipped.add_text("profile.json", _as_json(export_facts.of_person(user)))
        for wallet in user.wallets.select_related("user").order_by("product"):
            zipped.add_lines(f"credits-{wallet.product}.csv", ledger_csv.rows(wallet))
        skipped = _add_pictures(zipped, user, wanted, report)
        zipped.add_lists("library.json", export_facts.of_library(user))
        zipped.add_lists("runs.json", export_facts.of_runs(user))
        _add_uploads(zipped, user)
        _add_models(zipped, user)
        for add in further_parts:
            add(zipped, user)
        facts = {"user": user, "pictures": len(wanted) - len(skipped), "skipped": len(skipped)}
        facts |= {"site_name": settings.SITE_NAME, "site_url": settings.SITE_URL, "made_at": timezone.now()}
        zipped.add_text("README.txt", render_to_string("generation/export_readme.txt", facts))
        if skipped:
            zipped.add_lines("skipped.txt", (f"{image_id}\n" for image_id in skipped))


class Zipped:
    """An open zip, and the ways to put something into it."""

    def __init__(self, archive: ZipFile) -> None:
        self._archive = archive

    def add_text(self, name: str, text: str) -> None:
        """Add a text."""
        self.add_lines(name, (text,))

    def add_lines(self, name: str, lines: Iterable[str], at: datetime | None = None) -> None:
        """Add a text line by line."""
        with self._archive.open(_entry(name, ZIP_DEFLATED, at), "w") as target:
            for line in lines:
                target.write(line.encode())

    def add_bytes(self, name: str, content: bytes, at: datetime) -> None:
        """Add a file that is packed already."""
        with self._open_large(name, at) as target:
            target.write(content)

    def add_lists(self, name: str, lists: Mapping[str, Iterable[object]]) -> None:
        """Add a JSON object of long lists, an item at a time."""
        self.add_lines(name, _list_lines(lists))

    def add_if_there(self, name: str, key: str) -> None:
        """Add a file of the storage, unless it was deleted meanwhile."""
        try:
            self.add_stored(name, key)
        except FileNotFoundError:
            return

    def add_stored(self, name: str, key: str) -> None:
        """Add a file of the storage, a block at a time. Raises: FileNotFoundError before anything is written."""
        with default_storage.open(key) as source, self._open_large(name) as target:
            shutil.copyfileobj(source, target, _BLOCK_BYTES)

    def _open_large(self, name: str, at: datetime | None = None) -> Any:
        # Its size is known only afterwards: without this, files of 2 GB and more would break in the middle.
        return self._archive.open(_entry(name, ZIP_STORED, at), "w", force_zip64=True)


def _entry(name: str, how: int, at: datetime | None) -> ZipInfo:
    moment = at or timezone.now()
    entry = ZipInfo(name, (max(moment.year, _FIRST_YEAR), *moment.timetuple()[1:6]))
    entry.compress_type = how
    entry.external_attr = 0o644 << 16
    return entry


def _add_pictures(zipped: Zipped, user: User, wanted: list[uuid.UUID], report: Report) -> list[uuid.UUID]:
    """Add the pictures, each with its recipe, manifest and certificate; returns those that are gone meanwhile."""
    skipped: list[uuid.UUID] = []
    for start in range(0, len(wanted), _CHUNK):
        ids = wanted[start : start + _CHUNK]
        found = (
            Image.objects.kept_for(user)
            .select_related("job", "user", "clip", "environment", "folder")
            .prefetch_related("job__inputs", "tags")
            .in_bulk(ids)
        )
        for number, image_id in enumerate(ids, start=start + 1):
            image = found.get(image_id)
            if image is None or not _add_picture(zipped, image, number):
                skipped.append(image_id)
        report(len(wanted), start + len(ids), len(skipped))
    return skipped


def _add_picture(zipped: Zipped, image: Image, number: int) -> bool:
    """Add one picture, apart where it is in the trash; returns False when its file is gone: nothing of it is added."""
    at = "" if image.deleted_at is None else "trash/"
    name = f"{number:06}-{slugify(image.title)[:40].strip('-') or 'picture'}-{image.seed}"
    keys = (image.file, *(image.video.files if image.video else ()))
    try:
        contents = {key: signed_files.described(image, key) for key in keys}
    except FileNotFoundError:
        return False
    for key, content in contents.items():
        zipped.add_bytes(f"{at}pictures/{name}{_suffix(key)}", content, image.created_at)
    zipped.add_text(f"{at}recipes/{name}.json", _as_json(export_facts.of_picture(image)))
    zipped.add_text(f"{at}manifests/{name}.json", manifests.as_json(image))
    zipped.add_text(f"{at}certificates/{name}.json", certificates.issue(image).as_json())
    return True


def _add_uploads(zipped: Zipped, user: User) -> None:
    for upload in Upload.objects.visible_to(user).order_by("id").iterator(_CHUNK):
        zipped.add_if_there(f"uploads/{upload.pk}{_suffix(upload.file)}", upload.file)


def _add_models(zipped: Zipped, user: User) -> None:
    for model in CustomModel.objects.visible_to(user).order_by("id").iterator(_CHUNK):
        name = f"models/{slugify(model.name)[:40].strip('-') or 'model'}-{model.pk}"
        zipped.add_text(f"{name}.json", _as_json(export_facts.of_model(model)))
        if model.weights:
            zipped.add_if_there(f"{name}.safetensors", model.weights)
        for sample in model.samples.all():
            zipped.add_if_there(f"{name}-{export_facts.sample_name(sample)}{_suffix(sample.file)}", sample.file)


def _suffix(key: str) -> str:
    return PurePath(key).suffix.lower()


def _list_lines(lists: Mapping[str, Iterable[object]]) -> Iterable[str]:
    yield "{"
    for number, (name, items) in enumerate(lists.items()):
        yield f"{',' if number else ''}\n  {json.dumps(name)}: ["
        for place, item in enumerate(items):
            yield f"{',' if place else ''}\n    {json.dumps(item, ensure_ascii=False, default=str)}"
        yield "\n  ]"
    yield "\n}\n"


def _as_json(facts: object) -> str:
    return json.dumps(facts, ensure_ascii=False, indent=2, default=str) + "\n"
