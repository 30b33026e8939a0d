"""An engine as this site's settings want it: what both workers start theirs with."""

from pathlib import Path

from django.conf import settings

from generation.engine.client import Engine, EngineOptions


def for_pictures() -> Engine:
    """Return the engine of a worker that draws; it starts when it is first needed."""
    return Engine(_options("engine.log", settings.ENGINE_DEVICE, compile=settings.ENGINE_COMPILE))


def for_trainings() -> Engine:
    """Return the engine of a worker that trains; it starts when it is first needed."""
    return Engine(_options("training.log", settings.TRAINING_DEVICE, slice_seconds=settings.TRAINING_SLICE_SECONDS))


def _options(log: str, device: str, *, slice_seconds: float = 1.0, compile: str = "") -> EngineOptions:  # noqa: A002
    return EngineOptions(
        log_path=Path(settings.DATA_DIR) / "logs" / log,
        backend=settings.ENGINE_BACKEND,
        device=device,
        threads=settings.ENGINE_THREADS,
        cache_bytes=settings.ENGINE_CACHE_BYTES,
        memory_bytes=settings.ENGINE_MEMORY_BYTES,
        compile=compile,
        noop_seconds=settings.ENGINE_NOOP_SECONDS,
        lease_folder=settings.LEASE_DIR,
        slice_seconds=slice_seconds,
        patience_seconds=settings.TRAINING_PATIENCE_SECONDS,
    )
