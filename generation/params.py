"""What a run is asked to do: one frozen dataclass a task, parsed once at the edge.

A form, a JSON body or a command line comes in as a mapping; what comes out is within every bound or
is refused with the field, the value and the bound. Nothing is repaired silently.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, ClassVar

from generation import catalog
from generation.catalog import CatalogModel, Served
from generation.errors import FieldError, InvalidParams, ModelUnavailable, ModelUnknown

PROMPT_MAX_LENGTH = 1000
NUM_IMAGES_MAX = 10
STEPS_MIN = 1
GUIDANCE_MIN, GUIDANCE_MAX = 0.0, 20.0
SEED_MAX = 2**32 - 1

SCHEDULER_NAMES = {
    "ddim": "DDIM",
    "dpmpp-2m": "DPM++ 2M",
    "dpmpp-2m-karras": "DPM++ 2M Karras",
    "euler": "Euler",
    "euler-a": "Euler ancestral",
    "unipc": "UniPC",
    "lcm": "LCM",
    "flow-euler": "Flow Euler",
}


@dataclass(frozen=True)
class TextToImageParams:
    """A prompt and how to draw it. `width` and `height` in pixels; `seed` None means: draw one."""

    task: ClassVar[str] = "text-to-image"

    prompt: str
    model: str
    width: int
    height: int
    num_images: int
    num_inference_steps: int
    guidance_scale: float
    scheduler: str
    negative_prompt: str = ""
    seed: int | None = None

    def served(self) -> Served:
        """Who draws it. Raises: ModelUnknown, ModelUnavailable."""
        return self._served

    @cached_property
    def _served(self) -> Served:
        return catalog.resolve(self.model)

    def as_dict(self) -> dict[str, Any]:
        """Everything, as stored on the run."""
        return asdict(self)

    def fingerprint(self) -> str:
        """A hash that is equal for equal requests."""
        return hashlib.sha256(json.dumps(self.as_dict(), sort_keys=True).encode()).hexdigest()

    def batch_key(self, served_by: str) -> str:
        """Runs with equal keys differ in prompts and seeds only, so they can share a pass."""
        facts = (
            self.task,
            served_by,
            self.width,
            self.height,
            self.num_inference_steps,
            self.guidance_scale,
            self.scheduler,
        )
        return hashlib.sha256(repr(facts).encode()).hexdigest()


def defaults(model: CatalogModel, slug: str | None = None) -> dict[str, Any]:
    """Return what the form shows before anything was changed."""
    return {
        "prompt": "",
        "negative_prompt": "",
        "model": slug or model.slug,
        "size": model.default_size.value,
        "num_images": 4,
        "steps": model.default_steps,
        "guidance_scale": model.default_guidance,
        "scheduler": model.schedulers[0],
        "seed": "",
    }


def parse_text_to_image(values: Mapping[str, Any], *, require_prompt: bool = True) -> TextToImageParams:
    """Read a text-to-image request.

    `values` uses the public names: `steps` for `num_inference_steps`, and either `size` ("512x512") or
    `width` and `height`. Fields that are absent take the model's defaults. With `require_prompt=False` an
    empty prompt passes, so that a price can be shown before anything was typed.

    Raises: InvalidParams with one error a refused field.
    """
    reader = _Reader(values)
    served = reader.model()
    if served is None:
        raise InvalidParams(reader.errors)
    model = served.model
    width, height = reader.size(model)
    params = TextToImageParams(
        prompt=reader.text("prompt", "the prompt", required=require_prompt),
        negative_prompt=reader.negative_prompt(model),
        model=served.slug,
        width=width,
        height=height,
        num_images=reader.integer("num_images", "pictures", 1, 1, NUM_IMAGES_MAX),
        num_inference_steps=reader.integer("steps", "steps", model.default_steps, STEPS_MIN, model.max_steps),
        guidance_scale=reader.decimal("guidance_scale", "guidance", model.default_guidance, GUIDANCE_MIN, GUIDANCE_MAX),
        scheduler=reader.scheduler(model),
        seed=reader.seed(),
    )
    if reader.errors:
        raise InvalidParams(reader.errors)
    vars(params)["_served"] = served  # looked up just now; nobody need ask the database again
    return params


PARSERS: dict[str, Callable[..., TextToImageParams]] = {TextToImageParams.task: parse_text_to_image}

# What a request may hold, by its public name, and the type that JSON gives it. Sizes are a pair of sides here;
# forms also send them as one word.
FIELDS: dict[str, dict[str, type]] = {
    TextToImageParams.task: {
        "prompt": str,
        "negative_prompt": str,
        "model": str,
        "width": int,
        "height": int,
        "num_images": int,
        "steps": int,
        "guidance_scale": float,
        "scheduler": str,
        "seed": int,
    }
}


class _Reader:
    """Takes fields out of a mapping and collects what is wrong with them."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values = values
        self.errors: list[FieldError] = []

    def refuse(self, field: str, message: str, code: str = FieldError.code) -> None:
        self.errors.append(FieldError(field, message, code))

    def raw(self, field: str) -> Any:
        value = self.values.get(field)
        return value.strip() if isinstance(value, str) else value

    def model(self) -> Served | None:
        slug = self.raw("model") or catalog.DEFAULT_SLUG
        try:
            return catalog.resolve(str(slug))
        except (ModelUnknown, ModelUnavailable) as error:
            self.refuse("model", str(error), error.code)
            return None

    def text(self, field: str, label: str, *, required: bool) -> str:
        value = self.raw(field)
        if value is None or value == "":
            if required:
                self.refuse(field, "Describe what you want to see.", "missing_field")
            return ""
        if not isinstance(value, str):
            self.refuse(field, f"{label.capitalize()} must be text.")
            return ""
        if len(value) > PROMPT_MAX_LENGTH:
            self.refuse(
                field,
                f"{label.capitalize()} has {len(value)} characters; {PROMPT_MAX_LENGTH} is the most.",
            )
        if "\x00" in value:
            self.refuse(field, f"{label.capitalize()} holds a null character, which can't be drawn or stored.")
        return value

    def negative_prompt(self, model: CatalogModel) -> str:
        text = self.text("negative_prompt", "the negative prompt", required=False)
        if text and not model.negative_prompt:
            self.refuse("negative_prompt", f"{model.name} takes no negative prompt; leave it empty.")
        return text

    def integer(self, field: str, label: str, default: int, low: int, high: int) -> int:
        value = self.raw(field)
        if value is None or value == "":
            return default
        number = _whole(value)
        if number is None:
            self.refuse(field, f"“{_shown(value)}” is no whole number; {label} go from {low} to {high}.")
            return default
        if not low <= number <= high:
            self.refuse(field, f"{_shown(number)} is outside the bounds: {label} go from {low} to {high}.")
            return default
        return number

    def decimal(self, field: str, label: str, default: float, low: float, high: float) -> float:
        value = self.raw(field)
        if value is None or value == "":
            return default
        try:
            number = float(value) if not isinstance(value, bool) else float("nan")
        except (TypeError, ValueError, OverflowError):
            number = float("nan")
        if not low <= number <= high:
            self.refuse(field, f"“{_shown(value)}” is outside the bounds: {label} goes from {low:g} to {high:g}.")
            return default
        return round(number, 2)

    def seed(self) -> int | None:
        value = self.raw("seed")
        if value is None or value == "":
            return None
        number = _whole(value)
        if number is None or not 0 <= number <= SEED_MAX:
            self.refuse("seed", f"“{_shown(value)}” is no seed; seeds are whole numbers from 0 to {SEED_MAX}.")
            return None
        return number

    def scheduler(self, model: CatalogModel) -> str:
        value = self.raw("scheduler")
        if value is None or value == "":
            return model.schedulers[0]
        if value not in model.schedulers:
            names = ", ".join(model.schedulers)
            self.refuse("scheduler", f"{model.name} has no scheduler “{_shown(value)}”; choose one of {names}.")
            return model.schedulers[0]
        return str(value)

    def size(self, model: CatalogModel) -> tuple[int, int]:
        default = (model.default_size.width, model.default_size.height)
        size = self.raw("size")
        if size:
            width_text, _, height_text = str(size).partition("x")
            sides = _whole(width_text), _whole(height_text)
            if None in sides:
                self.refuse("size", f"“{_shown(size)}” is no size; write it like {model.default_size.value}.")
                return default
            named = (("size", sides[0]), ("size", sides[1]))
        else:
            named = (
                ("width", _whole(self.raw("width") or default[0])),
                ("height", _whole(self.raw("height") or default[1])),
            )
        for (field, side), axis in zip(named, ("width", "height"), strict=True):
            self._check_side(model, field, axis, side)
        width, height = named[0][1], named[1][1]
        return (width, height) if width and height else default

    def _check_side(self, model: CatalogModel, field: str, axis: str, side: int | None) -> None:
        if side is None:
            self.refuse(field, f"The {axis} “{_shown(self.raw(field))}” is no whole number.")
        elif not model.min_side <= side <= model.max_side:
            self.refuse(
                field,
                f"The {axis} {_shown(side)} is outside the bounds: {model.name} draws {model.min_side} to "
                f"{model.max_side} pixels a side.",
            )
        elif side % model.grid:
            self.refuse(field, f"The {axis} {side} is off the grid: {model.name} needs a multiple of {model.grid}.")


def _whole(value: Any) -> int | None:
    """Return the whole number that `value` means, or None."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() else None
    text = str(value).strip()
    # isdecimal alone lets through digits of other scripts, which int() reads and people do not expect.
    if len(text) > 20 or not (text.isascii() and text.removeprefix("-").isdecimal()):
        return None
    return int(text)


def _shown(value: Any) -> str:
    """Return a value short enough for a message."""
    text = str(value) if not isinstance(value, int) or abs(value) < 10**20 else "a number of over 20 digits"
    return text if len(text) <= 40 else text[:40] + "…"
