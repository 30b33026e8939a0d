"""Runs survive whatever is killed in the gpu cluster: the short form, on whichever database the suite runs."""

from pathlib import Path

from django.conf import LazySettings

from generation.models import Job
from tests.flows.chaos import Monkey, assert_nothing_lost, make_people, submit_runs, wait_until_all_ended
from tests.flows.clusters import gpu_cluster, wait_until_ended

CHAOS = {"JOB_MAX_ATTEMPTS": "50"}


def test_runs_survive_kills(child_environment: dict[str, str], tmp_path: Path, settings: LazySettings) -> None:
    settings.JOBS_WAITING_MAX = 1000
    people = make_people(4)
    jobs = submit_runs(80, people)
    with gpu_cluster(child_environment, tmp_path, **CHAOS) as cluster:
        monkey = Monkey(cluster, every_seconds=1.0)
        monkey.rage(seconds=45)
        print("done under chaos:", Job.objects.filter(status="FINISHED").count())
        wait_until_all_ended(120)
        jobs += submit_runs(1, people)
        wait_until_ended(jobs[-1])
    print(monkey.report())
    assert_nothing_lost(jobs)
