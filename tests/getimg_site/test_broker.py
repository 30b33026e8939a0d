"""The queue's broker on the database that the suite runs on: order, the bell, and what happens without it."""

import threading
import uuid
from collections.abc import Iterator

import pytest
from django.db import connection, connections, transaction
from django_q.brokers.orm import ORM
from django_q.models import OrmQ

from getimg_site import broker as module
from getimg_site.broker import DoorbellBroker

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE_SECONDS = 60.0


@pytest.fixture
def queue() -> str:
    """Return the name of a queue that is this test's own, and so is its bell."""
    return f"test_{uuid.uuid4().hex[:8]}"


@pytest.fixture
def broker(queue: str) -> DoorbellBroker:
    """Return the queue's broker."""
    return DoorbellBroker(list_key=queue)


@pytest.fixture
def _short_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_WAIT_SECONDS", 0.1)


class Listener:
    """Another process's ear: one dequeue in a thread, which waits for the bell and for nothing else."""

    def __init__(self, queue: str) -> None:
        self.tasks: list[tuple[int, str]] | None = None
        self._broker = DoorbellBroker(list_key=queue)
        self._listens = threading.Event()
        self._thread = threading.Thread(target=self._dequeue)
        self._thread.start()
        assert self._listens.wait(PATIENCE_SECONDS)

    def await_tasks(self) -> list[str]:
        """Return what the dequeue came back with."""
        self._thread.join(PATIENCE_SECONDS)
        assert not self._thread.is_alive(), "the bell was not heard"
        assert self.tasks is not None
        return [payload for _, payload in self.tasks]

    def still_waits(self) -> bool:
        """Whether the dequeue has not come back; it gets a moment to do so."""
        self._thread.join(0.3)
        return self._thread.is_alive()

    def _dequeue(self) -> None:
        self._broker._wait = module._listen(self._broker.list_key)
        self._listens.set()
        self.tasks = self._broker.dequeue()
        connections.close_all()


@pytest.fixture
def listener(queue: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Listener]:
    """Yield an ear that hears nothing but the bell."""
    monkeypatch.setattr(module, "_WAIT_SECONDS", 2 * PATIENCE_SECONDS)
    listener = Listener(queue)
    assert listener.still_waits()
    yield listener
    if listener.still_waits():
        DoorbellBroker(list_key=queue).enqueue("let the thread end")
        listener.await_tasks()


# --- Order ---------------------------------------------------------------------------------------------


def test_tasks_come_in_the_order_they_were_sent(broker: DoorbellBroker) -> None:
    for name in ("first", "second", "third"):
        broker.enqueue(name)

    assert [broker.dequeue()[0][1] for _ in range(3)] == ["first", "second", "third"]


@pytest.mark.usefixtures("_short_wait")
def test_a_task_is_handed_out_once(broker: DoorbellBroker) -> None:
    broker.enqueue("only")

    assert [len(broker.dequeue()), len(broker.dequeue())] == [1, 0]


@pytest.mark.usefixtures("_short_wait")
def test_queues_are_apart(broker: DoorbellBroker) -> None:
    DoorbellBroker(list_key="other").enqueue("not ours")

    assert broker.dequeue() == []


def test_a_task_that_was_acknowledged_is_gone(broker: DoorbellBroker) -> None:
    broker.enqueue("done")
    task_id, _ = broker.dequeue()[0]

    broker.acknowledge(task_id)

    assert not OrmQ.objects.exists()


def test_what_was_taken_meanwhile_is_not_forgotten(broker: DoorbellBroker) -> None:
    for name in ("first", "second"):
        broker.enqueue(name)
    waiting = broker.waiting()
    taken, _ = broker.dequeue()[0]
    broker.enqueue("third")

    broker.forget(waiting)

    assert list(OrmQ.objects.order_by("pk").values_list("payload", flat=True)) == ["first", "third"]
    assert taken == waiting[0]


@pytest.mark.postgres
def test_a_claim_does_not_wait_for_the_disk_and_what_follows_does(broker: DoorbellBroker) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit TO on")
        cursor.execute(
            "CREATE FUNCTION note_commit() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN NEW.payload = current_setting('synchronous_commit'); RETURN NEW; END $$"
        )
        cursor.execute(
            "CREATE TRIGGER note_commit BEFORE UPDATE ON django_q_ormq FOR EACH ROW EXECUTE FUNCTION note_commit()"
        )
        try:
            broker.enqueue("new")
            assert [payload for _, payload in broker.dequeue()] == ["off"]
            cursor.execute("SHOW synchronous_commit")
            assert cursor.fetchone() == ("on",)
        finally:
            cursor.execute("DROP FUNCTION note_commit CASCADE")
            cursor.execute("RESET synchronous_commit")


# --- The bell --------------------------------------------------------------------------------------------


def test_the_bell_wakes_who_waits(broker: DoorbellBroker, listener: Listener) -> None:
    broker.enqueue("new")

    assert listener.await_tasks() == ["new"]


def test_the_bell_rings_when_the_transaction_commits(broker: DoorbellBroker, listener: Listener) -> None:
    with transaction.atomic():
        broker.enqueue("new")
        assert listener.still_waits()

    assert listener.await_tasks() == ["new"]


def test_a_transaction_that_is_undone_sends_nothing_and_rings_nobody(
    broker: DoorbellBroker, listener: Listener
) -> None:
    with transaction.atomic():
        broker.enqueue("undone")
        transaction.set_rollback(True)

    assert not OrmQ.objects.exists()
    assert listener.still_waits()


@pytest.mark.usefixtures("_short_wait")
def test_a_task_whose_bell_was_lost_is_found_by_the_next_look(broker: DoorbellBroker) -> None:
    assert broker.dequeue() == []
    ORM.enqueue(broker, "unheard")

    assert [payload for _, payload in broker.dequeue()] == ["unheard"]


@pytest.mark.usefixtures("_short_wait")
def test_a_bell_without_a_task_is_no_task(broker: DoorbellBroker, queue: str) -> None:
    assert broker.dequeue() == []
    broker.enqueue("taken by another")
    DoorbellBroker(list_key=queue).dequeue()

    assert broker.dequeue() == []


def test_rings_that_nobody_hears_do_not_hold_up_the_sender(broker: DoorbellBroker) -> None:
    for number in range(3):
        broker.enqueue(str(number))

    assert broker.queue_size() == 3
