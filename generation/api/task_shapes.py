"""The shapes of a request, one for each task; bounds come from `params` and the engine's options, never from here."""

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from generation import catalog, params
from generation.api import prompt_shapes
from generation.api.names import TASKS, camel_case
from generation.catalog import CatalogModel, Served
from generation.engine.options import (
    BLEND_MAX,
    BLEND_MIN,
    CONTROLS,
    FEATHER_MAX,
    FPS_MAX,
    FPS_MIN,
    MARGIN_MAX,
    UPSCALE_FACTORS,
)
from generation.params.blend import WEIGHT_MAX, WEIGHT_MIN
from generation.params.controlnet import CONDITIONING_MAX, THRESHOLD_MAX
from generation.params.image_to_image import STRENGTH_MAX, STRENGTH_MIN
from generation.params.image_to_video import MOTION_MAX, MOTION_MIN, SECONDS_MAX, SECONDS_MIN
from generation.params.instruct import IMAGE_GUIDANCE_MAX, IMAGE_GUIDANCE_MIN
from generation.params.outpaint import SIDES, OutpaintParams
from generation.params.variations import STRENGTHS

Shape = dict[str, Any]

PICTURE: Shape = {
    "type": "string",
    "minLength": 1,
    "description": "A picture: the id of a file (`POST /v1/files`), `image:ID` of one that was made here, an address "
    "on the web, or base64, bare or as a data address.",
}


def _whole(low: int, high: int) -> Shape:
    return {"type": "integer", "minimum": low, "maximum": high}


def _number(low: float, high: float) -> Shape:
    return {"type": "number", "minimum": low, "maximum": high}


def own_fields() -> dict[str, Shape]:
    """Return the fields that only tasks have which begin from pictures, by their public names."""
    threshold = _whole(0, THRESHOLD_MAX)
    weight = _number(WEIGHT_MIN, WEIGHT_MAX)
    bounded: dict[str, Shape] = {
        "image": PICTURE,
        "end_image": PICTURE,
        "mask": PICTURE,
        "strokes": PICTURE,
        "images": {"type": "array", "items": PICTURE, "minItems": BLEND_MIN, "maxItems": BLEND_MAX},
        "weights": {"type": "array", "items": weight, "minItems": BLEND_MIN, "maxItems": BLEND_MAX},
        "strength": _number(STRENGTH_MIN, STRENGTH_MAX),
        "mode": {"type": "string", "enum": list(STRENGTHS)},
        "feather": _whole(0, FEATHER_MAX),
        **{side: _whole(0, MARGIN_MAX) for side in SIDES},
        "factor": {"type": "integer", "enum": list(UPSCALE_FACTORS)},
        "image_guidance_scale": _number(IMAGE_GUIDANCE_MIN, IMAGE_GUIDANCE_MAX),
        "control": {"type": "string", "enum": list(CONTROLS)},
        "conditioning_scale": _number(0, CONDITIONING_MAX),
        "low_threshold": threshold,
        "high_threshold": threshold,
        "is_map": {"type": "boolean"},
        "seconds": _number(SECONDS_MIN, SECONDS_MAX),
        "fps": _whole(FPS_MIN, FPS_MAX),
        "motion": _number(MOTION_MIN, MOTION_MAX),
    }
    return {camel_case(name): shape for name, shape in bounded.items()}


def model_name(task: str) -> Shape:
    """Return the shape of a model's name: one of the catalogue's that does the task, or one of the caller's own."""
    return {
        "type": "string",
        "anyOf": [{"enum": _names(task)}, {"format": "uuid"}],
        "description": "A model of `GET /v1/models`, or the id of one of your own: short for its base model with "
        "`loras: [{id}]`.",
    }


def model_bounds(models: Sequence[CatalogModel]) -> dict[str, Shape]:
    """Return the fields whose bounds are a model's own, as wide as the widest of `models` takes them."""
    side: Shape = {
        "type": "integer",
        "minimum": min(model.min_side for model in models),
        "maximum": max(model.max_side for model in models),
        "multipleOf": math.gcd(*(model.grid for model in models)),
    }
    schedulers = sorted({name for model in models for name in model.schedulers})
    return {
        "width": side,
        "height": side,
        "steps": _whole(params.STEPS_MIN, max(model.max_steps for model in models)),
        "scheduler": {"type": "string", "enum": schedulers} if schedulers else {"type": "string", "const": ""},
    }


def by_model(task: str, names: Iterable[str]) -> list[Shape]:
    """Return, for each model whose own bounds are narrower than the widest, what then holds for the fields `names`.

    The default model's hold as well where no model is named.
    """
    served = installed(task)
    widest = model_bounds([one.model for one in served])
    default = catalog.default_for(task)
    found = []
    for one in served:
        own = model_bounds([one.model])
        narrower = {name: _or_null(own[name]) for name in names if name in own and own[name] != widest[name]}
        if not narrower:
            continue
        named: Shape = {"properties": {"model": {"const": one.slug}}, "required": ["model"]}
        unnamed: Shape = {"properties": {"model": {"enum": [one.slug, None]}}}
        found.append({"if": unnamed if one.slug == default else named, "then": {"properties": narrower}})
    return found


def together(task: str) -> list[Shape]:
    """Return what holds for several of a task's fields at once: an extension adds something at one side at least."""
    if task != OutpaintParams.task:
        return []
    added: Shape = {"type": "integer", "minimum": 1}
    return [{"anyOf": [{"properties": {side: added}, "required": [side]} for side in SIDES]}]


def installed(task: str) -> list[Served]:
    """Return the models that can do a task here."""
    return [served for served in catalog.offered(task) if served.model.is_available]


def needed(task: str) -> list[str]:
    """Return the fields that a request for an editing task can't do without, its pictures first."""
    kind = params.EDITS[task]
    pictures = [name for name in ("image", "mask", "images") if name in kind.fields]
    return [*pictures, *(["prompt"] if kind.has_words and kind.needs_prompt else [])]


def _names(task: str) -> list[str]:
    return sorted({served.slug for served in installed(task)})


def _or_null(shape: Shape) -> Shape:
    return {"anyOf": [shape, {"type": "null"}]}


def edit_fields(
    usual: dict[str, Shape], optional: Callable[[dict[str, Shape]], dict[str, Shape]], *, require_prompt: bool
) -> dict[str, tuple[dict[str, Shape], list[str]]]:
    """Return each editing task's fields and those it needs; `usual` are text to image's."""
    own = own_fields()
    found = {}
    for task in TASKS[1:]:
        kind = params.EDITS[task]
        if not installed(task):
            continue  # nothing here can do it
        names = [camel_case(name) for name in kind.fields]
        must = [name for name in needed(task) if require_prompt or name != "prompt"]
        fields = {name: own.get(name, usual.get(name, {})) for name in names}
        if "prompt" in fields and "prompt" not in must:
            fields["prompt"] = prompt_shapes.shape(prompt_shapes.OPTIONAL_PROMPT)
        fields["model"] = model_name(task) if kind.has_words else {"type": "string", "enum": _names(task)}
        named: dict[str, Shape] = {"task": {"const": task, "type": "string"}}
        bare = {name: shape for name, shape in fields.items() if name in must}
        rest = {name: shape for name, shape in fields.items() if name not in must}
        done = {name: shape for name, shape in rest.items() if isinstance(shape["type"], list)}  # null is taken already
        rest = {name: shape for name, shape in rest.items() if name not in done}
        found[task] = ({**named, **bare, **done, **optional(rest)}, ["task", *must])
    return found
