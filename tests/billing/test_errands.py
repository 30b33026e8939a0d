"""Work left to the queue is part of the transaction that asks for it."""

import pytest
from django.core import mail
from django.db import transaction
from django_q.conf import Conf
from django_q.models import OrmQ

from billing import errands, payments, tasks
from tests.billing import told
from tests.factories import make_user
from tests.processes import free_port

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def _redis_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Conf, "ORM", None)
    monkeypatch.setattr(Conf, "REDIS", f"redis://127.0.0.1:{free_port()}/0")
    monkeypatch.setattr(Conf, "BROKER_CLASS", "getimg_site.redis_broker.PatientRedis")


def test_an_errand_goes_with_its_transaction() -> None:
    with transaction.atomic():
        errands.send("process_events")
        transaction.set_rollback(True)
    assert not OrmQ.objects.exists()
    errands.send("follow_payment", "pi_1")
    task = OrmQ.objects.get().task
    assert (task["func"], task["args"], task["cluster"]) == ("billing.tasks.follow_payment", ("pi_1",), "default")


@pytest.mark.usefixtures("_redis_is_away")
def test_a_queue_that_is_away_is_no_error_and_keeps_nothing_from_what_comes_after() -> None:
    done = []

    with transaction.atomic():
        errands.send("process_events")
        transaction.on_commit(lambda: done.append("the next hook"))
    errands.send("process_events")

    assert done == ["the next hook"]


@pytest.mark.usefixtures("_redis_is_away")
def test_a_mail_about_money_waits_for_the_sweep_where_the_queue_is_away() -> None:
    user = make_user()
    for _ in range(2):
        payments.apply_invoice(told.pack_invoice(user), told.charge(500))
    assert mail.outbox == []

    tasks.send_notices()

    assert [sent.to for sent in mail.outbox] == [[user.email]]
