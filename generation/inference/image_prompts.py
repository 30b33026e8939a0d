"""Pictures as prompts: an IP-Adapter lets a model see what several pictures are of, beside or instead of words."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file

from generation.engine.backend import Pixels
from generation.inference import canvas

# Source: CLIPImageProcessor.
_MEAN, _SPREAD = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)
# How the parts are called in h94/IP-Adapter's files.
ADAPTER_PATTERN, ENCODER_PATTERN = "**/ip-adapter*.safetensors", "**/image_encoder"
_PARTS = ("image_proj", "ip_adapter")


class ImagePrompter:
    """An adapter and the encoder that it reads pictures with."""

    def __init__(self, encoder: Any, weights: dict[str, dict[str, torch.Tensor]]) -> None:
        self.encoder = encoder
        self.weights = weights

    @classmethod
    def load(cls, folder: Path, device: torch.device, dtype: torch.dtype) -> ImagePrompter:
        """Build the adapter of a folder that was inspected. Raises: ValueError for one of another kind."""
        from transformers import CLIPVisionModelWithProjection

        (path,), (encoder_folder,) = folder.glob(ADAPTER_PATTERN), folder.glob(ENCODER_PATTERN)
        found = load_file(path)
        weights = {
            part: {
                name.removeprefix(f"{part}."): value.to(device, dtype)
                for name, value in found.items()
                if name.startswith(f"{part}.")
            }
            for part in _PARTS
        }
        if "proj.weight" not in weights["image_proj"]:
            raise ValueError(f"{path.name} is not an IP-Adapter that reads a picture as a whole")
        options = {"use_safetensors": True, "local_files_only": True, "dtype": dtype}
        encoder = CLIPVisionModelWithProjection.from_pretrained(encoder_folder, **options).to(device).eval()
        return cls(encoder.requires_grad_(False), weights)

    @property
    def size_bytes(self) -> int:
        """What both take."""
        tensors = [tensor for part in self.weights.values() for tensor in part.values()]
        return sum(tensor.nbytes for tensor in (*tensors, *self.encoder.parameters(), *self.encoder.buffers()))

    @property
    def text_width(self) -> int:
        """How wide the words are of the models that it was made for."""
        return int(self.weights["image_proj"]["norm.weight"].shape[0])

    @torch.inference_mode()
    def mix(self, pictures: Sequence[Pixels], weights: Sequence[float]) -> torch.Tensor:
        """Return (1, width): what several pictures are of, by weights that are 1 together.

        As long as one picture's: a plain mean is shorter, and says less.
        """
        side = self.encoder.config.image_size
        values = canvas.to_tensor([canvas.cover(canvas.opaque(picture), side, side) for picture in pictures])
        mean, spread = (torch.tensor(numbers)[:, None, None] for numbers in (_MEAN, _SPREAD))
        shown = ((values - mean) / spread).to(self.encoder.device, self.encoder.dtype)
        # One by one: what a picture is of must not depend on what it is shown with.
        seen = torch.cat([self.encoder(each[None]).image_embeds for each in shown]).float()
        share = torch.tensor(weights, device=seen.device)[:, None]
        mixed = (seen * share).sum(dim=0, keepdim=True)
        length = (seen.norm(dim=1, keepdim=True) * share).sum()
        blended: torch.Tensor = torch.nn.functional.normalize(mixed) * length
        return blended

    def prompted(self, unet: Any) -> Any:
        """Return a copy of a denoiser that sees pictures too. The weights are shared, the denoiser stays as it was."""
        shared = {id(tensor): tensor for tensor in (*unet.parameters(), *unet.buffers())}
        other = copy.deepcopy(unet, shared)
        other._load_ip_adapter_weights([self.weights], low_cpu_mem_usage=False)
        return other.requires_grad_(False)
