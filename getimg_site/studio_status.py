"""How the studio does, part by part, in words for everybody: what the status page says.

A part is as bad as the worst that is known of it: switched off by an operator, without a worker, stalled, slow.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext

from accounts import switches
from accounts.models import Feature
from generation import doorbell, queue_health
from generation.queue_health import QueueHealth
from getimg_site import cluster_life
from getimg_site.models import Incident
from getimg_site.views.health import cache_answers

# How far back notices that are over are shown.
HISTORY = timedelta(days=90)
# Shown where an operator has turned them off, and else not worth a line.
_SMALL = (Feature.FETCHING, Feature.SHOWCASE)


class Level(StrEnum):
    """From well to bad."""

    GOOD = "good"
    OFF = "off"
    SLOW = "slow"
    BAD = "bad"


@dataclass(frozen=True)
class Part:
    """One line: what it is, how it does, and that in words."""

    name: str
    level: Level
    words: str


@dataclass(frozen=True)
class StudioStatus:
    """The parts at one moment, and the queue's figures."""

    parts: list[Part]
    queue: QueueHealth

    @property
    def level(self) -> Level:
        """The worst of the parts'."""
        return max((part.level for part in self.parts), key=list(Level).index)


def look() -> StudioStatus:
    """Ask every part."""
    queue, living = queue_health.look(), _living()
    parts = [
        _good(gettext("Site and database")),  # this is read from it
        _pictures(queue, living),
        _part(gettext("Videos"), living, doorbell.CLUSTER, Feature.VIDEO),
        _trainings(queue, living),
        _part(gettext("API"), living, doorbell.CLUSTER, Feature.API),
        _part(gettext("Sign-ups"), None, "", Feature.SIGN_UPS),
        _part(gettext("Webhooks and exports"), living, doorbell.COURIER_CLUSTER),
        _good(gettext("Progress and limits"))
        if living is not None
        else Part(gettext("Progress and limits"), Level.SLOW, gettext("Not answering")),
        *(_part(str(feature.label), None, "", feature) for feature in _SMALL if switches.is_off_by_operator(feature)),
    ]
    return StudioStatus(parts, queue)


def silent_clusters() -> list[str]:
    """Return the queue clusters without a worker, by the same signs; trainings' only where trainings can be ordered."""
    living = _living()
    if living is None:
        return []
    silent = [cluster for cluster in cluster_life.CLUSTERS if cluster not in living]
    return [name for name in silent if name != doorbell.TRAINING_CLUSTER or switches.is_on(Feature.TRAINING)]


def incidents() -> QuerySet[Incident]:
    """Return the notices that are shown, the newest first: what goes on, and what ended within `HISTORY`."""
    since = timezone.now() - HISTORY
    return Incident.objects.filter(Q(ended_at__isnull=True) | Q(ended_at__gte=since)).order_by("-started_at", "-pk")


def _living() -> frozenset[str] | None:
    """Return the clusters that live; None where nobody knows, for the cache that they tell it does not answer."""
    return cluster_life.living() if cache_answers() else None


def _pictures(queue: QueueHealth, living: frozenset[str] | None) -> Part:
    part = _part(gettext("Pictures"), living, doorbell.CLUSTER)
    if part.level == Level.BAD or not queue.is_slow:
        return part
    if queue.is_stalled:
        return Part(part.name, Level.BAD, gettext("Nothing is being drawn"))
    return Part(part.name, Level.SLOW, gettext("Slower than usual"))


def _trainings(queue: QueueHealth, living: frozenset[str] | None) -> Part:
    part = _part(gettext("Trainings"), living, doorbell.TRAINING_CLUSTER, Feature.TRAINING)
    if part.level == Level.GOOD and queue.trainings_paused:
        return Part(part.name, Level.SLOW, gettext("Paused by the operator"))
    return part


def _part(name: str, living: frozenset[str] | None, cluster: str, feature: Feature | None = None) -> Part:
    """Return how a feature does that needs a cluster; `living`: None where that is not known or does not matter."""
    if feature is not None and not switches.is_on(feature):
        return Part(name, Level.OFF, gettext("Switched off. %(reason)s") % {"reason": switches.reason(feature)})
    if living is not None and cluster not in living:
        return Part(name, Level.BAD, gettext("No worker is up"))
    return _good(name)


def _good(name: str) -> Part:
    return Part(name, Level.GOOD, gettext("Working"))
