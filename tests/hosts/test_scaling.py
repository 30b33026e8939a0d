"""A host more draws as much more. A pass of the no-op engine takes its time asleep, as it would on a GPU of its own."""

from statistics import median
from typing import Any

import pytest

from tests.flows.clusters import wait_for
from tests.hosts.people import Program, someone
from tests.hosts.studio import DRAW_SECONDS, GPUS, RATE_OF_A_KEY, Studio

pytestmark = pytest.mark.long

# One, two, three hosts and back, so that whatever else the machine does falls on all alike.
_ROUNDS = ((1, 2, 3), (3, 2, 1), (1, 2, 3))
_PICTURES_A_HOST = 10
_AT_LEAST = {2: 1.8, 3: 2.6}


def test_each_host_more_draws_as_much_more(hosts: Studio, figures: dict[str, Any]) -> None:
    person = someone(hosts)
    rates: dict[int, list[float]] = {count: [] for count in (1, 2, 3)}
    for counts in _ROUNDS:
        program = Program(hosts, person.make_key("web1", f"key {len(rates[1])}"))
        for count in counts:
            _let_draw(hosts, count)
            rates[count].append(_pictures_a_second(hosts, program, count))
    _let_draw(hosts, len(GPUS))

    figures[f"pictures a second by 1, 2 and 3 gpu hosts (a pass takes {DRAW_SECONDS:g} s)"] = {
        str(count): [round(rate, 2) for rate in found] for count, found in rates.items()
    }
    for count, least in _AT_LEAST.items():
        ratios = [more / one for more, one in zip(rates[count], rates[1], strict=True)]
        figures[f"{count} gpu hosts against one: median ratio, smallest, largest"] = [
            round(ratio, 2) for ratio in (median(ratios), min(ratios), max(ratios))
        ]
        assert median(ratios) >= least, rates
    hosts.check()


def _let_draw(hosts: Studio, count: int) -> None:
    """Have so many hosts draw, each with its engine warm."""
    for place, host in enumerate(GPUS):
        if place < count and host not in hosts.running:
            started = hosts.log(host).count("cluster started")
            hosts.start(host)
            wait_for(lambda host=host, started=started: hosts.log(host).count("cluster started") > started, host)  # type: ignore[misc]
        if place >= count and host in hosts.running:
            hosts.stop(host)


def _pictures_a_second(hosts: Studio, program: Program, count: int) -> float:
    """Draw a batch by so many hosts; a run each before it has warmed their engines."""
    wait_for(lambda: len(_draw(hosts, program, 2 * count)) == count, f"{count} hosts to draw", 120)
    number = _PICTURES_A_HOST * count
    assert 3 * number < RATE_OF_A_KEY
    jobs = _order(hosts, program, number)
    seconds = hosts.one(
        "SELECT extract(epoch FROM max(finished_at) - min(started_at)) FROM generation_job WHERE id = ANY(%s::uuid[])",
        jobs,
    )
    return number / float(seconds)


def _draw(hosts: Studio, program: Program, number: int) -> set[str]:
    """Order runs and return which hosts have drawn them."""
    jobs = _order(hosts, program, number)
    query = "SELECT DISTINCT split_part(claimed_by, ':', 1) FROM generation_job WHERE id = ANY(%s::uuid[])"
    return {row[0] for row in hosts.rows(query, jobs)}


def _order(hosts: Studio, program: Program, number: int) -> list[str]:
    """Order runs of a picture each, at both web hosts in turn, and wait for their end."""
    answers = [program.post(("web1", "web2")[place % 2]) for place in range(number)]
    assert {answer.status for answer in answers} == {201}, answers
    jobs = [answer.json["id"] for answer in answers]
    hosts.await_ends(300)
    return jobs
