"""Workers that claim at the same time, and clusters that take rings at the same time, on PostgreSQL."""

import re
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import TypeVar

import pytest
from django.conf import LazySettings
from django.db import connection, connections, transaction
from django_q.models import OrmQ

from accounts.models import User
from generation import batching, lifecycle
from generation.models import Job
from getimg_site.broker import DoorbellBroker
from tests.flows.clusters import PATIENCE_SECONDS, wait_for
from tests.generation.runs import balance, claim, hold_of, make_person, pictures, submit

pytestmark = pytest.mark.django_db(transaction=True)

WORKERS = 8
T = TypeVar("T")


def own_connection(work: Callable[[], T]) -> Callable[[], T]:
    """Close the thread's connection in the end: the test database could not be dropped else."""

    def run() -> T:
        try:
            return work()
        finally:
            connections.close_all()

    return run


def waits_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone()[0])


# --- Runs ------------------------------------------------------------------------------------------------


def test_a_run_given_up_while_a_picture_is_stored_keeps_it_and_is_charged_for_it() -> None:
    user = make_person(credits=10)
    submit(user, num_images=4)
    job = claim().jobs[0]
    give_up = own_connection(partial(lifecycle.fail, job, 1, code="worker_lost", message="Lost."))
    with ThreadPoolExecutor(1) as threads:
        with transaction.atomic():
            lifecycle.deliver(job, 1, pictures(job, 0))
            ended = threads.submit(give_up)
            assert wait_for(waits_for_a_lock, "the end of the run")
        ended.result(PATIENCE_SECONDS)
    job.refresh_from_db()
    assert (job.status, job.images_stored) == (Job.Status.FINISHED, 1)
    assert balance(user) == 9


def test_each_run_is_claimed_by_one_worker_and_none_is_left(settings: LazySettings) -> None:
    settings.JOBS_WAITING_MAX = 1000
    people = [make_person(f"person{number}@example.com") for number in range(3)]
    jobs = [submit(people[number % 3], num_images=1 + number % 3, prompt=f"fox {number}") for number in range(45)]
    start = threading.Barrier(WORKERS)

    def drain(name: str) -> list[Job]:
        start.wait()
        taken: list[Job] = []
        while (claim := lifecycle.claim(name)) is not None:
            taken += claim.jobs
        return taken

    with ThreadPoolExecutor(WORKERS) as pool:
        futures = [pool.submit(own_connection(partial(drain, f"w{number}"))) for number in range(WORKERS)]
    claimed = Counter(job.pk for future in futures for job in future.result())

    assert claimed == Counter(job.pk for job in jobs)
    assert set(Job.objects.values_list("status", "attempt")) == {(Job.Status.PROCESSING, 1)}


def test_a_batch_with_company_is_waited_for_while_more_come(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batching, "_COMING_SECONDS", 2.0)  # however slow the machine is, somebody comes meanwhile
    user = make_person()
    submit(user), submit(user)
    with ThreadPoolExecutor(1) as pool:
        claiming = pool.submit(own_connection(lambda: lifecycle.claim("w1", delay_seconds=PATIENCE_SECONDS)))
        for _ in range(7):
            submit(user)
        batch = claiming.result(PATIENCE_SECONDS)

    assert batch is not None
    assert len(batch.jobs) == 8


def test_who_loses_a_run_to_another_worker_takes_the_next() -> None:
    user = make_person()
    first, second = submit(user, size="128x128"), submit(user, size="128x96")
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            Job.objects.select_for_update().get(pk=first.pk)
            loser: Future[lifecycle.Claim | None] = pool.submit(own_connection(lambda: lifecycle.claim("loser")))
            wait_for(waits_for_a_lock, "the loser's UPDATE")
            lifecycle.cancel(first)
        claim = loser.result(PATIENCE_SECONDS)

    assert claim is not None
    assert [job.pk for job in claim.jobs] == [second.pk]


def test_of_a_cancel_and_a_claim_at_once_the_credits_go_one_way() -> None:
    user = make_person()
    jobs = [submit(user, prompt=f"fox {number}", size="128x96" if number % 2 else "128x128") for number in range(20)]
    start = threading.Barrier(2)

    def cancel() -> int:
        start.wait()
        return sum(lifecycle.cancel(job) for job in jobs)

    def claim() -> list[lifecycle.Claim]:
        start.wait()
        return list(iter(lambda: lifecycle.claim("w1"), None))

    with ThreadPoolExecutor(2) as pool:
        canceled = pool.submit(own_connection(cancel))
        claims = pool.submit(own_connection(claim))

    assert canceled.result() == 20
    gone = {pk for taken in claims.result() for pk in lifecycle.ended(taken, [job.pk for job in taken.jobs])}
    assert gone == {job.pk for taken in claims.result() for job in taken.jobs}
    assert {hold_of(job).released for job in Job.objects.select_related("hold")} == {1}


def test_what_waits_is_found_in_an_index_of_its_own_however_many_runs_there_were() -> None:
    lifecycle.claim("w1")  # whose look is made by now
    statement = batching._look._plan.sql.replace("%s", "$1")
    with transaction.atomic(), connection.cursor() as cursor:
        # As the server plans it for good, and for a table that it would not read whole.
        cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan; SET LOCAL enable_seqscan = off")
        cursor.execute(f"PREPARE look (timestamptz) AS {statement}")
        cursor.execute("EXPLAIN EXECUTE look (now())")
        plan = "\n".join(line for (line,) in cursor.fetchall())
        cursor.execute("DEALLOCATE look")

    assert re.search(r"(using|Bitmap Index Scan on) job_waiting(_by_user)? ", plan), plan


# --- Rings -----------------------------------------------------------------------------------------------


def test_a_ring_that_another_cluster_is_taking_is_stepped_over() -> None:
    broker = DoorbellBroker(list_key="claims")
    for name in ("first", "second"):
        broker.enqueue(name)
    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        mine = broker.dequeue()
        # It must not wait for our transaction: it would wait for ever.
        others = pool.submit(own_connection(DoorbellBroker(list_key="claims").dequeue)).result(PATIENCE_SECONDS)

    assert [payload for _, payload in (*mine, *others)] == ["first", "second"]


def test_each_ring_is_taken_once() -> None:
    sender = DoorbellBroker(list_key="claims")
    for number in range(60):
        sender.enqueue(str(number))
    start = threading.Barrier(WORKERS)

    def take() -> list[str]:
        broker = DoorbellBroker(list_key="claims")
        start.wait()
        taken = []
        while tasks := broker.dequeue():
            taken += [payload for _, payload in tasks]
        return taken

    with ThreadPoolExecutor(WORKERS) as pool:
        futures = [pool.submit(own_connection(take)) for _ in range(WORKERS)]
    taken = [payload for future in futures for payload in future.result()]

    assert sorted(taken, key=int) == [str(number) for number in range(60)]


def test_a_broker_whose_connections_are_cut_goes_on() -> None:
    broker = DoorbellBroker(list_key="claims")
    assert broker.dequeue() == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        me = cursor.fetchone()[0]
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> %s",
            [me],
        )
        assert cursor.rowcount >= 1
    broker.enqueue("after the cut")

    taken = [payload for _, payload in broker.dequeue() or broker.dequeue()]

    assert taken == ["after the cut"]
    assert OrmQ.objects.filter(key="claims").count() == 1


# --- Places ----------------------------------------------------------------------------------------------


def test_workers_that_claim_at_once_give_no_more_places_away_than_a_plan_has(settings: LazySettings) -> None:
    settings.JOBS_WAITING_MAX = 1000
    people = {make_person(f"person{places}@example.com", at_once=places).pk: places for places in (1, 2, 5)}
    for user in User.objects.filter(pk__in=people):
        for number in range(12):
            submit(user, prompt=f"fox {number}", size="128x96" if number % 2 else "128x128")
    start = threading.Barrier(WORKERS)

    def drain(name: str) -> list[Job]:
        start.wait()
        taken: list[Job] = []
        while (claim := lifecycle.claim(name, limit=1)) is not None:
            taken += claim.jobs
        return taken

    with ThreadPoolExecutor(WORKERS) as pool:
        futures = [pool.submit(own_connection(partial(drain, f"w{number}"))) for number in range(WORKERS)]
    claimed = Counter(job.user_id for future in futures for job in future.result())

    assert claimed == people
