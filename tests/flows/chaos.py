"""Runs of many people while a hand kills the gpu cluster's processes, and what must hold when it is over."""

import logging
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from statistics import median

from django.core.management import call_command
from django.db.models import Count
from django.utils import timezone

from accounts.models import User
from billing.models import CreditHold, LedgerEntry
from generation.models import Image, Job
from tests.flows.clusters import GpuCluster, gpu_cluster, wait_for, wait_until_ended
from tests.generation.runs import balance, hold_of, make_person, submit
from tests.reliability import size

logger = logging.getLogger(__name__)

CREDITS = 2000


@dataclass
class Monkey:
    """Kills a random process of a cluster now and then, each kind as often as any other."""

    cluster: GpuCluster
    every_seconds: float
    seed: int = field(default_factory=partial(size.seed, 5))
    kills: list[tuple[str, datetime]] = field(default_factory=list)

    def rage(self, seconds: float) -> None:
        """Kill until the time is up or every run has ended, whichever is first."""
        dice = random.Random(self.seed)
        end = time.monotonic() + seconds
        while True:
            time.sleep(self.every_seconds * dice.uniform(0.5, 1.5))
            if time.monotonic() > end or not _open_runs():
                return
            members = self.cluster.members()
            if not members:
                continue
            role = dice.choice(sorted(members))
            victim = dice.choice(members[role])
            try:
                os.kill(victim.pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
            self.kills.append((role, timezone.now()))

    def report(self) -> str:
        """Say what was killed how often, and how long after a kill the next run was done (to read, not to judge)."""
        ends = sorted(end for end in Job.objects.values_list("finished_at", flat=True) if end)
        waits: dict[str, list[float]] = {}
        for role, at in self.kills:
            after = next((end for end in ends if end > at), None)
            waits.setdefault(role, []).extend([(after - at).total_seconds()] if after else [])
        lines = [
            f"{role}: {len(found)}; next run done {median(found):.2f} s later (median), {max(found):.2f} s (worst)"
            for role, found in sorted(waits.items())
            if found
        ]
        return "\n".join([f"seed {self.seed}: {len(self.kills)} kills", *lines])


def survive(
    environment: Mapping[str, str],
    folder: Path,
    *,
    runs: int,
    seconds: float,
    every_seconds: float = 1.0,
    patience_seconds: float = 180.0,
    **changes: str,
) -> Monkey:
    """Have runs drawn under kills, then one more without, and check every account.

    JOBS_WAITING_MAX of this process must allow as many.
    """
    people = make_people(4)
    jobs = submit_runs(runs, people)
    # Attempts enough that the kills alone fail no run.
    with gpu_cluster(environment, folder, JOB_MAX_ATTEMPTS="100", **changes) as cluster:
        cluster.await_member("engine")
        monkey = Monkey(cluster, every_seconds)
        monkey.rage(seconds)
        wait_for(lambda: not _open_runs(), "the end of all runs", patience_seconds)
        jobs += submit_runs(1, people)
        wait_until_ended(jobs[-1], patience_seconds)
    logger.warning("chaos: %s", monkey.report())
    assert_nothing_lost(jobs)
    return monkey


def submit_runs(count: int, people: Sequence[User], seed: int = 7) -> list[Job]:
    """Have people send runs of one to four pictures."""
    dice = random.Random(seed)
    return [
        submit(dice.choice(people), num_images=dice.randint(1, 4), prompt=f"fox {number}") for number in range(count)
    ]


def make_people(count: int) -> list[User]:
    """Create people with credits enough for anything here."""
    return [make_person(f"person{number}@example.com", credits=CREDITS) for number in range(count)]


def assert_nothing_lost(jobs: Sequence[Job]) -> None:
    """Every run has all its pictures, each seed once, and each was paid for once."""
    statuses = Counter(Job.objects.values_list("status", "error_code"))
    assert statuses == {(Job.Status.FINISHED, ""): len(jobs)}
    for job in Job.objects.select_related("hold"):
        indexes = sorted(Image.objects.filter(job=job).values_list("index", flat=True))
        assert indexes == list(range(job.num_images)), job
        assert (hold_of(job).settled, hold_of(job).released) == (job.credits, 0), job
    settlements = LedgerEntry.objects.filter(kind=LedgerEntry.Kind.SETTLE)
    assert settlements.count() == len(jobs)
    assert not settlements.values("hold").annotate(lines=Count("id")).filter(lines__gt=1)
    assert Image.objects.count() == sum(job.num_images for job in jobs)
    for user in User.objects.all():
        spent = sum(CreditHold.objects.filter(wallet__user=user).values_list("settled", flat=True))
        assert balance(user) == CREDITS - spent
    call_command("ledger_audit")


def _open_runs() -> int:
    return Job.objects.filter(status__in=Job.ACTIVE).count()
