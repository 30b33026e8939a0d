"""Files of pictures that no row names: what a kill left between a picture's files and its row.

Before its files are written, a picture's id is noted in the scratch folder of the attempt that made it, and the folder
goes with the attempt's end. Of an attempt that died the folder stays, until housekeeping removes it.
"""

import logging
import uuid
from pathlib import Path

from generation import storage
from generation.models import Image, ModerationCase

logger = logging.getLogger(__name__)

_SUFFIX = ".picture"


def note(scratch: Path, image_id: uuid.UUID) -> None:
    """Note that files of this picture are about to be written by the attempt with this folder."""
    (scratch / f"{image_id.hex}{_SUFFIX}").touch()


def remove(scratch: Path) -> int:
    """Remove the files that a run's dead attempts wrote and no row names; returns of how many pictures.

    `scratch` is the run's folder, with one for each attempt. Pictures that are held back have no row of their own:
    their case names them.
    """
    noted = [uuid.UUID(path.stem) for path in scratch.glob(f"*/*{_SUFFIX}")]
    named = {str(pk) for pk in Image.objects.filter(pk__in=noted).values_list("pk", flat=True)}
    held_back = ModerationCase.objects.filter(withheld__id__in=[str(pk) for pk in noted])
    named |= {facts["id"] for facts in held_back.values_list("withheld", flat=True)}
    lost = [pk for pk in noted if str(pk) not in named]
    for pk in lost:
        storage.delete(*storage.files_under(storage.folder_of(pk)))
    if lost:
        logger.info("leftovers of pictures removed", extra={"run": scratch.name, "count": len(lost)})
    return len(lost)
