"""Makes an order a run: its price set aside, its row and its ring written, all in the ledger's two messages.

What belongs here: how an order is written. What does not: when, and what follows (`lifecycle.place`).
"""

from collections.abc import Sequence

from accounts import test_allowance
from accounts.models import User
from billing import ledger, ledger_rows
from billing.errors import KeyReused
from billing.ledger_rows import Beside, Row, Statement
from billing.models import CreditHold
from generation import queueing
from generation.models import Job
from generation.orders import Order


def place_for_credits(order: Order, job: Job) -> Job | None:
    """Set the price aside and write the run, all in the ledger's two messages.

    Returns the run that has the order's key already, where there is one; then nothing was written.
    """

    def write(hold: CreditHold, rows: list[list[Row]]) -> Sequence[Statement]:
        job.hold = hold
        return queueing.written(order, job, rows[0])

    try:
        hold = ledger.hold(
            ledger.paying_wallet_of(order.user, order.product),
            order.quote.credits,
            # Two equal clicks at once: the second waits for the wallet's lock and then finds this key.
            key=f"hold:{order.user.pk.hex}:{order.submit_key}",
            reason=order.description,
            reference=job.reference,
            tool=job.task,
            beside=Beside([queueing.count_waiting(order)], write),
        )
    except KeyReused:
        return Job.objects.get(user=order.user, submit_key=order.submit_key)  # the same key, another price
    return None if hold.reference == job.reference else Job.objects.get(hold=hold)


def place_for_test(order: Order, job: Job) -> Job | None:
    """Take today's free pictures behind the lock of the person's row; else like `place_for_credits`."""
    User.objects.select_for_update(no_key=True).get(pk=order.user.pk)
    first = Job.objects.filter(user=order.user, submit_key=order.submit_key).first()
    if first is None:
        test_allowance.take(order.user, order.params.num_images)
        (counted,) = ledger_rows.together([queueing.count_waiting(order)])
        ledger_rows.together(queueing.written(order, job, counted))
    return first
