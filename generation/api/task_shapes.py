"""The shapes of a request, one for each task; bounds come from `params` and the engine's options, never from here."""

from collections.abc import Callable
from typing import Any

from generation import catalog, params
from generation.api.names import TASKS, camel_case
from generation.engine.options import BLEND_MAX, BLEND_MIN, CONTROLS, FEATHER_MAX, MARGIN_MAX, UPSCALE_FACTORS
from generation.params.blend import WEIGHT_MAX, WEIGHT_MIN
from generation.params.controlnet import CONDITIONING_MAX, THRESHOLD_MAX
from generation.params.image_to_image import STRENGTH_MAX, STRENGTH_MIN
from generation.params.instruct import IMAGE_GUIDANCE_MAX, IMAGE_GUIDANCE_MIN
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
        "mask": PICTURE,
        "strokes": PICTURE,
        "images": {"type": "array", "items": PICTURE, "minItems": BLEND_MIN, "maxItems": BLEND_MAX},
        "weights": {"type": "array", "items": weight, "minItems": BLEND_MIN, "maxItems": BLEND_MAX},
        "strength": _number(STRENGTH_MIN, STRENGTH_MAX),
        "mode": {"type": "string", "enum": list(STRENGTHS)},
        "feather": _whole(0, FEATHER_MAX),
        **{side: _whole(0, MARGIN_MAX) for side in ("left", "right", "top", "bottom")},
        "factor": {"type": "integer", "enum": list(UPSCALE_FACTORS)},
        "image_guidance_scale": _number(IMAGE_GUIDANCE_MIN, IMAGE_GUIDANCE_MAX),
        "control": {"type": "string", "enum": list(CONTROLS)},
        "conditioning_scale": _number(0, CONDITIONING_MAX),
        "low_threshold": threshold,
        "high_threshold": threshold,
        "is_map": {"type": "boolean"},
    }
    return {camel_case(name): shape for name, shape in bounded.items()}


def model_name(task: str) -> Shape:
    """Return the shape of a model's name: one of the catalogue's that does the task, or one of the caller's own."""
    return {
        "type": "string",
        "anyOf": [{"enum": _models(task)}, {"format": "uuid"}],
        "description": "A model of `GET /v1/models`, or the id of one of your own: short for its base model with "
        "`loras: [{id}]`.",
    }


def edit_fields(
    usual: dict[str, Shape], optional: Callable[[dict[str, Shape]], dict[str, Shape]], *, require_prompt: bool
) -> dict[str, tuple[dict[str, Shape], list[str]]]:
    """Return each editing task's fields and those it needs; `usual` are text to image's."""
    own = own_fields()
    found = {}
    for task in TASKS[1:]:
        kind = params.EDITS[task]
        if not _models(task):
            continue  # nothing here can do it
        names = [camel_case(name) for name in kind.fields]
        must: list[str] = [name for name in ("image", "mask", "images") if name in names]
        must += ["prompt"] if require_prompt and kind.has_words and kind.needs_prompt else []
        fields = {name: own.get(name, usual.get(name, {})) for name in names}
        fields["model"] = model_name(task) if kind.has_words else {"type": "string", "enum": _models(task)}
        named: dict[str, Shape] = {"task": {"const": task, "type": "string"}}
        bare = {name: shape for name, shape in fields.items() if name in must}
        rest = {name: shape for name, shape in fields.items() if name not in must}
        done = {name: shape for name, shape in rest.items() if isinstance(shape["type"], list)}  # null is taken already
        rest = {name: shape for name, shape in rest.items() if name not in done}
        found[task] = ({**named, **bare, **done, **optional(rest)}, ["task", *must])
    return found


def _models(task: str) -> list[str]:
    return sorted({served.slug for served in catalog.offered(task) if served.model.is_installed})
