"""A second try is for the load of the machine, never for what was found to be wrong."""

import subprocess

import httpx
import pytest

from tests.flows.clusters import wait_for
from tests.processes import ServiceError
from tests.second_tries import may_be_the_load


@pytest.mark.parametrize(
    ("error", "is_tried_again"),
    [
        (TimeoutError("waited in vain for the end of a run"), True),
        (subprocess.TimeoutExpired("manage.py", 60), True),
        (ServiceError("PostgreSQL did not start"), True),
        (httpx.ReadTimeout("60 s"), True),
        (AssertionError("a run was charged twice"), False),
        (KeyError("balance"), False),
        (None, False),
    ],
)
def test_time_outs_and_failed_starts_are_tried_again(error: BaseException | None, is_tried_again: bool) -> None:
    assert may_be_the_load(error) is is_tried_again


def test_a_time_out_while_a_wrong_thing_is_tidied_up_is_not_tried_again() -> None:
    late = TimeoutError("the cluster did not end")
    late.__context__ = AssertionError("a run was charged twice")
    assert not may_be_the_load(late)


def test_who_waits_in_vain_meets_a_time_out() -> None:
    with pytest.raises(TimeoutError, match="waited in vain for nothing"):
        wait_for(lambda: None, "nothing", seconds=0.01)
