from __future__ import annotations

from dataclasses import dataclass

import pytest

from generation.engine.reading import ProtocolError, plain, read, require_within


@dataclass(frozen=True)
class Part:
    name: str
    share: float


@dataclass(frozen=True)
class Whole:
    parts: tuple[Part, ...]
    counts: dict[str, int]
    is_done: bool = False


WHOLE = Whole((Part("a", 0.5), Part("b", 1.0)), {"x": 1}, True)


def test_what_is_written_is_read_as_it_was() -> None:
    assert read(plain(WHOLE), Whole, "whole") == WHOLE


def test_a_whole_number_may_stand_for_a_share() -> None:
    assert read({"name": "a", "share": 1}, Part, "part") == Part("a", 1.0)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"parts": [], "counts": {}}, "whole.is_done is missing"),
        ({"parts": [], "counts": {}, "is_done": False, "more": 1}, "whole.more is not known here"),
        ({"parts": {}, "counts": {}, "is_done": False}, "whole.parts: '{}' is not a list"),
        (
            {"parts": [{"name": "a", "share": "much"}], "counts": {}, "is_done": False},
            r"whole.parts\[0\].share: 'much' is not float",
        ),
        (
            {"parts": [{"name": "a", "share": True}], "counts": {}, "is_done": False},
            r"whole.parts\[0\].share: 'True' is not float",
        ),
        ({"parts": [], "counts": {"x": "1"}, "is_done": False}, "whole.counts.x: '1' is not int"),
        ({"parts": [], "counts": [], "is_done": False}, "whole.counts"),
    ],
)
def test_another_type_is_refused_with_its_place(value: object, message: str) -> None:
    with pytest.raises(ProtocolError, match=message):
        read(value, Whole, "whole")


def test_a_number_outside_of_its_bounds_is_refused_and_so_is_none() -> None:
    require_within("steps", 5, 1, 5)
    for number in (0, 6, float("nan")):
        with pytest.raises(ProtocolError, match="from 1 to 5"):
            require_within("steps", number, 1, 5)
