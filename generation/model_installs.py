"""Models of the catalogue that operators have installed in the admin: fetched or copied by a process of its own, for
gigabytes take longer than a task of the queue may. A model comes switched off; the operator switches it on.
"""

import logging
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext
from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

from accounts.models import User
from generation import doorbell, downloads, model_switches
from generation.catalog import MODELS, CatalogModel
from generation.errors import FieldError, InvalidParams
from generation.models import ModelInstall, ModelSwitch

logger = logging.getLogger(__name__)

# How long a process may be silent: a file of ten gigabytes says nothing until it is there.
_LEASE = timedelta(hours=1)
_TRIES_MAX = 3
_MANAGE = Path(settings.BASE_DIR) / "manage.py"


def offered() -> list[CatalogModel]:
    """Return the models whose files can be installed."""
    return [model for model in MODELS.values() if model.hub_id and not model.ships_in and not model.is_built_in]


def folders() -> list[str]:
    """Return the folders that a model can be copied from."""
    root = Path(settings.MODEL_SOURCES_DIR) if settings.MODEL_SOURCES_DIR else None
    return sorted(path.name for path in root.iterdir() if path.is_dir()) if root and root.is_dir() else []


def order(operator: User, model: CatalogModel, folder: str = "") -> ModelInstall:
    """Have a model installed: from a folder, or from the hub where none is named. Raises: InvalidParams."""
    if folder and folder not in folders():
        raise InvalidParams([FieldError("folder", gettext("There is no such folder."))])
    try:
        with transaction.atomic():
            install = ModelInstall.objects.create(slug=model.slug, folder=folder, asked_by=operator.pk)
            doorbell.ring_installer()
    except IntegrityError:
        raise InvalidParams([FieldError("model", gettext("This model is being installed."))]) from None
    logger.info("model install asked for", extra={"install": install.pk, "model": model.slug})
    return install


def begin_due() -> int:
    """Start a process for each install that is due; returns how many."""
    due = list(ModelInstall.objects.filter(is_open=True, due_at__lte=timezone.now()).values_list("pk", flat=True))
    for pk in due:
        subprocess.Popen([sys.executable, str(_MANAGE), "install_model", str(pk)], cwd=settings.BASE_DIR)
    return len(due)


def run(pk: int) -> bool:
    """Fetch or copy a model's files; returns whether they are there now. Two processes never do it both."""
    install = ModelInstall.objects.filter(pk=pk, is_open=True, due_at__lte=timezone.now()).first()
    if install is None:
        return False
    mine = ModelInstall.objects.filter(pk=pk, is_open=True, due_at=install.due_at)
    if not mine.update(due_at=timezone.now() + _LEASE, tries=install.tries + 1):
        return False
    model = MODELS.get(install.slug)
    if model is None or install.tries >= _TRIES_MAX:
        return _end(install, gettext("It was begun %(times)s times and never came to an end.") % {"times": _TRIES_MAX})
    try:
        _bring(install, model)
    except (downloads.NoSafetensors, downloads.ChecksumMismatch, downloads.NotAModel) as error:
        return _end(install, str(error))
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
        logger.warning("model not installed", extra={"install": pk, "error": type(error).__name__})
        return _end(install, gettext("The files could not be read: %(error)s") % {"error": type(error).__name__})
    return _end(install)


# --- private, in the order of their callers --------------------------------------------------------


def _bring(install: ModelInstall, model: CatalogModel) -> None:
    def report(place: int, of: int, name: str) -> None:
        facts = {"done": place - 1, "files": of, "at_hand": name[-200:]}
        ModelInstall.objects.filter(pk=install.pk).update(due_at=timezone.now() + _LEASE, **facts)

    if not model.is_installed:
        # Before its files are there, so that nobody can ask for it in between.
        reason = gettext("It was just installed.")
        ModelSwitch.objects.update_or_create(slug=model.slug, defaults={"is_off": True, "reason": reason})
        model_switches.memory.forget()
    if install.folder:
        downloads.copy(model, Path(settings.MODEL_SOURCES_DIR) / install.folder, report)
    else:
        downloads.download(model, report)


def _end(install: ModelInstall, trouble: str = "") -> bool:
    facts = {"is_open": False, "ended_at": timezone.now(), "at_hand": "", "trouble": trouble[:500]}
    ModelInstall.objects.filter(pk=install.pk).update(**facts)
    install.refresh_from_db()
    if not trouble:
        ModelInstall.objects.filter(pk=install.pk).update(done=install.files)
    logger.info("model install ended", extra={"install": install.pk, "model": install.slug, "is_there": not trouble})
    return not trouble
