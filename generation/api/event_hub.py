"""One pair of eyes for all who follow: looks at the followed runs twice a second and rings where something is new.

However many streams there are, there is one look and one database connection. What is kept of a run is how it stands
now; whoever is slow misses the states in between and nothing else.
"""

import asyncio
import json
import logging
import uuid
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.cache import cache
from django.db import Error as DatabaseTrouble
from django.db import close_old_connections
from django.db.models import QuerySet
from redis import RedisError

from accounts import switches
from accounts.models import ApiKey, Feature, User
from generation import diffusions, queue_line
from generation.api import answers
from generation.api.event_tickets import Way
from generation.api.events import SIGN_OF_LIFE
from generation.diffusions import Diffusion
from generation.models import Job

logger = logging.getLogger(__name__)

_LOOK_SECONDS = 0.5
_SIGN_SECONDS = 15
# Asked again a moment later.
_AWAY = (DatabaseTrouble, RedisError, OSError)


@dataclass(frozen=True)
class State:
    """How a run stands. `version` changes with status, attempt, pictures and place; `step` goes on in between."""

    version: str
    step: int
    document: dict[str, Any]
    is_over: bool
    is_gone: bool = False


class Bell(asyncio.Event):
    """Rings for one stream when there is news, and when the key that it was opened with has ended."""

    def __init__(self, way: Way) -> None:
        super().__init__()
        self.way = way
        self.has_key_ended = False


@dataclass
class Watch:
    """One run that is followed, and the bells of those who follow it."""

    job_id: uuid.UUID
    user: User
    state: State
    bells: set[Bell] = field(default_factory=set)


class Hub:
    """Everything that is followed in this process."""

    def __init__(self) -> None:
        self.watches: dict[uuid.UUID, Watch] = {}
        self.streams_of: Counter[uuid.UUID] = Counter()

    @property
    def streams(self) -> int:
        """How many streams are open."""
        return self.streams_of.total()

    def join(self, job_id: uuid.UUID, user: User, state: State, way: Way) -> tuple[Watch, Bell]:
        """Follow a run; returns the watch and a bell that rings whenever the run stands differently."""
        watch = self.watches.setdefault(job_id, Watch(job_id, user, state))
        bell = Bell(way)
        watch.bells.add(bell)
        self.streams_of[user.pk] += 1
        return watch, bell

    def leave(self, watch: Watch, bell: Bell) -> None:
        """Follow no more."""
        watch.bells.discard(bell)
        if not watch.bells and self.watches.get(watch.job_id) is watch:
            del self.watches[watch.job_id]
        self.streams_of[watch.user.pk] -= 1
        self.streams_of += Counter()  # drop who follows nothing

    async def run(self) -> None:
        """Look again and again; a database that is away is looked at again a moment later."""
        while True:
            known = {pk: (watch.user, watch.state) for pk, watch in self.watches.items()}
            ways = {bell.way for watch in self.watches.values() for bell in watch.bells}
            try:
                news, ended = await sync_to_async(_look_afresh)(known, ways)
                self._end(ended)
                self._tell(news)
            except _AWAY as error:
                logger.warning("events cannot look", extra={"error": type(error).__name__})
            except Exception:
                # Nothing starts this task again: without it every stream of this process would say nothing for ever.
                logger.exception("events cannot look")
            await asyncio.sleep(_LOOK_SECONDS)

    def _end(self, ended: Collection[Way]) -> None:
        for watch in self.watches.values():
            for bell in watch.bells:
                if bell.way in ended:
                    bell.has_key_ended = True
                    bell.set()

    def _tell(self, news: Mapping[uuid.UUID, State]) -> None:
        for pk, state in news.items():
            if watch := self.watches.get(pk):
                watch.state = state
                for bell in watch.bells:
                    bell.set()


def look(known: Mapping[uuid.UUID, tuple[User, State]]) -> dict[uuid.UUID, State]:
    """Return the states that differ from those known, and leave a sign of life.

    A run whose state cannot be told ends its own streams; those of the others go on.
    """
    if settings.EVENTS_URL:
        cache.set(SIGN_OF_LIFE, 1, _SIGN_SECONDS)
    if not known:
        return {}
    jobs = {job.pk: job for job in _rows(list(known))}
    news = {}
    for pk, (user, before) in known.items():
        try:
            now = _state_now(jobs.get(pk), user, before)
        except _AWAY:
            raise
        except Exception:
            logger.exception("event stream ends", extra={"job": pk})
            now = replace(before, is_over=True, is_gone=True)
        if now != before:
            news[pk] = now
    return news


def ended_of(ways: Collection[Way]) -> set[Way]:
    """Return those of these ways in that are closed by now."""
    if not ways:
        return set()
    keys = ApiKey.objects.select_related("user").in_bulk({way.key_id for way in ways})
    return {way for way in ways if (key := keys.get(way.key_id)) is None or not is_open_to(key, way)}


def is_open_to(key: ApiKey, way: Way) -> bool:
    """Whether the key still opens something to who came with that text of it."""
    return key.is_live and key.user.is_active and key.takes(way.digest_start)


def state_of(found: Diffusion) -> State:
    """Return how a run stands that was just read."""
    # Through JSON once: what is compared and sent later is plain text and numbers.
    document = json.loads(json.dumps(answers.found(found)))
    return State(
        _version(found.job, found.queue_position), document["progress"]["step"], document, not found.job.is_active
    )


def _look_afresh(
    known: Mapping[uuid.UUID, tuple[User, State]], ways: Collection[Way]
) -> tuple[dict[uuid.UUID, State], set[Way]]:
    close_old_connections()  # one that the database has dropped would fail for ever
    # While the API is off nobody follows by it; whoever comes back reads why at the door.
    return look(known), ended_of(ways) if switches.is_on(Feature.API) else set(ways)


def _state_now(job: Any | None, user: User, before: State) -> State:
    if before.is_over:
        return before
    if job is None:
        return replace(before, is_over=True, is_gone=True)
    if _version(job, queue_line.place_of(job)) != before.version:
        found = diffusions.find(user, str(job.pk))
        return state_of(found) if found else replace(before, is_over=True, is_gone=True)
    progress = answers.progress_of(job)
    if progress["step"] == before.step:
        return before
    return replace(before, step=progress["step"], document={**before.document, "progress": progress})


def _rows(ids: list[uuid.UUID]) -> QuerySet[Job]:
    rows = Job.objects.filter(pk__in=ids, deleted_at__isnull=True).with_place()
    return rows.only("status", "attempt", "images_stored", "product")


def _version(job: Job, place: int | None) -> str:
    version = f"{job.status}.{job.attempt}.{job.images_stored}"
    return f"{version}-{place}" if job.status == Job.Status.NEW else version
