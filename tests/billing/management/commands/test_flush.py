import pytest
from django.core.management import call_command
from django.db import DatabaseError

from billing.models import LedgerEntry
from tests.factories import make_wallet


@pytest.mark.django_db(transaction=True)
def test_flush_empties_the_ledger_and_leaves_its_law_in_force() -> None:
    make_wallet(10)
    call_command("flush", interactive=False, verbosity=0)
    assert not LedgerEntry.objects.exists()
    make_wallet(10)
    with pytest.raises(DatabaseError, match="append-only"):
        LedgerEntry.objects.all().delete()
