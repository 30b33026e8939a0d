"""What can go wrong while a model is loaded or draws. Needs no torch, so that the engine's loop can name them.

`code` is the engine's word for it (`engine.protocol.FAILURE_CODES`); `retryable` says whether trying the
same request again can help.
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar


class InferenceError(Exception):
    """Base of what a model's folder, a request or the machine can do wrong."""

    code: ClassVar[str] = "internal"
    retryable: ClassVar[bool] = True


class ModelMissing(InferenceError):
    """There is no model in the folder."""

    code = "model_missing"
    retryable = False

    def __init__(self, path: Path) -> None:
        self.path = path
        super().__init__(f"there is no model at {path}")


class ModelDamaged(InferenceError):
    """A file of the model is missing, cut short, changed or of a kind that is not read."""

    code = "model_damaged"
    retryable = False

    def __init__(self, path: Path, reason: str) -> None:
        self.path, self.reason = path, reason
        super().__init__(f"{path}: {reason}")


class InvalidRequest(InferenceError):
    """A value that the model cannot take."""

    code = "invalid"
    retryable = False

    def __init__(self, field: str, value: object, bound: str) -> None:
        self.field, self.value, self.bound = field, value, bound
        super().__init__(f"{field}: {value} is not {bound}")


class OutOfMemory(InferenceError):
    """The pictures of one pass, or the model itself, do not fit into the device's memory."""

    code = "out_of_memory"


class NoPicture(InferenceError):
    """The model's output is not a number; half precision overflows so."""

    def __init__(self, slug: str) -> None:
        self.slug = slug
        super().__init__(f"{slug} produced values that are not numbers")


class PassCanceled(InferenceError):
    """Raised out of a step's callback: nobody wants the pictures of this pass any more."""

    code = "canceled"
    retryable = False


class NotLearned(InferenceError):
    """A training's loss is not a number any more; trying again would end the same way."""

    code = "not_learned"
    retryable = False

    def __init__(self, slug: str, step: int) -> None:
        self.slug, self.step = slug, step
        super().__init__(f"training {slug} diverged at step {step}")
