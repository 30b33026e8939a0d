"""What is read once in a while: kept for seconds, forgotten on demand, held on to while the database is away."""

import pytest
from django.db import DatabaseError

from accounts.brief_memory import BriefMemory


class Table:
    """Says what it holds, and how often it was asked; None: it does not answer."""

    def __init__(self) -> None:
        self.holds: str | None = "first"
        self.asked = 0

    def read(self) -> str:
        self.asked += 1
        if self.holds is None:
            raise DatabaseError
        return self.holds


def test_it_is_read_once_and_again_after_a_change() -> None:
    table = Table()
    memory = BriefMemory(table.read, "empty")
    assert [memory.get() for _ in range(3)] == ["first"] * 3
    assert table.asked == 1
    table.holds = "second"
    memory.forget()
    assert memory.get() == "second"


@pytest.mark.parametrize("known", [True, False])
def test_while_the_database_is_away_what_was_known_holds(known: bool) -> None:
    table = Table()
    memory = BriefMemory(table.read, "empty")
    if known:
        memory.get()
    table.holds = None
    memory.forget()
    assert memory.get() == ("first" if known else "empty")


def test_what_is_over_is_read_anew() -> None:
    table = Table()
    memory = BriefMemory(table.read, "empty")
    memory.keep("older", seconds=-1)
    assert memory.get() == "first"
