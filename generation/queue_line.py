"""Where a waiting run stands in the queue.

In a short line each place is counted anew (`Job.objects.with_place`). In a long one that would be a look at every
waiting run for each program that polls; so a process looks for all of them, once a second at most, and for no more
than a tenth of its time.
"""

import threading
import time
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate
from uuid import UUID

from accounts.compiled import fetch
from generation.models import Job

_EVERY_SECONDS = 1.0
_PAUSES_PER_LOOK = 9
# While somebody looks, the others are told what was seen before, if it is no older than this.
_OLD_SECONDS = 30.0
# In the order of `Job.objects.in_turn`, person by person.
_WAITING = """
SELECT person.user_id, person.waiting FROM (
  SELECT user_id, COUNT(*) AS waiting, MIN(queued_at) AS first
  FROM generation_job WHERE status = 'NEW' AND task <> 'dreambooth' GROUP BY user_id
) AS person
ORDER BY COALESCE(
  (SELECT MAX(past.started_at) FROM generation_job past WHERE past.user_id = person.user_id), '0001-01-01'
), person.first, person.user_id
"""


def place_of(job: Job) -> int | None:
    """Return the place of a run that was read `with_place`, 1 being next; None once it is started."""
    return job.place_counted if job.turn_counted is None else _watch.line().place(job.user_id, job.turn_counted)


@dataclass(frozen=True)
class Line:
    """Everybody who waits, in the order of service: a run of each, then the second of each who has two, and so on."""

    # Who comes before whom within a round.
    ranks: dict[UUID, int]
    # The ranks of those who are in the first round, in the second, ...
    rounds: list[list[int]]
    # How many runs come before the first round, before the second, ..., after the last.
    before: list[int]

    @classmethod
    def of(cls, waiting: Iterable[tuple[UUID, int]]) -> "Line":
        """Return the line of people, in their order within a round, with how many runs each has waiting."""
        ranks: dict[UUID, int] = {}
        rounds: list[list[int]] = []
        for rank, (user_id, count) in enumerate(waiting):
            ranks[user_id] = rank
            rounds += [[] for _ in range(count - len(rounds))]
            for round_ in rounds[:count]:
                round_.append(rank)
        return cls(ranks, rounds, list(accumulate(map(len, rounds), initial=0)))

    def place(self, user_id: UUID, turn: int) -> int:
        """Return the place of somebody's run; who came since the look is behind the others of the round."""
        if turn > len(self.rounds):
            return self.before[-1] + turn - len(self.rounds)
        rank = self.ranks.get(user_id, len(self.ranks))
        return self.before[turn - 1] + bisect_left(self.rounds[turn - 1], rank) + 1


def look() -> Line:
    """Return the line as it is now."""
    found = fetch(_WAITING, ())
    # SQLite keeps ids as text.
    return Line.of((found_id if isinstance(found_id, UUID) else UUID(found_id), count) for found_id, count in found)


class _Watch:
    """What this process saw last. Whoever comes when it is time looks again."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: Line | None = None
        self._good_until = 0.0

    def line(self) -> Line:
        """Return the line as it was a moment ago."""
        seen, grace = self._seen, _OLD_SECONDS if self._lock.locked() else 0.0
        if seen is not None and time.monotonic() < self._good_until + grace:
            return seen
        with self._lock:
            if self._seen is None or time.monotonic() >= self._good_until:
                self._look()
            assert self._seen is not None  # seen by us or by whom we waited for
            return self._seen

    def _look(self) -> None:
        began = time.monotonic()
        self._seen = look()
        ended = time.monotonic()
        self._good_until = ended + max(_EVERY_SECONDS, _PAUSES_PER_LOOK * (ended - began))


_watch = _Watch()
