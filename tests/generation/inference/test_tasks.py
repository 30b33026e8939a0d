"""Every task that the wire knows can be done."""

from __future__ import annotations

from generation.engine.options import OPTIONS
from generation.inference.tasks import TASKS


def test_every_task_has_somebody_who_does_it() -> None:
    assert TASKS.keys() == OPTIONS.keys()
