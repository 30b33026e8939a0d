"""What can go wrong with an engine, as its client sees it. Carries facts; who translates them is the worker."""

from __future__ import annotations

import traceback


class EngineError(Exception):
    """Base of what a run in the engine can end with."""


class EngineCrashed(EngineError):
    """The engine's process is gone, or it no longer speaks the protocol; `returncode` is negative for a signal."""

    def __init__(self, returncode: int | None, detail: str = "") -> None:
        self.returncode = returncode
        super().__init__(f"the engine ended with code {returncode}{': ' if detail else ''}{detail}")


class EngineTimeout(EngineError):
    """The deadline passed and the engine was killed."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        super().__init__(f"the engine was not done after {seconds:g} seconds")


class EngineFailed(EngineError):
    """The engine gave up on a request and says why; it lives on. `code` is one of `protocol.FAILURE_CODES`."""

    def __init__(self, code: str, message: str, retryable: bool) -> None:
        self.code, self.message, self.retryable = code, message, retryable
        super().__init__(f"{code}: {message}")


class JobsCanceled(EngineError):
    """Every job of the request was canceled; pictures reported before that stay good."""

    def __init__(self, jobs: frozenset[str]) -> None:
        self.jobs = jobs
        super().__init__(f"canceled: {', '.join(sorted(jobs))}")


def places_of(error: BaseException) -> str:
    """Return the places an error came through and its kind, without its message: that may hold somebody's words."""
    return "".join([*traceback.format_tb(error.__traceback__), type(error).__name__])
