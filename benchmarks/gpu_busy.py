"""How busy a GPU is while something runs, sampled beside it: by NVML, else by nvidia-smi."""

from __future__ import annotations

import statistics
import subprocess
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any

_EVERY_SECONDS = 0.1
# What NVML says is a mean over up to its last second.
_LEFT_OUT_SECONDS = 1.0


class BusyMeter:
    """Samples from entry to exit; `percent` is the mean of all its spans, without the first second of each.

    None, with a `reason`, where nothing can be asked. NVML's share is of time in which any kernel ran.
    """

    def __init__(self, uuid: str) -> None:
        self.samples: list[float] = []
        self.reason = ""
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None
        self._read = self._find(uuid)

    def __enter__(self) -> BusyMeter:
        if self._read is not None:
            self._ended.clear()
            self._thread = threading.Thread(target=self._sample, daemon=True)
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._ended.set()
        if self._thread is not None:
            self._thread.join()

    @property
    def percent(self) -> float | None:
        """The mean, from 0 to 100."""
        return statistics.fmean(self.samples) if self.samples else None

    def _sample(self) -> None:
        assert self._read is not None
        if self._ended.wait(_LEFT_OUT_SECONDS):
            return
        while not self._ended.wait(_EVERY_SECONDS):
            try:
                self.samples.append(self._read())
            except Exception as error:  # noqa: BLE001 - whatever the driver says, the figure is then missing
                self.reason = f"{type(error).__name__}: {error}"
                return

    def _find(self, uuid: str) -> Callable[[], float] | None:
        if not uuid:
            self.reason = "there is no GPU"
            return None
        for make in (_nvml, _nvidia_smi):
            try:
                reader = make(f"GPU-{uuid.removeprefix('GPU-')}")
                reader()
            except Exception as error:  # noqa: BLE001 - the next way is tried
                self.reason = f"{type(error).__name__}: {error}"
            else:
                self.reason = ""
                return reader
        return None


def _nvml(uuid: str) -> Callable[[], float]:
    # The package is nvidia-ml-py; it is no requirement of the studio's.
    import pynvml  # type: ignore[import-not-found, unused-ignore]

    pynvml.nvmlInit()
    handle: Any = pynvml.nvmlDeviceGetHandleByUUID(uuid)
    return lambda: float(pynvml.nvmlDeviceGetUtilizationRates(handle).gpu)


def _nvidia_smi(uuid: str) -> Callable[[], float]:
    command = ["nvidia-smi", f"--id={uuid}", "--query-gpu=utilization.gpu", "--format=csv,noheader,nounits"]

    def read() -> float:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True)
        return float(done.stdout.split()[0])

    return read
