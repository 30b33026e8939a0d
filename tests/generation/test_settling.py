"""What the team gives back of a run: once, at most what it was charged, with the reason on the ledger."""

import pytest

from generation import settling
from generation.errors import NotRefundable
from tests.generation.runs import balance, finished, make_person, submit

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("credits", [0, -1, 5])
def test_no_more_comes_back_than_was_charged(credits: int) -> None:
    ada = make_person(credits=10)
    job = finished(ada, num_images=4)
    with pytest.raises(NotRefundable, match="of this run 4 can"):
        settling.refund(job, credits, "Blurred")
    assert balance(ada) == 6


def test_a_second_refund_is_refused_and_the_same_again_moves_nothing() -> None:
    ada = make_person(credits=10)
    job = finished(ada, num_images=4)
    entry = settling.refund(job, 3, "Blurred")
    assert (entry.delta, entry.reason, entry.reference) == (3, "Blurred", job.reference)
    for credits in (3, 1):
        with pytest.raises(NotRefundable, match="of this run 0 can"):
            settling.refund(job, credits, "Blurred")
    assert (settling.refundable(job), settling.refunded(job), balance(ada)) == (0, 3, 9)


def test_of_a_run_that_goes_on_nothing_comes_back() -> None:
    job = submit(make_person(credits=10))
    assert settling.refundable(job) == 0
    with pytest.raises(NotRefundable):
        settling.refund(job, 1, "Early")
