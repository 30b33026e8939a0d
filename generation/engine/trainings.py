"""Run one training: take the device, let pictures come in between, hear a cancel within a step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from generation.engine.device_lease import PictureLease, TrainingLease
from generation.engine.protocol import Done, Event, Train
from generation.engine.training import Displaced, TrainingEvent
from generation.inference.errors import PassCanceled

if TYPE_CHECKING:
    from generation.engine.backend import Backend
    from generation.engine.batches import Cancellations, Emit


@dataclass(frozen=True)
class Leases:
    """An engine's two ways of asking for its device."""

    pictures: PictureLease
    trainings: TrainingLease


class TrainingRunner:
    """Runs trainings one after the other."""

    def __init__(self, backend: Backend, cancellations: Cancellations, emit: Emit, lease: TrainingLease | None) -> None:
        self._backend = backend
        self._cancellations = cancellations
        self._emit = emit
        self._lease = lease

    def run(self, command: Train) -> Done:
        """Train to the end. Raises: PassCanceled, InferenceError, OSError."""
        watch = _Watch(command.request.id, self._cancellations, self._emit, self._lease)
        watch.begin()
        try:
            trained = self._backend.train(command.model, command.request, watch)
        finally:
            self._backend.let_go()  # its base model is nobody's who draws
            watch.give_back()
        self._emit(trained)
        return Done(command.request.id)


class _Watch:
    """See `generation.engine.backend.TrainingWatch`."""

    def __init__(
        self, request_id: str, cancellations: Cancellations, emit: Callable[[Event], None], lease: TrainingLease | None
    ) -> None:
        self._request_id = request_id
        self._cancellations = cancellations
        self._emit = emit
        self._lease = lease

    def tell(self, event: TrainingEvent) -> None:
        self._emit(event)

    def pause_point(self, park: Callable[[], None], unpark: Callable[[], None]) -> None:
        self._look()
        if self._lease is None or not self._lease.is_wanted():
            return
        park()
        self._emit(Displaced(self._request_id, is_waiting=True))
        self._lease.release()
        self._lease.await_pictures()
        self.take()
        self._emit(Displaced(self._request_id, is_waiting=False))
        unpark()

    def begin(self) -> None:
        """Wait for the device, and say so: another training may have it for hours. Raises: PassCanceled."""
        if self._lease is None:
            return
        self._emit(Displaced(self._request_id, is_waiting=True))
        self.take()
        self._emit(Displaced(self._request_id, is_waiting=False))

    def take(self) -> None:
        """Wait for the device. Raises: PassCanceled."""
        if self._lease is not None:
            self._lease.acquire(self._look)

    def give_back(self) -> None:
        """Let others have the device."""
        if self._lease is not None:
            self._lease.release()

    def _look(self) -> None:
        if self._cancellations.has_any(self._request_id):
            raise PassCanceled
