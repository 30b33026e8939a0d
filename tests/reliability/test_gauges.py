"""What grows is found, what only comes and goes is not."""

import random

import psutil

from tests.reliability.gauges import Gauges, Series


def gauges(unit: str, values: list[float]) -> Gauges:
    return Gauges({}, {}, {"web worker": Series(unit, list(enumerate(values)))})


def noisy(level: float, count: int = 600) -> list[float]:
    dice = random.Random(3)
    return [level * dice.uniform(0.98, 1.02) for _ in range(count)]


def test_memory_that_grows_by_a_twentieth_after_warming_up_is_found() -> None:
    steady = noisy(100e6)
    leak = [value * (1 + 0.08 * place / len(steady)) for place, value in enumerate(steady)]

    assert list(gauges("bytes", steady).findings()) == []
    [found] = gauges("bytes", leak).findings()
    assert "web worker grew from" in found


def test_what_is_taken_while_warming_up_does_not_count() -> None:
    assert list(gauges("bytes", [1e6] * 90 + noisy(100e6, 510)).findings()) == []


def test_a_file_that_is_left_open_now_and_then_is_found() -> None:
    assert list(gauges("", [20.0, 22.0, 21.0] * 200).findings()) == []
    assert list(gauges("", [20.0 + place // 100 for place in range(600)]).findings())


def test_a_process_is_measured() -> None:
    found = Gauges({"test": lambda: {"itself": [psutil.Process()]}}, {"answer": lambda: 42.0})
    for at in range(6):
        found.measure(at)

    (first, last), (answer, _) = found.series["test itself: memory"].ends(), found.series["answer"].ends()
    assert first > 1_000_000
    assert last > 1_000_000
    assert answer == 42.0
    assert len(found.table()) == 3
