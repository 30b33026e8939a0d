"""A LoRA on a denoiser: put on, read out, taken off, written in diffusers' format."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from diffusers.training_utils import cast_training_params
from peft import LoraConfig
from peft.utils import get_peft_model_state_dict

from generation.inference.training_checkpoint import write_tensors

ADAPTER = "subject"
_ATTENTION = ("to_q", "to_k", "to_v", "to_out.0")
_CONVOLUTIONS = ("conv1", "conv2", "conv_shortcut", "proj_in", "proj_out", "ff.net.0.proj", "ff.net.2")
_LAYERS = {"attention": _ATTENTION, "all": (*_ATTENTION, *_CONVOLUTIONS)}


@contextmanager
def adapted(unet: Any, *, rank: int, layers: str, seed: int) -> Iterator[dict[str, torch.nn.Parameter]]:
    """Put a LoRA on a denoiser that changes nothing yet, and yield its weights by name; it is taken off in the end."""
    torch.manual_seed(seed)  # the first values of the LoRA are drawn from torch's own generator
    config = LoraConfig(r=rank, lora_alpha=rank, init_lora_weights="gaussian", target_modules=list(_LAYERS[layers]))
    unet.add_adapter(config, adapter_name=ADAPTER)
    try:
        # Small steps are lost in half precision.
        cast_training_params(unet, dtype=torch.float32)
        yield {name: weight for name, weight in unet.named_parameters() if weight.requires_grad}
    finally:
        unet.unload_lora()


def write_lora(unet: Any, path: Path, dtype: torch.dtype) -> None:
    """Write the LoRA that is on a denoiser, as `load_lora_weights` reads it. Raises: OSError."""
    layers = get_peft_model_state_dict(unet, adapter_name=ADAPTER)
    tensors = {f"unet.{name}": tensor.detach().to("cpu", dtype) for name, tensor in layers.items()}
    write_tensors(path, tensors, {"format": "pt"})
