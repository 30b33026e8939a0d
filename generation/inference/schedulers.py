"""The samplers people choose from, each built from the model's own schedule.

A model was trained for one schedule of noise and one kind of prediction; a sampler that is given another draws
mud. So every sampler starts from the configuration of the model's own and changes only how it walks.
"""

from __future__ import annotations

from typing import Any

from diffusers import (
    DDIMScheduler,
    DPMSolverMultistepScheduler,
    EulerAncestralDiscreteScheduler,
    EulerDiscreteScheduler,
    FlowMatchEulerDiscreteScheduler,
    LCMScheduler,
    UniPCMultistepScheduler,
)

from generation.inference.errors import InvalidRequest

FLUX_FAMILIES = ("flux", "flux-kontext")
_FLOW_FAMILIES = (*FLUX_FAMILIES, "ltx-video")
# Name → the class and what it changes in the model's configuration.
_DIFFUSION: dict[str, tuple[Any, dict[str, object]]] = {
    "ddim": (DDIMScheduler, {}),
    "euler": (EulerDiscreteScheduler, {}),
    "euler-a": (EulerAncestralDiscreteScheduler, {}),
    "dpmpp-2m": (DPMSolverMultistepScheduler, {"algorithm_type": "dpmsolver++", "use_karras_sigmas": False}),
    "dpmpp-2m-karras": (DPMSolverMultistepScheduler, {"algorithm_type": "dpmsolver++", "use_karras_sigmas": True}),
    "unipc": (UniPCMultistepScheduler, {}),
    "lcm": (LCMScheduler, {}),
}
_FLOW: dict[str, tuple[Any, dict[str, object]]] = {"flow-euler": (FlowMatchEulerDiscreteScheduler, {})}


def names_for(family: str) -> tuple[str, ...]:
    """Return the samplers that a family of models can use."""
    return tuple(_table(family))


def make_scheduler(name: str, family: str, own_config: Any) -> Any:
    """Build a fresh sampler for one pass; `own_config` is the configuration that came with the model.

    Raises: InvalidRequest when the family cannot use it.
    """
    table = _table(family)
    if name not in table:
        raise InvalidRequest("scheduler", name, f"one of {', '.join(table)}")
    scheduler_class, changes = table[name]
    if changes.get("use_karras_sigmas") and own_config.get("rescale_betas_zero_snr"):
        # Karras' spacing is drawn between the least and the most noise, and here the most is without bound.
        raise InvalidRequest("scheduler", name, "for a model whose schedule ends in pure noise")
    return scheduler_class.from_config(own_config, **changes)


def _table(family: str) -> dict[str, tuple[Any, dict[str, object]]]:
    return _FLOW if family in _FLOW_FAMILIES else _DIFFUSION
