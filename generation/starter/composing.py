"""Compose pictures of two things: each half of the latents follows a caption of its own, with a soft seam between.

What the UNet predicts for a pair is a blend: of the pair's own prediction, which keeps the picture one, and in each
half of that for two of the thing which stands there. Two of a kind stand where the things of a pair stand, and the
model draws them better. All other pictures, and what guidance leads away from, are predicted as ever.
Source: Bar-Tal et al., MultiDiffusion: Fusing Diffusion Paths for Controlled Image Generation (2023).

What belongs here: the captions of the halves, and the blend. What does not: which prompts are pairs (``pairs``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from diffusers import UNet2DConditionModel

from generation.starter.pairs import read_pair

# What the halves are called among the arguments that pipelines hand on to the UNet.
_NAME = "halves"
# How much of the pair's own prediction stays. Tried with 0, 0.25, 0.4 and 0.5, on other pairs than those of `evaluate`.
_WHOLE_SHARE = 0.4
# How steeply one half goes over into the other: within a fifteenth of the width it goes from a quarter to three.
_SEAM = 1 / 32


@dataclass(frozen=True)
class Halves:
    """Which of a batch's pictures are of a pair, and the embeddings of their halves.

    places: (pairs,), among the ``batch`` pictures. left, right: (pairs, tokens, width).
    """

    batch: int
    places: torch.Tensor
    left: torch.Tensor
    right: torch.Tensor


class ComposingUNet(UNet2DConditionModel):
    """The UNet as it is, to which ``cross_attention_kwargs`` can say ``halves``."""

    def forward(
        self,
        sample: torch.Tensor,
        timestep: Any,
        encoder_hidden_states: torch.Tensor,
        *arguments: Any,
        cross_attention_kwargs: dict[str, Any] | None = None,
        **options: Any,
    ) -> Any:
        """Predict; with halves a tuple, the last ``batch`` rows being those with words, as pipelines lay them out."""
        further = dict(cross_attention_kwargs or {})
        halves: Halves | None = further.pop(_NAME, None)
        options["cross_attention_kwargs"] = further or None
        if halves is None:
            return super().forward(sample, timestep, encoder_hidden_states, *arguments, **options)
        rows = halves.places + len(sample) - halves.batch
        pairs = sample[rows]
        words = torch.cat([encoder_hidden_states, halves.left, halves.right])
        options["return_dict"] = False
        (predicted,) = super().forward(torch.cat([sample, pairs, pairs]), timestep, words, *arguments, **options)
        plain, left, right = predicted.split([len(sample), len(rows), len(rows)])
        composed = torch.lerp(left, right, _share_of_right(sample))
        return (plain.index_copy(0, rows, torch.lerp(composed, plain[rows], _WHOLE_SHARE)),)


def compose(pipeline: Any, prompts: Sequence[str]) -> dict[str, Any]:
    """Return the arguments that have a pipeline of the starter compose the pairs among prompts; none without a pair."""
    pairs = {place: pair for place, prompt in enumerate(prompts) if (pair := read_pair(prompt)) is not None}
    if not pairs:
        return {}
    device = pipeline._execution_device
    left, right = (
        pipeline.encode_prompt(captions, device, 1, do_classifier_free_guidance=False)[0]
        for captions in ([pair.left for pair in pairs.values()], [pair.right for pair in pairs.values()])
    )
    halves = Halves(len(prompts), torch.tensor(list(pairs), device=device), left, right)
    return {"cross_attention_kwargs": {_NAME: halves}}


def _share_of_right(sample: torch.Tensor) -> torch.Tensor:
    """Return how much the right half's prediction counts in each column of latents: (width,), 0 to 1."""
    width = sample.shape[-1]
    across = (torch.arange(width, device=sample.device, dtype=torch.float32) + 0.5) / width - 0.5
    return torch.sigmoid(across / _SEAM).to(sample.dtype)
