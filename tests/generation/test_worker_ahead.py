"""What a worker claims while the batch before is not there yet, and how it answers what a burst rang for."""

import pytest
from django.conf import LazySettings
from django.db import IntegrityError, connection
from django_q.models import OrmQ

from accounts.law import Law
from accounts.models import User
from generation import worker as worker_module
from generation.models import Job
from generation.worker import Worker
from tests.flows.clusters import wait_for, wait_until_running
from tests.generation.runs import balance, make_person, submit
from tests.generation.workers import await_end, await_engine, drain, forked, hang, scratch_of, worker_process

pytestmark = pytest.mark.django_db(transaction=True)

Status = Job.Status


@pytest.fixture(autouse=True)
def _noop_engine(settings: LazySettings) -> None:
    settings.ENGINE_BACKEND = "noop"
    settings.BATCH_SIZE_MAX = 1


def test_the_next_batch_is_claimed_before_the_one_in_hand_is_there_and_outlives_it() -> None:
    user = make_person(credits=10)
    _, stuck, ahead = three_runs(user)
    with worker_process() as process:
        assert wait_until_running(ahead).attempt == 1
        assert fresh(stuck).status == Status.PROCESSING
        await_engine(process).kill()
        await_end(process)

    stuck, ahead = fresh(stuck), fresh(ahead)
    assert (stuck.status, stuck.attempt) == (Status.FINISHED, 2)
    assert (ahead.status, ahead.attempt) == (Status.FINISHED, 1)
    assert balance(user) == 7


def test_who_was_claimed_ahead_and_waits_is_put_back_for_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_module, "_AHEAD_SECONDS", 0.5)
    user = make_person(credits=10)
    _, stuck, ahead = three_runs(user)
    with worker_process() as process:
        wait_until_running(ahead)
        wait_for(lambda: fresh(ahead).status == Status.NEW, "the run to be put back")
        assert fresh(stuck).status == Status.PROCESSING
        drain("w2")
        # At no fault of its own: the first attempt does not count.
        put_back = fresh(ahead)
        assert (put_back.status, put_back.attempt, put_back.fruitful_attempt) == (Status.FINISHED, 2, 1)
        await_engine(process).kill()
        await_end(process)

    assert balance(user) == 7


def test_an_error_that_ends_the_worker_lets_go_of_what_was_claimed_ahead() -> None:
    _, stuck, ahead = three_runs(make_person(credits=10))
    nothing_waits_again = Law(_REFUSE_WAITING, _ALLOW_WAITING)
    with forked(_drain_until_refused) as process:
        wait_until_running(ahead)
        nothing_waits_again.install(connection)
        try:
            await_engine(process).kill()
            await_end(process)
        finally:
            nothing_waits_again.remove(connection)

    assert [fresh(job).status for job in (stuck, ahead)] == [Status.PROCESSING] * 2
    assert not scratch_of(ahead).exists()


def test_a_burst_is_answered_with_its_last_run_and_leaves_no_ring() -> None:
    for name in ("ada", "bea", "cleo"):
        submit(make_person(f"{name}@example.com"))
    assert OrmQ.objects.filter(key="gpu").count() == 3

    drain()

    assert not OrmQ.objects.filter(key="gpu").exists()
    assert {job.status for job in Job.objects.all()} == {Status.FINISHED}


def fresh(job: Job) -> Job:
    return Job.objects.get(pk=job.pk)


def three_runs(user: User) -> list[Job]:
    """Send three runs; the engine draws the second and then finds nobody who takes its picture."""
    jobs = [submit(user, prompt=prompt) for prompt in ("a fox", "an owl", "a hare")]
    hang(jobs[1])
    return jobs


def _drain_until_refused() -> None:
    worker = Worker("w1")
    with pytest.raises(IntegrityError, match="not again"):
        worker.drain()
    assert not worker.in_flight()


_TABLE = Job._meta.db_table
_REFUSE_WAITING = {
    "sqlite": [
        f"CREATE TRIGGER not_again BEFORE UPDATE ON {_TABLE} WHEN NEW.status = 'NEW' "
        "BEGIN SELECT RAISE(ABORT, 'not again'); END"
    ],
    "postgresql": [
        "CREATE FUNCTION refuse_waiting() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'not again' USING ERRCODE = 'integrity_constraint_violation'; END $$",
        f"CREATE TRIGGER not_again BEFORE UPDATE ON {_TABLE} FOR EACH ROW WHEN (NEW.status = 'NEW') "
        "EXECUTE FUNCTION refuse_waiting()",
    ],
}
_ALLOW_WAITING = {
    "sqlite": ["DROP TRIGGER IF EXISTS not_again"],
    "postgresql": [f"DROP TRIGGER IF EXISTS not_again ON {_TABLE}", "DROP FUNCTION IF EXISTS refuse_waiting()"],
}
