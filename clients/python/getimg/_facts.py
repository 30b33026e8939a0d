"""What the API answers, as frozen dataclasses; `raw` has every field as it came."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

ENDED = ("FINISHED", "FAILED", "CANCELED")


@dataclass(frozen=True)
class Poster:
    """The first frame of a video."""

    url: str
    content_type: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True)
class Alternative:
    """A video once more, as a file that is no video."""

    url: str
    content_type: str
    size_bytes: int


@dataclass(frozen=True)
class Output:
    """One picture, or one video; what only a video has is None in a picture."""

    id: str
    url: str
    seed: int | None
    prompt: str
    width: int | None
    height: int | None
    content_type: str
    size_bytes: int | None
    sha256: str
    deletes_at: datetime | None
    frames: int | None = None
    fps: int | None = None
    seconds: float | None = None
    alt_text: str = ""
    poster: Poster | None = None
    alternatives: tuple[Alternative, ...] = ()


@dataclass(frozen=True)
class Progress:
    """How far the drawing is, in steps over all pictures and in percent."""

    step: int
    of: int
    percent: int


@dataclass(frozen=True)
class Cost:
    """What it costs at most, what of it was charged, and the price of each picture."""

    credits: int
    charged: int
    per_image: int


@dataclass(frozen=True)
class Failure:
    """Why there are no pictures, or fewer than asked for."""

    type: str
    code: str
    message: str
    param: str | None = None
    doc_url: str = ""


@dataclass(frozen=True)
class Notice:
    """What kept nothing from being drawn, and may yet make it come out otherwise than expected."""

    code: str
    message: str


@dataclass(frozen=True)
class DiffusionFacts:
    """A diffusion as the API described it last."""

    id: str
    status: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    cancel_after: datetime | None
    task: str
    model: str
    served_by: str
    params: dict[str, Any]
    warnings: tuple[Notice, ...]
    images: tuple[str, ...]
    outputs: tuple[Output, ...]
    progress: Progress | None
    queue_position: int | None
    cost: Cost | None
    ref: str | None
    is_test: bool
    error: Failure | None
    manifest_url: str
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
    def warnings(self) -> tuple[Notice, ...]:
        """What was taken, and may yet come out otherwise than expected."""
        return self.facts.warnings

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
        started_at=moment(raw.get("startedAt")),
        finished_at=moment(raw.get("finishedAt")),
        cancel_after=moment(raw.get("cancelAfter")),
        task=raw.get("task", ""),
        model=raw.get("model", ""),
        served_by=raw.get("servedBy", ""),
        params=raw.get("params") or {},
        warnings=tuple(Notice(one["code"], one["message"]) for one in raw.get("warnings") or ()),
        images=tuple(raw.get("images") or ()),
        outputs=tuple(_output(one) for one in raw.get("outputs") or ()),
        progress=Progress(progress["step"], progress["of"], progress.get("percent", 0)) if progress else None,
        queue_position=raw.get("queuePosition"),
        cost=Cost(cost["credits"], cost["charged"], cost["perImage"]) if cost else None,
        ref=raw.get("ref"),
        is_test=raw.get("isTest", False),
        error=_failure(error) if error else None,
        manifest_url=raw.get("manifestUrl", ""),
        raw=raw,
    )


def _output(raw: dict[str, Any]) -> Output:
    poster = raw.get("poster")
    return Output(
        id=raw.get("id", ""),
        url=raw["url"],
        seed=raw.get("seed"),
        prompt=raw.get("prompt", ""),
        width=raw.get("width"),
        height=raw.get("height"),
        content_type=raw.get("contentType", ""),
        size_bytes=raw.get("sizeBytes"),
        sha256=raw.get("sha256", ""),
        deletes_at=moment(raw.get("deletesAt")),
        frames=raw.get("frames"),
        fps=raw.get("fps"),
        seconds=raw.get("seconds"),
        alt_text=raw.get("altText", ""),
        poster=Poster(poster["url"], poster["contentType"], poster["sizeBytes"], poster["sha256"]) if poster else None,
        alternatives=tuple(
            Alternative(one["url"], one["contentType"], one["sizeBytes"]) for one in raw.get("alternatives") or ()
        ),
    )


def _failure(raw: dict[str, Any]) -> Failure:
    return Failure(
        type=raw.get("type", ""),
        code=raw.get("code", ""),
        message=raw.get("message", ""),
        param=raw.get("param"),
        doc_url=raw.get("docUrl", ""),
    )
