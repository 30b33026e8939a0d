"""Which waiting runs share the next pass, and which of their people's places each takes. Writes nothing: whoever
claims them finds out whether they are still to be had.
"""

import time
import uuid
from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from itertools import count

from django.utils import timezone

from accounts.compiled import Compiled
from generation import catalog
from generation.errors import ModelUnknown
from generation.models import Job

# Waiting runs that are looked at for company; further back a peer waits for its own turn.
_LOOK_AHEAD = 64
# In which somebody must come for a batch that could still hold more to go on waiting.
_COMING_SECONDS = 0.03

# An idle worker looks at each ring, while somebody waits for the picture to be begun.
_look = Compiled(lambda now: Job.objects.startable(now).in_turn()[:_LOOK_AHEAD], now=datetime)


def choose(*, limit: int | None = None, delay_seconds: float = 0.0) -> dict[Job, int | None]:
    """Return the job whose turn it is and those that fit into its batch, with the place each gets; empty for none.

    `limit` bounds how many pictures the batch may hold (default: what the model and size allow). A batch that has
    company and room is looked at again while more come, for at most `delay_seconds`, as Triton's dynamic batcher
    waits for its `max_queue_delay_microseconds`; a job alone waits for nobody.
    """
    until = time.monotonic() + delay_seconds
    company = 1
    while waiting := _look.rows(now=timezone.now()):
        chosen = _fitting(waiting, limit)
        is_over = time.monotonic() + _COMING_SECONDS > until
        if is_over or len(chosen) <= company or _room_beside(chosen, limit) <= 0:
            return chosen
        company = len(chosen)
        time.sleep(_COMING_SECONDS)
    return {}


def _fitting(waiting: list[Job], limit: int | None) -> dict[Job, int | None]:
    """Return the job whose turn it is and those that fit into its batch, with the place each gets."""
    head = waiting[0]
    room = _room_beside([head], limit)
    places = _Places(waiting)
    chosen = {head: places.take(head)}
    for peer in waiting[1:] if head.attempt == 0 else ():
        fits = peer.batch_key == head.batch_key and peer.attempt == 0 and peer.num_images <= room
        if fits and places.has_one_for(peer):
            chosen[peer] = places.take(peer)
            room -= peer.num_images
    return chosen


def _room_beside(jobs: Collection[Job], limit: int | None) -> int:
    """Return how many pictures more the batch of these jobs may hold."""
    size = limit or _batch_size(next(iter(jobs)))
    return size - sum(job.num_images for job in jobs)


def _batch_size(job: Job) -> int:
    """How many pictures one pass of this job's model holds; a model that was withdrawn meanwhile: only its own."""
    try:
        return catalog.find(job.served_by).model.batch_size(job.params["width"], job.params["height"])
    except ModelUnknown:
        return 0


class _Places:
    """The places that people's plans have for running jobs, and who sits where."""

    def __init__(self, waiting: list[Job]) -> None:
        """`waiting` comes from `startable`, which says how many of whose places are taken."""
        busy = {job.user_id for job in waiting if job.running}
        self._taken: dict[uuid.UUID, set[int]] = defaultdict(set)
        if busy:
            running = Job.objects.filter(status=Job.Status.PROCESSING, user__in=busy, slot__isnull=False)
            for user_id, slot in running.values_list("user_id", "slot"):
                assert slot is not None
                self._taken[user_id].add(slot)

    def has_one_for(self, job: Job) -> bool:
        return job.places is None or len(self._taken[job.user_id]) < job.places

    def take(self, job: Job) -> int | None:
        """Return the lowest free place, now taken; None where places are not counted."""
        if job.places is None:
            return None
        taken = self._taken[job.user_id]
        slot = next(slot for slot in count() if slot not in taken)
        taken.add(slot)
        return slot
