"""Have the part of a model that runs at every step compiled, where the operator wants that (`ENGINE_COMPILE`).

What belongs here: what is compiled, when it counts, and what happens when it cannot be done. What does not: weights.
The first picture of a size takes seconds (`blocks`) to minutes (`whole`) longer; a compiler that fails costs speed and
no picture.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch._dynamo.exc import TorchDynamoException

from generation.engine.protocol import ModelSpec
from generation.inference import device as devices
from generation.inference.loading import LoadedModel

logger = logging.getLogger(__name__)

# Nothing; each of the blocks that a denoiser is made of, one for all that are alike; the denoiser as one.
WAYS = ("", "blocks", "whole")
_DENOISERS = ("unet", "transformer")


class Compiling:
    """What of this process's models is compiled."""

    def __init__(self, way: str = "", compiler: Any = "inductor") -> None:
        """`compiler` is one of torch's backends: a name, or what it calls with a graph."""
        if way not in WAYS:
            raise ValueError(f"compile {way!r}: one of {WAYS}")
        self._way = way
        self._compiler = compiler
        self._given_up: set[ModelSpec] = set()

    @property
    def versions(self) -> dict[str, str]:
        """What a picture's manifest says of it: nothing where nothing is compiled."""
        return {"compiled": f"{self._way}, {self._compiler}"} if self._way else {}

    def prepare(self, model: LoadedModel) -> None:
        """Mark a model that was just loaded; it is compiled when it first draws, and again for other sizes."""
        for denoiser in _denoisers(model.pipeline):
            if self._way == "whole":
                denoiser.compile(backend=self._compiler)
            elif self._way == "blocks":
                denoiser.compile_repeated_blocks(backend=self._compiler)

    @contextmanager
    def used_for(self, model: LoadedModel) -> Iterator[None]:
        """Let what is compiled count, but not beside LoRAs: each other one would have all compiled anew."""
        if not self._way or (model.spec not in self._given_up and not model.adapters.kept):
            yield
            return
        with torch.compiler.set_stance("force_eager"):
            yield

    def gives_up(self, spec: ModelSpec, error: BaseException) -> bool:
        """Whether an error is the compiler's alone: then the model goes on as it was loaded, and may be tried again."""
        is_its_own = isinstance(error, TorchDynamoException) and not devices.is_out_of_memory(error)
        if not is_its_own or spec in self._given_up:
            return False
        logger.error("model %s cannot be compiled, is drawn without", spec.slug, exc_info=error)
        self._given_up.add(spec)
        return True


def _denoisers(pipeline: Any) -> list[Any]:
    return [part for name in _DENOISERS if (part := getattr(pipeline, name, None)) is not None]
