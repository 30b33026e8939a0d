"""Keep models warm, by bytes: what was used longest ago leaves first."""

from __future__ import annotations

import gc
import logging
import time
from collections import OrderedDict
from pathlib import Path

import torch

from generation.engine.families import DIFFUSION_FAMILIES
from generation.engine.protocol import Loaded, ModelSpec
from generation.inference import loading, tool_loading
from generation.inference.errors import OutOfMemory
from generation.inference.loading import LoadedModel
from generation.inference.tool_loading import LoadedTool
from generation.inference.weights import WeightFiles

logger = logging.getLogger(__name__)

# Name, bytes and time of change (ns) of each file with weights.
_Stamp = tuple[tuple[str, int, int], ...]


class PipelineCache:
    """Warm models on one device, at most `capacity_bytes` of weights, but always the one that is asked for."""

    def __init__(self, device: torch.device, capacity_bytes: int) -> None:
        self._device = device
        self._capacity_bytes = capacity_bytes
        self._models: OrderedDict[ModelSpec, LoadedModel | LoadedTool] = OrderedDict()
        self.model_loads = 0
        self._lora_loads_gone = 0
        # What each one's weights looked like on disk just before they were read.
        self._stamps: dict[ModelSpec, _Stamp] = {}

    @property
    def lora_loads(self) -> int:
        """How many LoRAs were read from disk so far, those of models that left included."""
        warm = (model for model in self._models.values() if isinstance(model, LoadedModel))
        return self._lora_loads_gone + sum(model.adapters.loads for model in warm)

    @property
    def resident(self) -> tuple[str, ...]:
        """The slugs of the models that are warm, the one used longest ago first."""
        return tuple(spec.slug for spec in self._models)

    @property
    def size_bytes(self) -> int:
        """What the warm models take."""
        return sum(model.size_bytes for model in self._models.values())

    def get(self, spec: ModelSpec) -> LoadedModel | LoadedTool:
        """Return a warm model or tool and count it as used. Raises: KeyError."""
        self._models.move_to_end(spec)
        return self._models[spec]

    def load(self, spec: ModelSpec) -> Loaded | None:
        """Make a model warm, and room for it first; None when it was warm already, with the weights that are on disk.

        Raises: ModelMissing, ModelDamaged, OutOfMemory.
        """
        stamp = _stamp_of(spec)
        if spec in self._models and self._stamps[spec] == stamp:
            return None
        started = time.monotonic()
        files, size_bytes = self._inspect(spec)
        if spec in self._models:
            logger.info("model %s has other weights, is loaded anew", spec.slug)
            self._drop(spec)
            self._give_back()
        self._evict(self._capacity_bytes - size_bytes)
        model: LoadedModel | LoadedTool | None
        try:
            model = self._build(spec, files)
        except OutOfMemory:
            if not self._models:
                raise
            model = None
        if model is None:
            self._evict(0)
            model = self._build(spec, files)
        self._models[spec], self._stamps[spec] = model, stamp
        self.model_loads += 1
        # A text encoder from a package was not among the folder's files.
        self._evict(self._capacity_bytes, keep=spec)
        return Loaded(spec.slug, round(time.monotonic() - started, 3), model.size_bytes, self.resident)

    def drop_others(self, spec: ModelSpec) -> bool:
        """Let every other model go and give free memory back; whether there was one."""
        others = len(self._models) > 1
        self._evict(0, keep=spec)
        if not others:
            self._give_back()
        return others

    def clear(self) -> None:
        """Let every model go and give all memory back."""
        self._evict(-1)

    def _inspect(self, spec: ModelSpec) -> tuple[WeightFiles | None, int]:
        if spec.family in DIFFUSION_FAMILIES:
            return loading.inspect(spec, self._device)
        return None, tool_loading.inspect(spec, self._device)

    def _build(self, spec: ModelSpec, files: WeightFiles | None) -> LoadedModel | LoadedTool:
        if files is None:
            return loading.load_tool(spec, self._device)
        return loading.load(spec, files, self._device)

    def _evict(self, allowed_bytes: int, keep: ModelSpec | None = None) -> None:
        """Let models go until the rest take at most `allowed_bytes`."""
        leaving = False
        for spec in [known for known in self._models if known != keep]:
            if self.size_bytes <= allowed_bytes:
                break
            logger.info("model %s leaves", spec.slug)
            self._drop(spec)
            leaving = True
        if leaving:
            self._give_back()

    def _drop(self, spec: ModelSpec) -> None:
        leaving_model = self._models.pop(spec)
        del self._stamps[spec]
        if isinstance(leaving_model, LoadedModel):
            self._lora_loads_gone += leaving_model.adapters.loads

    def _give_back(self) -> None:
        gc.collect()
        if self._device.type == "cuda":
            torch.cuda.empty_cache()


def _stamp_of(spec: ModelSpec) -> _Stamp:
    """Return what changes when a model's weights are replaced; empty for what is built in."""
    if not spec.folder:
        return ()
    found = ((path, path.stat()) for path in sorted(Path(spec.folder).rglob("*.safetensors")))
    return tuple((str(path), facts.st_size, facts.st_mtime_ns) for path, facts in found)
