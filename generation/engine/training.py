"""What the worker asks of an engine that trains, and what it hears: messages of `protocol.py`.

What belongs here: a training's request, its recipe, its events. What does not: how it is trained
(`generation.inference.dreambooth`), and which recipe fits which model (`generation.training_recipes`).
"""

from __future__ import annotations

from dataclasses import dataclass

from generation.engine.reading import require, require_absolute, require_one_of, require_within

LAYERS = ("attention", "all")
RANK_MAX = 128
QUARTERS = 4
# A curve is for the eye: longer ones are thinned.
CURVE_POINTS_MAX = 200


@dataclass(frozen=True)
class Recipe:
    """How a LoRA is trained.

    `layers`: the UNet's attention, or its convolutions too, for a network that has little attention. `batch_size`
    counts pictures of the subject; each step takes as many of the class beside them, weighted by `prior_weight`.
    `noisy_share` of the timesteps come from the noisiest quarter, the rest from all. `crops`: how many cuts of each
    picture are encoded. A checkpoint is written every `checkpoint_seconds` (0: after each step).
    """

    resolution: int
    rank: int
    learning_rate: float
    steps: int
    batch_size: int
    class_pictures: int
    layers: str = "attention"
    prior_weight: float = 1.0
    snr_gamma: float = 5.0
    noisy_share: float = 0.0
    warmup_steps: int = 20
    crops: int = 4
    gradient_checkpointing: bool = False
    checkpoint_seconds: float = 120.0

    def __post_init__(self) -> None:
        require_within("resolution", self.resolution, 8, 4096)
        require_within("rank", self.rank, 1, RANK_MAX)
        require_within("learning_rate", self.learning_rate, 0, 1)
        require_within("steps", self.steps, 1, 100_000)
        require_within("batch_size", self.batch_size, 1, 256)
        require_within("class_pictures", self.class_pictures, 0, 10_000)
        require_one_of("layers", self.layers, LAYERS)
        require_within("noisy_share", self.noisy_share, 0, 1)
        require_within("crops", self.crops, 1, 64)
        require_within("checkpoint_seconds", self.checkpoint_seconds, 0, 86_400)


@dataclass(frozen=True)
class Sampling:
    """How pictures are drawn with the base model in training: those of the class, and the samples of each quarter."""

    scheduler: str
    num_inference_steps: int
    guidance_scale: float


@dataclass(frozen=True)
class TrainingPicture:
    """One picture of the subject: its uint8 (height, width, 3) pixels as `.npy`, and the words for it."""

    path: str
    prompt: str

    def __post_init__(self) -> None:
        require_absolute("path", self.path)
        require(self.prompt != "", "prompt", self.prompt, "words")


@dataclass(frozen=True)
class TrainingRequest:
    """A subject to be learned.

    `id` is the job's. `folder` is the training's own: its checkpoints, class pictures, samples and result lie there,
    and another request for the same folder goes on from them, if it has the same base, known by the checksum of its
    weights: `base_sha256`. `class_prompts` are what prior preservation draws, in
    turn; `sample_prompts` what is drawn at each quarter, from seeds counted up from `seed`.
    """

    id: str
    folder: str
    pictures: tuple[TrainingPicture, ...]
    class_prompts: tuple[str, ...]
    sample_prompts: tuple[str, ...]
    recipe: Recipe
    sampling: Sampling
    seed: int
    base_sha256: str = ""

    def __post_init__(self) -> None:
        require(self.id != "", "id", self.id, "a name")
        require_absolute("folder", self.folder)
        require(len(self.pictures) > 0, "pictures", 0, "at least one")
        enough = bool(self.class_prompts) or self.recipe.class_pictures == 0
        require(enough, "class_prompts", 0, "at least one, where class pictures are wanted")
        require_within("seed", self.seed, 0, 2**62)


@dataclass(frozen=True)
class Prepared:
    """So many of the class pictures are drawn; then the steps begin."""

    request_id: str
    done: int
    of: int


@dataclass(frozen=True)
class TrainingStep:
    """How a training goes. `losses` is the curve so far, [step, moving average], thinned to some 200 points."""

    request_id: str
    step: int
    of: int
    loss: float
    losses: tuple[tuple[float, ...], ...]
    seconds_left: float


@dataclass(frozen=True)
class Checkpointed:
    """What was trained up to this step is on the disk: whoever comes after goes on from there.

    `is_new` is false for one of an earlier attempt, which this one goes on from.
    """

    request_id: str
    step: int
    is_new: bool = True


@dataclass(frozen=True)
class Sampled:
    """A picture of a quarter (1 to 4) is completely written, as uint8 (height, width, 3) `.npy`."""

    request_id: str
    quarter: int
    position: int
    prompt: str
    path: str

    def __post_init__(self) -> None:
        require_within("quarter", self.quarter, 1, QUARTERS)


@dataclass(frozen=True)
class Displaced:
    """The training waits for the device that others have, or has it (again)."""

    request_id: str
    is_waiting: bool


@dataclass(frozen=True)
class Trained:
    """The LoRA is completely written: a safetensors file in diffusers' format. `loss` is the last average."""

    request_id: str
    path: str
    rank: int
    losses: tuple[tuple[float, ...], ...]


TrainingEvent = Prepared | TrainingStep | Checkpointed | Sampled | Displaced | Trained

# By the name on the wire.
TRAINING_EVENTS: dict[str, type[TrainingEvent]] = {
    "prepared": Prepared,
    "training_step": TrainingStep,
    "checkpointed": Checkpointed,
    "sampled": Sampled,
    "displaced": Displaced,
    "trained": Trained,
}
