"""What every run's settings have, whatever the task."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, ClassVar

from generation import catalog
from generation.catalog import Served
from generation.engine.options import Options
from generation.params.loras import LoraUse
from generation.params.sources import Picture


@dataclass(frozen=True, kw_only=True)
class Params:
    """Words and how to draw. `width` and `height`: what the model draws in, in pixels; `seed` None: draw one."""

    task: ClassVar[str]
    # What a request may hold, by its public name, and the type that JSON gives it.
    fields: ClassVar[dict[str, type]]

    prompt: str
    model: str
    width: int
    height: int
    num_images: int
    num_inference_steps: int
    guidance_scale: float
    scheduler: str
    negative_prompt: str = ""
    seed: int | None = None
    loras: tuple[LoraUse, ...] = ()

    def inputs(self) -> tuple[Picture, ...]:
        """What it begins from."""
        return ()

    @property
    def result_size(self) -> tuple[int, int]:
        """Width and height of a result."""
        return self.width, self.height

    @staticmethod
    def options_of(stored: Mapping[str, Any]) -> Options:
        """Return what the engine is told beside the usual settings; `stored` is what `as_dict` gave."""
        raise NotImplementedError

    def options(self) -> Options:
        """What the engine is told beside the usual settings."""
        return self.options_of(self.as_dict())

    def served(self) -> Served:
        """Who draws it. Raises: ModelUnknown, ModelUnavailable."""
        return self._served

    @cached_property
    def _served(self) -> Served:
        return catalog.resolve(self.model)

    def as_dict(self) -> dict[str, Any]:
        """Everything, as stored on the run."""
        return self.stored()

    def stored(self) -> dict[str, Any]:
        """Every field; LoRAs only where there are any, so that a run without reads as runs always did."""
        values = asdict(self)
        del values["loras"]
        return {**values, "loras": [used.stored() for used in self.loras]} if self.loras else values

    def fingerprint(self) -> str:
        """A hash that is equal for equal requests."""
        return hashlib.sha256(json.dumps(self.as_dict(), sort_keys=True).encode()).hexdigest()

    def batch_key(self, served_by: str) -> str:
        """Runs with equal keys differ in prompts, seeds and pictures only, so they can share a pass."""
        facts = (
            self.task,
            served_by,
            self.width,
            self.height,
            self.num_inference_steps,
            self.guidance_scale,
            self.scheduler,
            *((self.options(),) if self.task != "text-to-image" else ()),
            *((lora.id, lora.sha256, lora.weight) for lora in self.loras),
        )
        return hashlib.sha256(repr(facts).encode()).hexdigest()

    def price_facts(self) -> list[int]:
        """What the price depends on beside the task and the model."""
        return [self.width, self.height, self.num_images, self.num_inference_steps]
