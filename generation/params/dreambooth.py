"""Train a model of one's own: a run that has no settings of a picture, but a base and a seed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from generation.engine.options import Options
from generation.params.base import Params
from generation.task_names import TRAINING


@dataclass(frozen=True, kw_only=True)
class DreamBoothParams(Params):
    """`width` and `height` are the resolution, `num_inference_steps` the steps of the training."""

    task = TRAINING
    fields = {}

    @staticmethod
    def options_of(stored: Mapping[str, Any]) -> Options:
        """Raise: an engine that draws is never asked for this."""
        raise NotImplementedError

    def batch_key(self, served_by: str) -> str:
        """Return a key of trainings; each runs alone."""
        return f"{self.task}:{served_by}"
