"""An engine's process that says it is done and has never drawn a run's first picture."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass

from generation.engine.backend import Pass, Pixels, Watch
from generation.engine.client import EngineOptions
from generation.engine.noop import NoopBackend
from generation.engine.server import Server, take_pipes


@dataclass(frozen=True)
class ForgetfulOptions(EngineOptions):
    """Starts it."""

    def arguments(self) -> list[str]:
        """The command line."""
        return [sys.executable, "-m", __name__]


class ForgetfulBackend(NoopBackend):
    """Draws flat colours."""

    def draw(self, work: Pass, watch: Watch) -> Iterator[tuple[str, Pixels]]:
        """Leave out what comes first in its run."""
        return ((key, pixels) for key, pixels in super().draw(work, watch) if not key.endswith(":0"))


if __name__ == "__main__":
    Server(ForgetfulBackend, *take_pipes()).serve()
