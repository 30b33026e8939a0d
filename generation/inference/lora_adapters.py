"""LoRAs on a warm model: read once, kept beside its weights, and switched from pass to pass without loading it anew.

What belongs here: from a checked file to an adapter that counts or does not. What does not: whether a stranger's
file may be taken at all (`generation.lora_files`, before anything is drawn).
"""

from __future__ import annotations

import hashlib
import logging
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from safetensors import SafetensorError

from generation.engine.protocol import Lora
from generation.inference import device as devices
from generation.inference.errors import ModelDamaged, ModelMissing, OutOfMemory

logger = logging.getLogger(__name__)

# Kept beside a model; what was used longest ago leaves first.
KEPT_MAX = 8
KEPT_BYTES_MAX = 1 << 30
_LOAD_ERRORS = (SafetensorError, ValueError, LookupError, TypeError, AttributeError, RuntimeError, MemoryError)
# The parts of a pipeline that a LoRA can change.
_PARTS = ("unet", "transformer", "text_encoder", "text_encoder_2")


class LoraAdapters:
    """The LoRAs of one pipeline, and those of its relatives that share its parts."""

    def __init__(self, pipeline: Any) -> None:
        self._pipeline = pipeline
        self._kept: OrderedDict[str, int] = OrderedDict()
        self._in_use: tuple[tuple[str, float], ...] = ()
        # How often a file was read.
        self.loads = 0

    @property
    def kept(self) -> tuple[str, ...]:
        """The checksums of the LoRAs at hand, the one used longest ago first."""
        return tuple(self._kept)

    @property
    def is_in_use(self) -> bool:
        """Whether any counts now."""
        return bool(self._in_use)

    def use(self, loras: Sequence[Lora]) -> None:
        """Let these LoRAs, and no others, count from now on; without any the model is as it was loaded.

        Raises: ModelMissing, ModelDamaged where a file is not the one that was checked, or does not fit; OutOfMemory.
        """
        wanted = tuple((lora.sha256, lora.weight) for lora in loras)
        if wanted == self._in_use:
            return
        self._in_use = ()
        for lora in loras:
            self._bring(lora)
        self._evict(keep={lora.sha256 for lora in loras})
        if self._kept:
            self._switch(wanted)
        self._in_use = wanted

    def _bring(self, lora: Lora) -> None:
        if lora.sha256 in self._kept:
            self._kept.move_to_end(lora.sha256)
            return
        path = Path(lora.path)
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            raise ModelMissing(path) from None
        # Of the very bytes that are read: the file could be another one a moment later.
        found = hashlib.sha256(content).hexdigest()
        if found != lora.sha256:
            raise ModelDamaged(path, f"has the sha256 {found}; expected the sha256 {lora.sha256}")
        self._load(path, lora.sha256, content)
        self._kept[lora.sha256] = len(content)
        self.loads += 1

    def _load(self, path: Path, sha256: str, content: bytes) -> None:
        """Put the adapter beside the weights; one that does not fit leaves nothing behind."""
        try:
            self._pipeline.load_lora_weights(safetensors.torch.load(content), adapter_name=_name(sha256))
            if _name(sha256) not in {name for names in self._pipeline.get_list_adapters().values() for name in names}:
                raise ValueError("nothing in it fits the model")
        except _LOAD_ERRORS as error:
            self._clear()
            if not devices.is_out_of_memory(error):
                logger.exception("LoRA %s does not fit", path)
                raise ModelDamaged(
                    path, f"{type(error).__name__}: {(str(error).splitlines() or [''])[0][:200]}"
                ) from error
        else:
            for part in self._parts():
                part.requires_grad_(False)
            return
        # Outside of the handler: the error's traceback holds the tensors that have to go.
        raise OutOfMemory("the LoRA does not fit into memory")

    def _switch(self, wanted: tuple[tuple[str, float], ...]) -> None:
        if not wanted:
            self._pipeline.disable_lora()
            return
        self._pipeline.enable_lora()
        self._pipeline.set_adapters([_name(sha256) for sha256, _ in wanted], [weight for _, weight in wanted])

    def _evict(self, keep: set[str]) -> None:
        idle = [sha256 for sha256 in self._kept if sha256 not in keep]
        while idle and (len(self._kept) > KEPT_MAX or sum(self._kept.values()) > KEPT_BYTES_MAX):
            sha256 = idle.pop(0)
            self._pipeline.delete_adapters(_name(sha256))
            del self._kept[sha256]

    def _clear(self) -> None:
        """Bring the model back to what it was loaded as."""
        self._pipeline.unload_lora_weights()
        self._kept.clear()

    def _parts(self) -> list[torch.nn.Module]:
        return [part for name in _PARTS if (part := getattr(self._pipeline, name, None)) is not None]


def _name(sha256: str) -> str:
    return f"lora-{sha256[:16]}"
