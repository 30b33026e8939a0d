"""Files of people's own models that no row names: what a kill left between a file and its row, or after a deletion.

Looked for where something ended a while ago, or may have been cut short; twice, or never for a while, does no harm.
"""

import logging
import shutil
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.core.files.storage import default_storage
from django.db.models import Q
from django.utils import timezone

from generation import storage
from generation.custom_models import folder_of
from generation.lora_files import COPY_PREFIX
from generation.models import CustomModel

logger = logging.getLogger(__name__)

_DAYS = 7
# Younger files may be on their way to their row.
_MINUTES = 60


def remove() -> int:
    """Remove such files from the storage; returns how many."""
    count = 0
    for model in _suspects():
        named = {model.weights, *(key for sample in model.samples.all() for key in sample.files)}
        found = [key for key in storage.files_under(folder_of(model)) if key not in named and _is_old(key)]
        storage.delete(*found)
        count += len(found)
    if count:
        logger.info("leftovers of custom models removed", extra={"count": count})
    return count


def remove_copies() -> int:
    """Remove this machine's copies of weights whose models are gone; others stay as long as they are used.

    Returns how many.
    """
    folders = {path.name.removeprefix(COPY_PREFIX): path for path in Path(settings.SCRATCH_DIR).glob(f"{COPY_PREFIX}*")}
    ready = CustomModel.objects.filter(state=CustomModel.State.READY, sha256__in=list(folders))
    kept = set(ready.values_list("sha256", flat=True))
    gone = [folder for sha256, folder in folders.items() if sha256 not in kept]
    for folder in gone:
        shutil.rmtree(folder, ignore_errors=True)
    return len(gone)


def _suspects() -> list[CustomModel]:
    """Return the models of which something began or ended lately."""
    since = timezone.now() - timedelta(days=_DAYS)
    lately = Q(created_at__gt=since) | Q(job__finished_at__gt=since) | Q(deleted_at__gt=since)
    return list(CustomModel.objects.filter(lately | Q(state=CustomModel.State.TRAINING)).prefetch_related("samples"))


def _is_old(key: str) -> bool:
    try:
        return default_storage.get_modified_time(key) < timezone.now() - timedelta(minutes=_MINUTES)
    except FileNotFoundError:
        return False
