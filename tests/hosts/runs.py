"""What became of runs, as their rows say."""

from typing import NamedTuple

from tests.flows.clusters import wait_for
from tests.hosts.people import Program
from tests.hosts.studio import Studio

# Drawn one after the other: time enough to pull a cable meanwhile.
PICTURES = 10
_RUN = "SELECT status, attempt, split_part(claimed_by, ':', 1), images_stored FROM generation_job WHERE id = %s"


class Run(NamedTuple):
    """How a run stands, and at which host it is or was last."""

    status: str
    attempt: int
    host: str
    stored: int


def find(hosts: Studio, run: str) -> Run:
    """Return how a run stands."""
    return Run(*hosts.rows(_RUN, run)[0])


def order_and_wait_until_drawn(hosts: Studio, program: Program, *, stored: int) -> tuple[str, str]:
    """Order pictures and return the run and its host, once so many of them are stored."""
    answer = program.post("web2", numImages=PICTURES)
    assert answer.status == 201, answer.text
    run = answer.json["id"]
    wait_for(lambda: find(hosts, run).stored >= stored, "the first pictures", 60)
    return run, find(hosts, run).host


def await_finished(hosts: Studio, runs: list[str], seconds: float) -> None:
    """Wait until all of these runs have all of their pictures."""
    query = "SELECT count(*) FROM generation_job WHERE status = 'FINISHED' AND id = ANY(%s::uuid[])"
    wait_for(lambda: hosts.one(query, runs) == len(runs), "the end of the runs", seconds)


def assert_charged_once(hosts: Studio, run: str) -> None:
    """Fail unless a run of `PICTURES` was charged for them, by one line."""
    settled, lines = hosts.rows(
        "SELECT hold.settled, (SELECT count(*) FROM billing_ledgerentry WHERE hold_id = hold.id AND kind = 'settle')"
        " FROM generation_job job JOIN billing_credithold hold ON hold.id = job.hold_id WHERE job.id = %s",
        run,
    )[0]
    assert lines == 1
    assert settled == PICTURES * hosts.one("SELECT credits_per_image FROM generation_job WHERE id = %s", run)
