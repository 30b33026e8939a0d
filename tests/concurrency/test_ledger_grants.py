"""Several sweeps at once, beside people who spend, pay and a kill: each wallet has one grant a cycle."""

import multiprocessing
import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.db import connection, connections, transaction
from django.db.models import F, Sum

from billing import cycle_sweep, grants, ledger, ledger_batch, plans
from billing.audit import audit
from billing.models import CreditLot, Payment, Plan, Wallet
from tests.billing.books import make_subscription
from tests.factories import make_user
from tests.flows.clusters import wait_for

pytestmark = pytest.mark.django_db(transaction=True)

JOINED = datetime(2027, 1, 31, 9, tzinfo=UTC)
APRIL = datetime(2027, 4, 1, tzinfo=UTC)
WALLETS = 60
# Has the claim of many wallets stop after each row that it locked, as long as somebody else holds the lock.
WAIT_AT_EACH_CLAIM = """
    CREATE FUNCTION pg_temp.wait() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN PERFORM pg_advisory_xact_lock(1); RETURN NEW; END';
    CREATE TRIGGER waits BEFORE INSERT ON billing_due FOR EACH ROW EXECUTE FUNCTION pg_temp.wait();
"""


@pytest.fixture
def wallets() -> list[Wallet]:
    with time_machine.travel(JOINED, tick=False):
        users = [make_user() for _ in range(WALLETS)]
        for user in users:
            grants.start_monthly_credits(user)
    return [ledger.wallet_of(user) for user in users]


def waits_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone()[0])


def test_sweeps_at_once_grant_each_cycle_once(wallets: list[Wallet]) -> None:
    start = threading.Barrier(6)

    def act(number: int) -> int:
        try:
            connection.ensure_connection()
            start.wait()
            if number < 4:
                return grants.grant_due(APRIL, chunk=7)
            for wallet in wallets:
                ledger.hold(wallet, 10, key=f"{number}{wallet.pk}", reason="r", reference="job:1")
            return 0
        finally:
            connection.close()

    # The clock of the holds: the first cycle's credits are still good.
    with time_machine.travel(JOINED), ThreadPoolExecutor(6) as threads:
        granted = sum(threads.map(act, range(6)))
        # A wallet that was locked just then is left to the next sweep.
        granted += grants.grant_due(APRIL, chunk=7)
    assert granted == 2 * WALLETS
    lots = CreditLot.objects.filter(source=CreditLot.Source.MONTHLY)
    assert lots.count() == 3 * WALLETS
    with time_machine.travel(APRIL):
        assert list(audit()) == []


def test_a_sweep_passes_over_a_wallet_that_is_locked_and_comes_back(wallets: list[Wallet]) -> None:
    locked, done = threading.Event(), threading.Event()

    def keep_locked() -> None:
        try:
            with transaction.atomic():
                Wallet.objects.select_for_update().get(pk=wallets[0].pk)
                locked.set()
                assert done.wait(30)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as threads:
        keeper = threads.submit(keep_locked)
        assert locked.wait(30)
        first = grants.grant_due(APRIL)
        done.set()
        keeper.result()
    assert first == 2 * (WALLETS - 1)
    assert grants.grant_due(APRIL) == 2


def test_a_sweep_that_is_killed_half_way_is_ended_by_the_next(wallets: list[Wallet]) -> None:
    connections.close_all()
    sweep = multiprocessing.get_context("fork").Process(target=grants.grant_due, args=(APRIL,), kwargs={"chunk": 1})
    sweep.start()
    done = wait_for(lambda: CreditLot.objects.count() >= WALLETS + 20, "the first grants")
    assert sweep.pid is not None
    os.kill(sweep.pid, signal.SIGKILL)
    sweep.join()
    before = CreditLot.objects.filter(cycle_on__gt=JOINED).count()

    assert done
    assert 20 <= before < 2 * WALLETS
    assert grants.grant_due(APRIL) == 2 * WALLETS - before
    lots = CreditLot.objects.values_list("wallet", "cycle_on")
    assert len(lots) == len(set(lots)) == 3 * WALLETS
    with time_machine.travel(APRIL):
        assert list(audit()) == []


def test_plans_bought_while_the_sweep_runs_are_brought_up_to_their_level_once(wallets: list[Wallet]) -> None:
    pro = Plan.objects.get(slug="pro")
    start = threading.Barrier(4)

    def act(number: int) -> None:
        try:
            connection.ensure_connection()
            start.wait()
            if number < 2:
                grants.grant_due(APRIL, chunk=3)
            else:
                for wallet in wallets:
                    plans.put_on(wallet, pro, now=APRIL)
        finally:
            connection.close()

    with time_machine.travel(APRIL), ThreadPoolExecutor(4) as threads:
        list(threads.map(act, range(4)))
        grants.grant_due(APRIL)
        for wallet in wallets:
            plans.put_on(wallet, pro, now=APRIL)
            last = date(2027, 3, 31)
            brought = wallet.lots.filter(cycle_on=last).aggregate(credits=Sum("credits"))["credits"]
            assert (brought, wallet.lots.filter(cycle_on=last, source="monthly").count()) == (15000, 1)
        assert list(audit()) == []


def test_a_plan_changed_between_a_claims_look_and_its_lock_brings_its_credits(wallets: list[Wallet]) -> None:
    first, changed = wallets[:2]
    Wallet.objects.filter(pk=first.pk).update(next_grant_at=F("next_grant_at") - timedelta(hours=1))

    def sweep() -> None:
        try:
            with transaction.atomic():
                ledger_batch._prepare()
            with connection.cursor() as cursor:
                cursor.execute(WAIT_AT_EACH_CLAIM)
                grants.grant_due(APRIL)
                cursor.execute("DROP TABLE billing_due")
        finally:
            connection.close()

    with time_machine.travel(APRIL), connection.cursor() as cursor, ThreadPoolExecutor(1) as threads:
        cursor.execute("SELECT pg_advisory_lock(1)")
        try:
            swept = threads.submit(sweep)
            assert wait_for(waits_for_a_lock, "the sweep at its first wallet")
            plans.put_on(changed, Plan.objects.get(slug="pro"), now=APRIL)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(1)")
        swept.result(30)
    assert changed.lots.get(cycle_on=date(2027, 2, 28)).credits == 15000


# --- Paid months ------------------------------------------------------------------------------------------------


@pytest.fixture
def years(wallets: list[Wallet]) -> list[Payment]:
    """Return payments for a year whose first month is out and whose next two are due in April."""
    found = []
    for wallet in wallets:
        ends = JOINED + timedelta(days=365)
        row = make_subscription(
            wallet, interval="year", started_at=JOINED, period_starts_at=JOINED, period_ends_at=ends
        )
        payment = Payment.objects.create(
            wallet=wallet, kind="plan", payment_id=f"in_{wallet.pk.hex}", subscription=row, plan=row.plan,
            interval="year", amount_cents=10000, paid_at=JOINED, covers_from=JOINED, covers_until=ends, months=12,
            month_credits=2900, first_cycle_on=JOINED.date(), next_month_at=JOINED,
        )  # fmt: skip
        cycle_sweep.run_for(wallet)
        found.append(payment)
    return found


def test_sweeps_and_errands_at_once_hand_out_each_paid_month_once(years: list[Payment]) -> None:
    start = threading.Barrier(5)

    def act(number: int) -> None:
        try:
            connection.ensure_connection()
            start.wait()
            if number < 3:
                cycle_sweep.run(APRIL)
            else:
                for payment in years:
                    cycle_sweep.run_for(payment.wallet)
        finally:
            connection.close()

    with time_machine.travel(APRIL), ThreadPoolExecutor(5) as threads:
        list(threads.map(act, range(5)))
        cycle_sweep.run(APRIL)
        assert_three_months(years)


def test_a_hand_out_that_is_killed_half_way_is_ended_by_the_next_sweep(years: list[Payment]) -> None:
    grants.grant_due(APRIL)
    connections.close_all()
    sweep = multiprocessing.get_context("fork").Process(target=cycle_sweep.run, args=(APRIL,))
    sweep.start()
    lots = CreditLot.objects.filter(source=CreditLot.Source.PLAN)
    done = wait_for(lambda: lots.count() >= WALLETS + 10, "the first paid months")
    assert sweep.pid is not None
    os.kill(sweep.pid, signal.SIGKILL)
    sweep.join()
    before = lots.count()

    assert done
    assert WALLETS + 10 <= before < 3 * WALLETS
    assert cycle_sweep.run(APRIL)["paid"] == (3 * WALLETS - before) // 2
    with time_machine.travel(APRIL):
        assert_three_months(years)


def assert_three_months(years: list[Payment]) -> None:
    for payment in years:
        payment.refresh_from_db()
        assert payment.credits == 3 * 2900
        assert payment.wallet.lots.filter(source=CreditLot.Source.PLAN).count() == 3
    assert list(audit()) == []


def test_who_waits_for_a_wallet_whose_plan_changes_meanwhile_grants_what_the_new_one_gives() -> None:
    user = make_user()
    wallet, pro = ledger.wallet_of(user), Plan.objects.get(slug="pro")

    def start() -> None:
        try:
            grants.start_monthly_credits(user)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            Wallet.objects.filter(pk=wallet.pk).update(plan=pro, given_plan=pro)
            waiting = pool.submit(start)
            wait_for(waits_for_a_lock, "the grant")
        waiting.result()
    assert ledger.wallet_of(user).balance == pro.monthly_credits
