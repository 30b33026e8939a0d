"""What the worker and its engine say to each other: one JSON object a line, strictly validated.

What belongs here: the messages and their text form. What does not: pipes and processes (`client.py`,
`server.py`), and anything that needs torch, numpy or Django, because both sides import this.
"""

from __future__ import annotations

import base64
import binascii
import functools
import json
import types
import typing
from collections.abc import Collection
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any, TypeVar

PROTOCOL_VERSION = 1
FAMILIES = ("stable-diffusion", "stable-diffusion-xl", "flux")
DTYPES = ("auto", "float32", "float16", "bfloat16")
TEXT_ENCODERS = ("", "minilm")
FAILURE_CODES = (
    "model_missing",
    "model_damaged",
    "out_of_memory",
    "disk_full",
    "canceled",
    "invalid",
    "internal",
)
PREVIEW_MAX_BYTES = 8 * 1024
# torch's generators take 64 bits; the topmost is left out so that a seed is a plain signed integer everywhere.
SEED_MAX = 2**63 - 1
SIDE_MAX = 8192
STEPS_MAX = 1000


class ProtocolError(ValueError):
    """A line that is not a message, or a message with a value outside its bounds."""


@dataclass(frozen=True)
class ModelSpec:
    """Which weights to run and how.

    `folder` is an absolute path of a diffusers folder. `text_encoder` names an encoder that comes from a
    package instead of the folder (`minilm`: the starter's), or is empty.
    """

    slug: str
    family: str
    folder: str
    dtype: str = "auto"
    text_encoder: str = ""

    def __post_init__(self) -> None:
        _require(self.slug != "", "slug", self.slug, "a name")
        _require_one_of("family", self.family, FAMILIES)
        _require_absolute("folder", self.folder)
        _require_one_of("dtype", self.dtype, DTYPES)
        _require_one_of("text_encoder", self.text_encoder, TEXT_ENCODERS)

    @property
    def takes_weights(self) -> bool:
        """Whether words can have weights: only CLIP's embeddings can be scaled and still mean something.

        Tried on the starter's sentence encoder in four ways: more weight made no colour stronger, and at 2 it mostly
        made the picture worse.
        """
        return self.family in ("stable-diffusion", "stable-diffusion-xl") and not self.text_encoder


@dataclass(frozen=True)
class ImageRequest:
    """One picture: its words, its seed, and the `.npy` file that takes its uint8 (height, width, 3) pixels.

    `key` is "<job>:<index>" and means nothing to the engine but that a cancel names the part before the colon.
    """

    key: str
    prompt: str
    negative_prompt: str
    seed: int
    path: str

    def __post_init__(self) -> None:
        _require(job_of(self.key) != "", "key", self.key, '"<job>:<index>"')
        _require_within("seed", self.seed, 0, SEED_MAX)
        _require_absolute("path", self.path)


@dataclass(frozen=True)
class BatchRequest:
    """Pictures that differ in prompts and seeds only. The engine runs at most `max_batch` of them at once."""

    id: str
    task: str
    model: ModelSpec
    width: int
    height: int
    num_inference_steps: int
    guidance_scale: float
    scheduler: str
    images: tuple[ImageRequest, ...]
    max_batch: int = 1
    preview: bool = True

    def __post_init__(self) -> None:
        _require(self.id != "", "id", self.id, "a name")
        _require_within("width", self.width, 1, SIDE_MAX)
        _require_within("height", self.height, 1, SIDE_MAX)
        _require_within("num_inference_steps", self.num_inference_steps, 1, STEPS_MAX)
        _require_within("guidance_scale", self.guidance_scale, 0.0, 1000.0)
        _require_within("max_batch", self.max_batch, 1, 1024)
        keys = [image.key for image in self.images]
        _require(len(set(keys)) == len(keys) > 0, "images", f"{len(keys)} keys", "at least one, each key once")

    def jobs(self) -> frozenset[str]:
        """The ids of the jobs whose pictures these are."""
        return frozenset(job_of(image.key) for image in self.images)


# --- Commands: worker → engine; closing the pipe is how the engine is told to leave -----------------------


@dataclass(frozen=True)
class Warm:
    """Load a model now, so that its first picture does not wait for it."""

    id: str
    model: ModelSpec


@dataclass(frozen=True)
class Run:
    """Draw pictures."""

    request: BatchRequest


@dataclass(frozen=True)
class Cancel:
    """Give up the pictures of these jobs in one request. Other requests are not touched."""

    request_id: str
    jobs: tuple[str, ...]


# --- Events: engine → worker -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Ready:
    """First line of every engine. `versions["protocol"]` must be this module's."""

    pid: int
    device: str
    versions: dict[str, str]


@dataclass(frozen=True)
class Loaded:
    """A model was read from disk; `resident` are the slugs now kept warm, oldest use first."""

    slug: str
    seconds: float
    size_bytes: int
    resident: tuple[str, ...]


@dataclass(frozen=True)
class Step:
    """One denoising step is done, of pictures that share a pass; `step` counts from 1."""

    request_id: str
    keys: tuple[str, ...]
    step: int
    of: int


@dataclass(frozen=True)
class Preview:
    """What a picture looks like so far: `data` is base64 of a WebP of at most 8 KiB."""

    key: str
    data: str

    def __post_init__(self) -> None:
        _require(len(self.webp()) <= PREVIEW_MAX_BYTES, "data", f"{len(self.data)} characters", "8 KiB")

    @classmethod
    def of_webp(cls, key: str, webp: bytes) -> Preview:
        """Wrap the bytes of a WebP."""
        return cls(key, base64.b64encode(webp).decode("ascii"))

    def webp(self) -> bytes:
        """Return the WebP's bytes."""
        try:
            return base64.b64decode(self.data, validate=True)
        except binascii.Error as error:
            raise ProtocolError("data: not base64") from error


@dataclass(frozen=True)
class ImageDone:
    """A picture's file is completely written."""

    key: str
    path: str


@dataclass(frozen=True)
class Done:
    """A request is over: every picture was written, or its job was canceled. A warm request is over too."""

    request_id: str


@dataclass(frozen=True)
class Failed:
    """A request is over and not all was drawn. What `ImageDone` was said of stays good.

    `message` is for the log and for people: no prompt, no secret. `retryable`: whether trying again can help.
    """

    request_id: str
    code: str
    message: str
    retryable: bool

    def __post_init__(self) -> None:
        _require_one_of("code", self.code, FAILURE_CODES)


Command = Warm | Run | Cancel
Event = Ready | Loaded | Step | Preview | ImageDone | Done | Failed

_COMMANDS: dict[str, type[Command]] = {"warm": Warm, "run": Run, "cancel": Cancel}
_EVENTS: dict[str, type[Event]] = {
    "ready": Ready,
    "loaded": Loaded,
    "step": Step,
    "preview": Preview,
    "image_done": ImageDone,
    "done": Done,
    "failed": Failed,
}
_NAMES: dict[type, str] = {message: name for table in (_COMMANDS, _EVENTS) for name, message in table.items()}


def job_of(key: str) -> str:
    """Return the job's id out of an image's key; empty when the key has none."""
    return key.rpartition(":")[0]


def encode(message: Command | Event) -> bytes:
    """Write a message as one line, its newline included."""
    body = {"type": _NAMES[type(message)], **_plain(message)}
    return json.dumps(body, separators=(",", ":"), allow_nan=False).encode() + b"\n"


def decode_command(line: bytes) -> Command:
    """Read a line from the worker. Raises: ProtocolError."""
    message: Command = _decode_line(line, _COMMANDS)
    return message


def decode_event(line: bytes) -> Event:
    """Read a line from the engine. Raises: ProtocolError."""
    message: Event = _decode_line(line, _EVENTS)
    return message


M = TypeVar("M")


def _decode_line(line: bytes, table: dict[str, type[M]]) -> M:
    try:
        body = json.loads(line, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise ProtocolError(f"a line of {len(line)} bytes is not JSON") from error
    if not isinstance(body, dict):
        raise ProtocolError(f"a message is an object, not {type(body).__name__}")
    name = body.pop("type", None)
    if not isinstance(name, str) or name not in table:
        raise ProtocolError(f"type: {str(name)[:40]!r} is none of {', '.join(table)}")
    message: M = _read(body, table[name], name)
    return message


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not a number here")


def _plain(message: Any) -> dict[str, Any]:
    """Return a dataclass's fields as JSON types; `dataclasses.asdict` would deep-copy what cannot change."""
    return {field.name: _plain_value(getattr(message, field.name)) for field in fields(message)}


def _plain_value(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain_value(item) for item in value]
    return _plain(value) if is_dataclass(value) else value


def _read(value: Any, expected: Any, where: str) -> Any:
    """Return `value` as the annotated type `expected`, or say what is wrong and where."""
    if is_dataclass(expected):
        return _read_dataclass(value, expected, where)
    origin = typing.get_origin(expected)
    if origin is tuple:
        _require(isinstance(value, list), where, value, "a list")
        item_type = typing.get_args(expected)[0]
        return tuple(_read(item, item_type, f"{where}[{index}]") for index, item in enumerate(value))
    if origin is dict:
        _require(isinstance(value, dict), where, value, "an object")
        item_type = typing.get_args(expected)[1]
        return {key: _read(item, item_type, f"{where}.{key}") for key, item in value.items()}
    # A bool is an int to Python and an int may stand for a float; only the second is meant here.
    accepted = (int, float) if expected is float else (expected,)
    right = isinstance(value, accepted) and (expected is bool or not isinstance(value, bool))
    _require(right, where, value, expected.__name__)
    return float(value) if expected is float else value


def _read_dataclass(value: Any, expected: Any, where: str) -> Any:
    _require(isinstance(value, dict), where, value, "an object")
    hints = _hints(expected)
    for name in sorted(value.keys() ^ hints.keys()):
        raise ProtocolError(f"{where}.{name} is {'not known here' if name in value else 'missing'}")
    return expected(**{name: _read(value[name], hint, f"{where}.{name}") for name, hint in hints.items()})


@functools.cache
def _hints(message: type) -> types.MappingProxyType[str, Any]:
    return types.MappingProxyType(typing.get_type_hints(message))


def _require(right: bool, name: str, value: object, bound: str) -> None:
    if not right:
        raise ProtocolError(f"{name}: {str(value)[:80]!r} is not {bound}")


def _require_one_of(name: str, value: str, allowed: Collection[str]) -> None:
    _require(value in allowed, name, value, f"one of {', '.join(repr(item) for item in allowed)}")


def _require_within(name: str, value: float, low: float, high: float) -> None:
    _require(low <= value <= high, name, value, f"from {low} to {high}")


def _require_absolute(name: str, value: str) -> None:
    _require(Path(value).is_absolute() and "\0" not in value, name, value, "an absolute path")
