"""With how many bits networks multiply here."""

from __future__ import annotations

import torch


def has_bfloat16(device: torch.device) -> bool:
    """Whether a device multiplies bfloat16 itself; a CPU that does not takes far longer for it than for float32."""
    if device.type != "cpu":
        return True
    capabilities = torch.cpu.get_capabilities()
    return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))


def half_precision(device: torch.device) -> torch.autocast:
    """Return the context that a network's pass is made in: bfloat16 where it is quick, else float32."""
    return torch.autocast(device.type, torch.bfloat16, enabled=has_bfloat16(device))
