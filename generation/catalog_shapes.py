"""What one entry of the catalogue says: family, files, sizes, defaults, price weight, licence, tasks."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from django.conf import settings

from generation import model_switches
from generation.engine.families import BUILT_IN_FAMILIES
from generation.engine.protocol import ModelSpec

STARTER_FOLDER = Path(__file__).parent / "starter" / "weights"
DEFAULT_SLUG = "starter"
# What every model can do that draws from words.
DRAWING_TASKS = (
    "text-to-image",
    "image-to-image",
    "variations",
    "inpaint",
    "outpaint",
    "blend",
    "replace-background",
)


@dataclass(frozen=True)
class Size:
    """An aspect-ratio preset; width and height in pixels."""

    label: str
    width: int
    height: int

    @property
    def value(self) -> str:
        """How forms name it: `512x512`."""
        return f"{self.width}x{self.height}"

    @property
    def area(self) -> int:
        """Pixels."""
        return self.width * self.height


@dataclass(frozen=True)
class Video:
    """How long a model's videos are, in frames, and how quick; a length is one frame more than a multiple of `stride`.

    `default_frames` at `fps` frames a second is what the price is measured by.
    """

    fps: int
    default_frames: int
    max_frames: int
    stride: int = 1
    takes_prompt: bool = True
    takes_end: bool = False

    @property
    def default_seconds(self) -> float:
        """The usual length, to a tenth of a second."""
        return round(self.default_frames / self.fps, 1)

    def frames_of(self, seconds: float, fps: int) -> int:
        """Return the model's number of frames that comes nearest to a length."""
        return 1 + self.stride * max(1, round((seconds * fps - 1) / self.stride))


@dataclass(frozen=True)
class Licence:
    """Under which terms a model's pictures may be used."""

    name: str
    url: str
    commercial: bool


OPEN_RAIL_M = Licence("CreativeML Open RAIL-M", "https://huggingface.co/spaces/CompVis/stable-diffusion-license", True)
OPEN_RAIL_PP_M = Licence(
    "CreativeML Open RAIL++-M",
    "https://huggingface.co/stabilityai/stable-diffusion-xl-base-1.0/blob/main/LICENSE.md",
    True,
)
STABILITY_COMMUNITY = Licence("Stability AI Community", "https://stability.ai/license", False)
# Free of charge for firms below a turnover; what it allows a customer depends on who they are.
LTX_VIDEO_OPEN_WEIGHTS = Licence(
    "LTX-Video Open Weights",
    "https://huggingface.co/Lightricks/LTX-Video/blob/main/LTX-Video-Open-Weights-License-0.X.txt",
    False,
)
APACHE_2 = Licence("Apache 2.0", "https://www.apache.org/licenses/LICENSE-2.0", True)
MIT = Licence("MIT", "https://opensource.org/license/mit", True)
BSD_3 = Licence("BSD 3-Clause", "https://opensource.org/license/bsd-3-clause", True)
# A model that has left the catalogue and whose pictures were not marked: nothing is promised for it.
UNKNOWN_LICENCE = Licence("Unknown", "", False)
# By name, as pictures remember them: one that pictures name is never taken out.
LICENCES = {
    each.name: each
    for each in (OPEN_RAIL_M, OPEN_RAIL_PP_M, STABILITY_COMMUNITY, APACHE_2, MIT, BSD_3, LTX_VIDEO_OPEN_WEIGHTS)
}


@dataclass(frozen=True)
class CatalogModel:
    """One model the studio can offer."""

    slug: str
    name: str
    summary: str
    family: str
    hub_id: str
    dtype: str
    licence: Licence
    sizes: tuple[Size, ...]
    grid: int
    min_side: int
    max_side: int
    default_steps: int
    max_steps: int
    default_guidance: float
    schedulers: tuple[str, ...]
    price_weight: Fraction = Fraction(1)
    # Pictures of the default size that one pass may hold; larger pictures take proportionally more room.
    max_batch: int = 8
    text_encoder: str = ""
    # A LoRA inside the folder that becomes part of the model.
    adapter: str = ""
    variant: str = ""
    negative_prompt: bool = True
    limits_note: str = ""
    prompts: tuple[str, ...] = ()
    tasks: tuple[str, ...] = DRAWING_TASKS
    # What a ControlNet or the like was made for: the families of the models it can stand beside.
    fits: tuple[str, ...] = ()
    # Of a ControlNet: what it is guided by.
    control: str = ""
    # How its videos are, where it makes any.
    video: Video | None = None
    # The file without which nothing is installed.
    index_file: str = "model_index.json"
    # What to fetch of a hub's repository that holds more than one model; empty: all that its layout names.
    hub_files: tuple[str, ...] = ()
    # Of what ships with the studio: the folder beside the starter's weights that holds its files.
    ships_in: str = ""

    @property
    def default_size(self) -> Size:
        """The size the model was trained for; its area is what the price is measured by."""
        return self.sizes[0]

    @property
    def folder(self) -> Path:
        """Where the model's files lie."""
        if self.ships_in:
            return STARTER_FOLDER.with_name(self.ships_in)
        return Path(settings.MODELS_DIR) / self.slug

    @property
    def takes_weights(self) -> bool:
        """Whether words can have weights, `(red:1.3)`; elsewhere brackets are text."""
        return self.spec().takes_weights

    @property
    def is_installed(self) -> bool:
        """Whether the files are there; a model that is not is shown as such, never replaced."""
        return self.is_built_in or ((self.folder / self.index_file).is_file() and (self.folder / self.adapter).is_dir())

    @property
    def off_reason(self) -> str:
        """Why an operator has turned it off; empty: it is on."""
        return model_switches.off_reason(self.slug)

    @property
    def is_available(self) -> bool:
        """Whether it can be asked for: installed, and not turned off. What was asked for before is still made."""
        return not self.off_reason and self.is_installed

    @property
    def is_starter(self) -> bool:
        """Whether it is the model that ships with the studio, in one setting or the other."""
        return self.text_encoder == "minilm"

    @property
    def is_built_in(self) -> bool:
        """Whether it is a method of the engine's own, without files."""
        return self.family in BUILT_IN_FAMILIES

    @property
    def is_choice(self) -> bool:
        """Whether people choose it; a ControlNet comes by itself."""
        return bool(self.tasks)

    def fits_beside(self, model: "CatalogModel") -> bool:
        """Whether it was made for a model: by family, and never for the starter, which has its own inner sizes."""
        return model.family in self.fits and not model.is_starter

    def batch_size(self, width: int, height: int) -> int:
        """How many pictures of this size go through the model at once."""
        fitting = self.max_batch * self.default_size.area // (width * height)
        return max(1, min(fitting, self.max_batch, settings.BATCH_SIZE_MAX))

    def spec(self) -> ModelSpec:
        """What the engine needs to load it."""
        return ModelSpec(
            slug=self.slug,
            family=self.family,
            folder="" if self.is_built_in else str(self.folder),
            dtype=self.dtype,
            text_encoder=self.text_encoder,
            adapter=self.adapter,
        )


@dataclass(frozen=True)
class Served:
    """The name that was asked for and the model that answers to it."""

    slug: str
    model: CatalogModel
