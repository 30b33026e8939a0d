"""Reads of a snapshot see one state, and never end the caller's transaction."""

import pytest
from django.db import transaction

from billing.models import Wallet
from billing.snapshot import snapshot
from tests.factories import make_wallet


@pytest.mark.django_db(transaction=True)
def test_a_snapshot_reads() -> None:
    make_wallet()
    with snapshot():
        assert Wallet.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_within_a_transaction_the_callers_rows_are_seen_and_can_still_be_written() -> None:
    with transaction.atomic():
        make_wallet()
        with snapshot():
            assert Wallet.objects.count() == 1
        make_wallet()
    assert Wallet.objects.count() == 2
