"""What the queue calls. Each entry hands over at once; rules live in the modules it names."""

import logging
from collections.abc import Callable
from uuid import UUID

from django.db import DatabaseError, InterfaceError, connection
from django.utils import timezone

from accounts import file_cache, mail
from generation import (
    damaged_models,
    erasing,
    expiry_mail,
    export_worker,
    exports,
    housekeeping,
    model_installs,
    model_leftovers,
    moderation_queue,
    report_mail,
    run_mail,
    training_folder,
    training_worker,
    uploads,
    webhooks,
    worker,
)
from generation.errors import NotTidied

logger = logging.getLogger(__name__)

# (dotted name, every so many minutes); seeded in one place by `getimg_site.schedules`.
SCHEDULES = (
    ("generation.tasks.tidy", 60),
    ("generation.tasks.purge_api", 15),
    ("generation.tasks.retire", 24 * 60),
    ("generation.api.tasks.deliver", 1),
    ("generation.tasks.begin_exports", 1),
    ("generation.tasks.erase_accounts", 1),
    ("generation.tasks.install_models", 1),
    ("generation.tasks.tell_runs", 1),
    ("generation.tasks.tell_reporters", 5),
)
# What is tidied on each host.
_OF_THIS_HOST = (housekeeping.remove_old_scratch, training_folder.remove_old, model_leftovers.remove_copies)


def wake() -> int:
    """Draw what waits. Rung by `doorbell.ring`."""
    return worker.of_this_process().drain()


def train() -> int:
    """Train what waits. Rung by `doorbell.ring`."""
    return training_worker.of_this_process().drain()


def begin_exports() -> int:
    """Start the processes that write exports. Rung for by each that is ordered, and each minute for what was lost."""
    return export_worker.begin_due()


def erase_accounts() -> int:
    """Go on erasing the accounts that are to be. Rung for by each, and each minute for what was lost or failed."""
    return erasing.run_due()


def install_models() -> int:
    """Start the processes that install models. Rung for by each that is asked for, and each minute for the lost."""
    return model_installs.begin_due()


def tell_runs() -> int:
    """Write to those who want to know that their runs have ended."""
    return run_mail.tell_runs(timezone.now())


def tell_reporters() -> int:
    """Write to those who reported a picture what came of it."""
    return report_mail.tell_reporters(timezone.now())


def tell_training(job_id: str) -> bool:
    """Write that a training has ended. Rung for by its end."""
    return run_mail.tell_training(UUID(job_id))


def warn_of_damaged_model(job_id: str) -> bool:
    """Tell the operators of the model that a run failed of. Rung for by its end."""
    return damaged_models.warn(UUID(job_id))


def tidy() -> None:
    """Remove what nobody needs any more: files of old pictures and uploads, scratch of dead attempts, old logs,
    exports, mails in files and parts of the cache whose time is over.
    """
    _do_each(
        housekeeping.purge_deleted,
        uploads.purge,
        model_leftovers.remove,
        *_OF_THIS_HOST,
        webhooks.forget_old,
        moderation_queue.forget_old,
        lambda: exports.remove_expired(timezone.now()),
        erasing.forget_late,
        mail.forget_old,
        file_cache.remove_expired,
    )


def tidy_host() -> None:
    """Remove what attempts, trainings and models left on this host; called by its supervisors, too.

    `tidy` is a task: it sees one host, which need not draw.
    """
    _do_each(*_OF_THIS_HOST)


def purge_api() -> int:
    """Remove what programs have deleted, and their pictures whose time is over."""
    return housekeeping.purge_api_pictures()


def retire() -> None:
    """Tell people whose pictures will go within a week, and put those that are kept no longer into the trash."""
    expiry_mail.send_due()
    housekeeping.retire_old()


def _do_each(*steps: Callable[[], object]) -> None:
    """Take each step, whatever the others meet: a bucket that is away keeps nobody from forgetting old logs.

    Raises: NotTidied at the end, where some failed.
    """
    failed = []
    for step in steps:
        try:
            step()
        except Exception as error:
            name = f"{step.__module__}.{step.__qualname__}"
            failed.append(name)
            logger.exception("not tidied", extra={"step": name})
            if isinstance(error, DatabaseError | InterfaceError):
                connection.close()  # one that was lost would fail every later step, too
    if failed:
        raise NotTidied(failed)
