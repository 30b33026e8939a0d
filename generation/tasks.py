"""What the queue calls. Each entry hands over at once; rules live in the modules it names."""

from generation import (
    expiry_mail,
    housekeeping,
    model_leftovers,
    training_folder,
    training_worker,
    uploads,
    webhooks,
    worker,
)

# (dotted name, every so many minutes); seeded in one place by `getimg_site.schedules`.
SCHEDULES = (
    ("generation.tasks.tidy", 60),
    ("generation.tasks.retire", 24 * 60),
    ("generation.api.tasks.deliver", 1),
)


def wake() -> int:
    """Draw what waits. Rung by `doorbell.ring`."""
    return worker.of_this_process().drain()


def train() -> int:
    """Train what waits. Rung by `doorbell.ring`."""
    return training_worker.of_this_process().drain()


def tidy() -> None:
    """Remove what nobody needs any more: files of old pictures and uploads, scratch of dead attempts, old logs."""
    housekeeping.purge_deleted()
    housekeeping.purge_api_pictures()
    uploads.purge()
    housekeeping.remove_old_scratch()
    training_folder.remove_old()
    model_leftovers.remove()
    webhooks.forget_old()


def retire() -> None:
    """Tell people whose pictures will go within a week, and put those that are kept no longer into the trash."""
    expiry_mail.send_due()
    housekeeping.retire_old()
