"""What a run is asked to do: one frozen dataclass a task, parsed once at the edge.

A form, a JSON body or a command line comes in as a mapping; what comes out is within every bound or is refused with
the field, the value and the bound, before it is a price. Nothing is repaired silently.
"""

from collections.abc import Mapping
from typing import Any

from accounts.models import User
from generation.engine.options import GREY_ROLES, Options
from generation.params.base import Params
from generation.params.blend import BlendParams, as_given
from generation.params.controlnet import THRESHOLD_MAX, ControlNetParams
from generation.params.edit import EditParams
from generation.params.image_to_image import ImageToImageParams
from generation.params.image_to_video import ImageToVideoParams
from generation.params.inpaint import InpaintParams
from generation.params.instruct import InstructParams
from generation.params.outpaint import OutpaintParams
from generation.params.reader import (
    GUIDANCE_MAX,
    GUIDANCE_MIN,
    NUM_IMAGES_MAX,
    PROMPT_MAX_LENGTH,
    SCHEDULER_NAMES,
    SEED_MAX,
    STEPS_MIN,
)
from generation.params.remove_background import RemoveBackgroundParams
from generation.params.replace_background import ReplaceBackgroundParams
from generation.params.text_to_image import TextToImageParams, defaults, parse_text_to_image
from generation.params.upscale import UpscaleParams
from generation.params.variations import VariationsParams

__all__ = [
    "FIELDS",
    "GUIDANCE_MAX",
    "GUIDANCE_MIN",
    "NUM_IMAGES_MAX",
    "PROMPT_MAX_LENGTH",
    "SCHEDULER_NAMES",
    "SEED_MAX",
    "STEPS_MIN",
    "THRESHOLD_MAX",
    "EditParams",
    "Params",
    "TextToImageParams",
    "defaults",
    "options_of",
    "parse",
    "parse_text_to_image",
    "values_of",
]

EDITS: dict[str, type[EditParams]] = {
    kind.task: kind
    for kind in (
        ImageToImageParams,
        VariationsParams,
        InpaintParams,
        OutpaintParams,
        BlendParams,
        RemoveBackgroundParams,
        ReplaceBackgroundParams,
        UpscaleParams,
        InstructParams,
        ControlNetParams,
        ImageToVideoParams,
    )
}
_KINDS: dict[str, type[Params]] = {TextToImageParams.task: TextToImageParams, **EDITS}

# What a request may hold, task by task: public name → the type that JSON gives it.
FIELDS: dict[str, dict[str, type]] = {task: kind.fields for task, kind in _KINDS.items()}


def parse(task: str, values: Mapping[str, Any], user: User, *, require_prompt: bool = True) -> Params:
    """Read a request of this person's for one of the tasks in FIELDS.

    With `require_prompt=False` an empty prompt passes, so that a price can be shown before anything was typed.

    Raises: InvalidParams with one error a refused field.
    """
    if task == TextToImageParams.task:
        return parse_text_to_image(values, user, require_prompt=require_prompt)
    return EDITS[task].parse(values, user, require_prompt=require_prompt)


def options_of(task: str, stored: Mapping[str, Any]) -> Options:
    """Return what the engine is told beside the usual settings of a run whose settings were stored."""
    return _KINDS[task].options_of(stored)


def values_of(task: str, stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return a run's stored settings under the public names, so that they can be read and sent again."""
    found = {name: stored[name] for name in FIELDS[task] if name in stored}
    if "num_inference_steps" in stored and "steps" in FIELDS[task]:
        found["steps"] = stored["num_inference_steps"]
    if "loras" in found:
        found["loras"] = [{"id": one["id"], "weight": one["weight"]} for one in found["loras"]]
    if "weights" in found:
        found["weights"] = as_given(found["weights"])
    named = {one["role"]: one["picture"] for one in stored.get("pictures", ())}
    if "images" in FIELDS[task]:
        found["images"] = [reference for role, reference in named.items() if role not in GREY_ROLES]
    else:
        found |= {role: reference for role, reference in named.items() if role in FIELDS[task]}
    return found
