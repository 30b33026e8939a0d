"""Work left to the queue is part of the transaction that asks for it."""

import pytest
from django.db import transaction
from django_q.models import OrmQ

from billing import errands


@pytest.mark.django_db(transaction=True)
def test_an_errand_goes_with_its_transaction() -> None:
    with transaction.atomic():
        errands.send("process_events")
        transaction.set_rollback(True)
    assert not OrmQ.objects.exists()
    errands.send("send_notice", "receipt", "1")
    task = OrmQ.objects.get().task
    assert (task["func"], task["args"], task["cluster"]) == ("billing.tasks.send_notice", ("receipt", "1"), "default")
