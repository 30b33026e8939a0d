"""What the worker and its engine say to each other: one JSON object a line, strictly validated.

What belongs here: the messages and their text form. What does not: pipes and processes (`client.py`,
`server.py`), and anything that needs torch, numpy or Django, because both sides import this.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass, field
from typing import Any, TypeVar

from generation.engine.families import BUILT_IN_FAMILIES, DTYPES, FAMILIES, TEXT_ENCODERS
from generation.engine.options import OPTIONS, Options, TextToImageOptions
from generation.engine.reading import (
    ProtocolError,
    plain,
    read,
    require,
    require_absolute,
    require_one_of,
    require_within,
)
from generation.engine.training import TRAINING_EVENTS, TrainingEvent, TrainingRequest

__all__ = ["ProtocolError"]  # callers find it beside the messages it is about
PROTOCOL_VERSION = 10
FAILURE_CODES = (
    "model_missing",
    "model_damaged",
    "out_of_memory",
    "disk_full",
    "canceled",
    "invalid",
    "not_learned",
    "internal",
)
PREVIEW_MAX_BYTES = 8 * 1024
# torch's generators take 64 bits; the topmost is left out so that a seed is a plain signed integer everywhere.
SEED_MAX = 2**63 - 1
SIDE_MAX = 8192
# The most that a pass may hold; and the place in a pass, and its size, of what is drawn by itself.
BATCH_MAX, ALONE = 1024, (0, 1)
STEPS_MAX = 1000
LORAS_MAX = 3
LORA_WEIGHT_MIN, LORA_WEIGHT_MAX = -1.0, 2.0
_SHA256 = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True)
class ModelSpec:
    """Which weights to run and how.

    `folder` is an absolute path of a diffusers folder or of a tool's files; empty for what is built in.
    `text_encoder` names an encoder that comes from a package instead of the folder (`minilm`: the starter's), or is
    empty. `adapter` names a LoRA inside the folder that becomes part of the model, or is empty.
    """

    slug: str
    family: str
    folder: str
    dtype: str = "auto"
    text_encoder: str = ""
    adapter: str = ""

    def __post_init__(self) -> None:
        require(self.slug != "", "slug", self.slug, "a name")
        require_one_of("family", self.family, FAMILIES)
        if self.family in BUILT_IN_FAMILIES:
            require(self.folder == "", "folder", self.folder, "empty for what is built in")
        else:
            require_absolute("folder", self.folder)
        require_one_of("dtype", self.dtype, DTYPES)
        require_one_of("text_encoder", self.text_encoder, TEXT_ENCODERS)

    @property
    def takes_weights(self) -> bool:
        """Whether words can have weights: only CLIP's embeddings can be scaled and still mean something.

        Tried on the starter's sentence encoder in four ways: more weight made no colour stronger, and at 2 it mostly
        made the picture worse.
        """
        return self.family in ("stable-diffusion", "stable-diffusion-xl") and not self.text_encoder


@dataclass(frozen=True)
class Input:
    """A picture to begin from: what it is for, and its uint8 pixels at their own size as `.npy`.

    `role` is `image`, `image_2` …, `mask`, `strokes` or `end_image`; see `options` for each one's shape and meaning.
    """

    role: str
    path: str

    def __post_init__(self) -> None:
        require_absolute("path", self.path)


@dataclass(frozen=True)
class ImageRequest:
    """One picture: its words, its seed, and the `.npy` file that takes its uint8 (height, width, 3 or 4) pixels.

    A video's file takes (frames, height, width, 3).

    `key` is "<job>:<index>" and means nothing to the engine but that a cancel names the part before the colon.

    `company`: draw it as it was drawn once, at this place of a pass of so many. (0, 1): whatever it shares a pass with.
    """

    key: str
    prompt: str
    negative_prompt: str
    seed: int
    path: str
    inputs: tuple[Input, ...] = ()
    company: tuple[int, int] = ALONE

    def __post_init__(self) -> None:
        require(job_of(self.key) != "", "key", self.key, '"<job>:<index>"')
        place, size = self.company
        require(0 <= place < size <= BATCH_MAX, "company", self.company, f"a place in a pass of up to {BATCH_MAX}")
        require_within("seed", self.seed, 0, SEED_MAX)
        require_absolute("path", self.path)

    def input_path(self, role: str) -> str | None:
        """Return where the picture of this role lies; None where there is none."""
        return next((each.path for each in self.inputs if each.role == role), None)


@dataclass(frozen=True)
class Lora:
    """What changes a model for one request: a safetensors file, its checksum, and how much of it counts."""

    path: str
    sha256: str
    weight: float = 1.0

    def __post_init__(self) -> None:
        require_absolute("path", self.path)
        require(_SHA256.fullmatch(self.sha256) is not None, "sha256", self.sha256, "a SHA-256 in hex")
        require_within("weight", self.weight, LORA_WEIGHT_MIN, LORA_WEIGHT_MAX)


@dataclass(frozen=True)
class BatchRequest:
    """Pictures that differ in prompts, seeds and inputs only. The engine runs at most `max_batch` of them at once.

    `width` and `height` are what the model draws in; `options.result_size` says how large the results are. `tools`
    are further weights that the task needs: a matting model, a ControlNet. `loras` change the model for this request.
    """

    id: str
    task: str
    model: ModelSpec
    width: int
    height: int
    num_inference_steps: int
    guidance_scale: float
    scheduler: str
    images: tuple[ImageRequest, ...]
    options: Options = TextToImageOptions()  # noqa: RUF009 (frozen, and without a field)
    tools: tuple[ModelSpec, ...] = ()
    loras: tuple[Lora, ...] = ()
    max_batch: int = 1
    preview: bool = True

    def __post_init__(self) -> None:
        require(self.id != "", "id", self.id, "a name")
        require_one_of("task", self.task, OPTIONS)
        require_within("width", self.width, 1, SIDE_MAX)
        require_within("height", self.height, 1, SIDE_MAX)
        require_within("num_inference_steps", self.num_inference_steps, 1, STEPS_MAX)
        require_within("guidance_scale", self.guidance_scale, 0.0, 1000.0)
        require_within("max_batch", self.max_batch, 1, BATCH_MAX)
        keys = [image.key for image in self.images]
        require(len(set(keys)) == len(keys) > 0, "images", f"{len(keys)} keys", "at least one, each key once")
        hashes = {lora.sha256 for lora in self.loras}
        require(len(hashes) == len(self.loras) <= LORAS_MAX, "loras", len(self.loras), f"up to {LORAS_MAX}, each once")
        require(type(self.options) is OPTIONS[self.task], "options", type(self.options).__name__, f"{self.task}'s")
        for image in self.images:
            self.options.check_roles(tuple(each.role for each in image.inputs))

    @staticmethod
    def type_of(field: str, body: dict[str, Any]) -> type[Options] | None:
        """Return the type of a field that depends on the task (`reading.read` asks)."""
        return OPTIONS.get(str(body.get("task"))) if field == "options" else None

    def tool(self, *families: str) -> ModelSpec | None:
        """Return the tool of one of these families; None where there is none."""
        return next((spec for spec in self.tools if spec.family in families), None)

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
class Train:
    """Learn a subject on a base model."""

    model: ModelSpec
    request: TrainingRequest


@dataclass(frozen=True)
class Cancel:
    """Give up the pictures of these jobs in one request. Other requests are not touched."""

    request_id: str
    jobs: tuple[str, ...]


# --- Events: engine → worker -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Ready:
    """First line of every engine. `versions["protocol"]` must be this module's; `dtypes`: what is asked → what is."""

    pid: int
    device: str
    versions: dict[str, str]
    dtypes: dict[str, str]


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
        require(len(self.webp()) <= PREVIEW_MAX_BYTES, "data", f"{len(self.data)} characters", "8 KiB")

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
    """A picture's file is completely written; `scores`: what a safety checker saw in it or in what it began from.

    `company`: its place in its pass, and of how many that was.
    """

    key: str
    path: str
    scores: dict[str, float] = field(default_factory=dict)
    company: tuple[int, int] = ALONE


@dataclass(frozen=True)
class Done:
    """A request is over: every picture was written, or its job was canceled. A warm request is over too.

    `model_loads` and `lora_loads` count what was read from disk since the engine started: drawing with what is warm
    adds nothing to them.
    """

    request_id: str
    model_loads: int = 0
    lora_loads: int = 0


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
        require_one_of("code", self.code, FAILURE_CODES)


Command = Warm | Run | Train | Cancel
Event = Ready | Loaded | Step | Preview | ImageDone | TrainingEvent | Done | Failed

_COMMANDS: dict[str, type[Command]] = {"warm": Warm, "run": Run, "train": Train, "cancel": Cancel}
_EVENTS: dict[str, type[Event]] = {
    "ready": Ready,
    "loaded": Loaded,
    "step": Step,
    "preview": Preview,
    "image_done": ImageDone,
    **TRAINING_EVENTS,
    "done": Done,
    "failed": Failed,
}
_NAMES: dict[type, str] = {message: name for table in (_COMMANDS, _EVENTS) for name, message in table.items()}


def id_of(command: Warm | Run | Train) -> str:
    """Return what a command's Done or Failed will name."""
    return command.id if isinstance(command, Warm) else command.request.id


def job_of(key: str) -> str:
    """Return the job's id out of an image's key; empty when the key has none."""
    return key.rpartition(":")[0]


def encode(message: Command | Event) -> bytes:
    """Write a message as one line, its newline included."""
    body = {"type": _NAMES[type(message)], **plain(message)}
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
        raise ProtocolError(f"type: {str(name)[:40]!r} is not one of {', '.join(table)}")
    message: M = read(body, table[name], name)
    return message


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not a number here")
