"""Say how a pass goes, step by step, show what is coming, and stop when nobody wants it any more."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

import torch

from generation.engine.backend import Watch
from generation.inference.previews import LatentPreview

PREVIEWS_A_PASS = 6

Unpack = Callable[[torch.Tensor], torch.Tensor]


class PassProgress:
    """The callback that a pipeline calls after each step (`callback_on_step_end`)."""

    def __init__(self, watch: Watch, keys: Sequence[str]) -> None:
        self._watch = watch
        self._keys = keys
        self._preview: LatentPreview | None = None
        self._denoised: Callable[[], torch.Tensor | None] = _nothing
        self._unpack: Unpack = _as_they_are

    def show(self, preview: LatentPreview, scheduler: Any, unpack: Unpack) -> None:
        """Send previews too; `unpack` brings latents into the shape (batch, channels, height, width)."""
        self._preview, self._unpack = preview, unpack
        self._denoised = follow_denoised(scheduler)

    def __call__(self, pipeline: Any, index: int, _timestep: Any, _tensors: dict[str, Any]) -> dict[str, Any]:
        """Report the step. Raises: PassCanceled, which ends the pipeline's call."""
        step, of = index + 1, pipeline.num_timesteps
        if self._preview is not None and is_preview_step(step, of):
            latents = self._denoised()
            if latents is not None:
                for key, webp in zip(self._keys, self._preview.webps(self._unpack(latents)), strict=True):
                    self._watch.preview(key, webp)
        # After its previews: whoever listens writes both at once.
        self._watch.step(step, of)
        return {}


def is_preview_step(step: int, of: int) -> bool:
    """Whether to show this step: at most six a pass, and not the last, which the picture itself follows."""
    every = math.ceil(of / (PREVIEWS_A_PASS + 1))
    return step % every == 0 and step < of


def follow_denoised(scheduler: Any) -> Callable[[], torch.Tensor | None]:
    """Have a sampler remember its guess at the finished latents; return what recalls the latest.

    Latents in the middle of a run are mostly noise, but each step passes through a guess at where the run will
    end, and that guess is what is worth looking at. The sampler is used for one pass and then dropped.
    """
    original = scheduler.step
    latest: list[torch.Tensor] = []

    # `wraps` also hands on the signature, from which pipelines read which arguments a sampler takes.
    @functools.wraps(original)
    def step(model_output: torch.Tensor, timestep: Any, sample: torch.Tensor, *args: Any, **kwargs: Any) -> Any:
        kwargs["return_dict"] = True
        output = original(model_output, timestep, sample, *args, **kwargs)
        latest[:] = [_denoised(scheduler, output, model_output, sample)]
        return (output.prev_sample,)

    scheduler.step = step
    return lambda: latest[0] if latest else None


def _denoised(scheduler: Any, output: Any, model_output: torch.Tensor, sample: torch.Tensor) -> Any:
    """Return the guess at the finished latents that is behind a step."""
    for name in ("pred_original_sample", "denoised"):
        guess = getattr(output, name, None)
        if guess is not None:
            return guess
    outputs = getattr(scheduler, "model_outputs", None)
    if outputs:
        # Multistep solvers keep their last guesses, the newest at the end.
        return outputs[-1]
    if hasattr(scheduler, "index_for_timestep") and scheduler.step_index is not None:
        # Flow matching: sample = (1 - sigma) × image + sigma × noise, and the model predicts noise - image.
        return sample - scheduler.sigmas[scheduler.step_index - 1] * model_output
    return output.prev_sample


def _nothing() -> None:
    return None


def _as_they_are(latents: torch.Tensor) -> torch.Tensor:
    return latents
