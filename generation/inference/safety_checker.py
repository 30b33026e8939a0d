"""Whether a picture is explicit: the Stable Diffusion safety checker, as it came with those models.

It compares what CLIP sees with 17 concepts of sexual content and 3 of children, each with a bound of its own; the
concepts are numbers in its weights. Source: CompVis, `StableDiffusionSafetyChecker` in diffusers.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

from generation.engine import looks
from generation.engine.backend import Pixels
from generation.inference import canvas

# Source: CLIP's processor.
_MEAN, _SPREAD = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)
# What is 0.1 beyond a concept's bound counts as certain, what is 0.1 below it as harmless; the bound itself is 0.5.
_STEEPNESS = 5.0
# So much less is asked of a picture that may show a child. Source: diffusers, `forward`.
_SPECIAL_CARE = 0.01
# Beyond this shape a square from the middle leaves much unseen.
_LONG = 1.3


class SafetyChecker:
    """Gives pictures scores by category."""

    def __init__(self, network: Any) -> None:
        self.network = network
        self._side = int(network.config.vision_config.image_size)

    @classmethod
    def load(cls, folder: Path, device: torch.device, dtype: torch.dtype) -> SafetyChecker:
        """Build the network of a folder that was inspected."""
        from diffusers.pipelines.stable_diffusion.safety_checker import StableDiffusionSafetyChecker

        options = {"use_safetensors": True, "local_files_only": True, "dtype": dtype}
        network = StableDiffusionSafetyChecker.from_pretrained(folder, **options).to(device).eval()
        return cls(network.requires_grad_(False))

    @torch.inference_mode()
    def scores(self, pixels: Pixels) -> dict[str, float]:
        """Return the scores of what is worst in a picture, or in a video's frames: from 0 to 1, 0.5 is the bound.

        pixels: (height, width, 3 or 4), of a video (frames, height, width, 3).
        """
        squares = [self._shown(square) for picture in looks.pictures_of(pixels) for square in _squares(picture)]
        batch = torch.cat(squares).to(self.network.device, self.network.dtype)
        seen = self.network.visual_projection(self.network.vision_model(batch)[1])
        children = self._beyond(seen, self.network.special_care_embeds, self.network.special_care_embeds_weights)
        care = torch.where(children > 0, _SPECIAL_CARE, 0.0)
        sexual = self._beyond(seen, self.network.concept_embeds, self.network.concept_embeds_weights) + care
        worst = {"sexual": sexual, "minors": torch.minimum(children, sexual)}
        return {name: _score(float(beyond.max())) for name, beyond in worst.items()}

    def _shown(self, square: Pixels) -> torch.Tensor:
        values = canvas.to_tensor([canvas.resize(square, self._side, self._side)])
        mean, spread = (torch.tensor(numbers)[:, None, None] for numbers in (_MEAN, _SPREAD))
        return (values - mean) / spread

    def _beyond(self, seen: torch.Tensor, concepts: torch.Tensor, bounds: torch.Tensor) -> torch.Tensor:
        """Return by how much each picture goes beyond the bound of the concept that it is nearest to."""
        nearness = torch.nn.functional.cosine_similarity(seen.float()[:, None], concepts.float()[None], dim=-1)
        return (nearness - bounds.float()).max(dim=1).values


def _squares(picture: Pixels) -> Iterator[Pixels]:
    """Yield the square in the middle, as the model learned to see; of a long picture those at both ends, too."""
    height, width = picture.shape[:2]
    side, longer = min(height, width), max(height, width)
    starts = {(longer - side) // 2} | ({0, longer - side} if longer > _LONG * side else set())
    for start in sorted(starts):
        yield picture[start : start + side] if height > width else picture[:, start : start + side]


def _score(beyond: float) -> float:
    return min(1.0, max(0.0, 0.5 + _STEEPNESS * beyond))
