"""The ring that tells the gpu cluster that there is work."""

import pytest
from django.db import transaction
from django_q.models import OrmQ

from generation import doorbell


@pytest.mark.django_db
def test_a_ring_asks_the_gpu_cluster_to_wake_and_says_nothing_else() -> None:
    doorbell.ring()

    ring = OrmQ.objects.get()
    assert ring.key == "gpu"
    assert (ring.task["func"], ring.task["args"], ring.task["kwargs"]) == ("generation.tasks.wake", (), {})


@pytest.mark.django_db(transaction=True)
def test_a_ring_is_undone_with_the_transaction_it_belongs_to() -> None:
    with transaction.atomic():
        doorbell.ring()
        transaction.set_rollback(True)

    assert not OrmQ.objects.exists()


@pytest.mark.django_db
def test_the_courier_is_rung_in_the_other_cluster() -> None:
    doorbell.ring_courier()

    ring = OrmQ.objects.get()
    assert (ring.key, ring.task["func"]) == ("default", "generation.api.tasks.deliver")
