"""What the API answers, as frozen dataclasses; `raw` has every field as it came."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

ENDED = ("FINISHED", "FAILED", "CANCELED")


@dataclass(frozen=True)
class Output:
    """One picture."""

    url: str
    seed: int | None
    width: int | None
    height: int | None
    content_type: str
    sha256: str
    deletes_at: datetime | None


@dataclass(frozen=True)
class Progress:
    """How far the drawing is."""

    step: int
    of: int


@dataclass(frozen=True)
class Failure:
    """Why there are no pictures, or fewer than asked for."""

    type: str
    code: str
    message: str


@dataclass(frozen=True)
class DiffusionFacts:
    """A diffusion as the API described it last."""

    id: str
    status: str
    created_at: datetime
    finished_at: datetime | None
    images: tuple[str, ...]
    outputs: tuple[Output, ...]
    progress: Progress | None
    queue_position: int | None
    cost: int | None
    ref: str | None
    error: Failure | None
    raw: dict[str, Any] = field(repr=False)

    @property
    def is_over(self) -> bool:
        """Whether it has ended, well or not."""
        return self.status in ENDED


class Described:
    """What can be asked of a diffusion without asking the API."""

    facts: DiffusionFacts

    @property
    def id(self) -> str:
        return self.facts.id

    @property
    def status(self) -> str:
        """NEW, PROCESSING, FINISHED, FAILED or CANCELED."""
        return self.facts.status

    @property
    def images(self) -> tuple[str, ...]:
        """The pictures' addresses."""
        return self.facts.images

    @property
    def outputs(self) -> tuple[Output, ...]:
        """The pictures with seed, size and checksum."""
        return self.facts.outputs

    @property
    def error(self) -> Failure | None:
        return self.facts.error

    @property
    def is_over(self) -> bool:
        """Whether it has ended, well or not."""
        return self.facts.is_over


def moment(text: str | None) -> datetime | None:
    """Read a timestamp of the API's: UTC, with milliseconds and Z."""
    return datetime.fromisoformat(text.replace("Z", "+00:00")) if text else None


def diffusion_from(raw: dict[str, Any]) -> DiffusionFacts:
    """Read a diffusion. Fields that this version does not know stay in `raw`."""
    created_at = moment(raw["createdAt"])
    assert created_at is not None
    progress, error, cost = raw.get("progress"), raw.get("error"), raw.get("cost")
    return DiffusionFacts(
        id=raw["id"],
        status=raw["status"],
        created_at=created_at,
        finished_at=moment(raw.get("finishedAt")),
        images=tuple(raw.get("images") or ()),
        outputs=tuple(_output(one) for one in raw.get("outputs") or ()),
        progress=Progress(int(progress["step"]), int(progress["of"])) if progress else None,
        queue_position=raw.get("queuePosition"),
        cost=cost if isinstance(cost, int) else (cost or {}).get("credits"),
        ref=raw.get("ref"),
        error=Failure(error.get("type", ""), error.get("code", ""), error.get("message", "")) if error else None,
        raw=raw,
    )


def _output(raw: dict[str, Any]) -> Output:
    return Output(
        url=raw["url"],
        seed=raw.get("seed"),
        width=raw.get("width"),
        height=raw.get("height"),
        content_type=raw.get("contentType", ""),
        sha256=raw.get("sha256", ""),
        deletes_at=moment(raw.get("deletesAt")),
    )
