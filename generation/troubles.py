"""What a worker's failures come to: a code, whether trying again can help, and the sentence for the person.

What belongs here: the words, and the ladder of errors that drawing and training share. What does not: what follows
(`lifecycle`), and errors that only one of the two knows.
"""

import errno
import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace

from generation.engine.errors import EngineCrashed, EngineFailed, places_of

logger = logging.getLogger(__name__)

_DISK_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_BACK = "Your credits are back"
_DISK = f"The server's disk is full. {_BACK}; please try again later."

OF_PICTURES = {
    "model_missing": f"The model's files are not on this server. {_BACK}; choose another model.",
    "lora_gone": f"A model of your own that this uses was deleted meanwhile. {_BACK}; choose another.",
    "source_gone": f"A picture that this begins from was deleted meanwhile. {_BACK}; choose another.",
    "model_damaged": f"The model's files are damaged. {_BACK}; the operator has been told.",
    "out_of_memory": f"The picture is too large for this server's memory. {_BACK}; try a smaller size.",
    "disk_full": _DISK,
    "invalid": f"The model could not draw with these settings. {_BACK}.",
    "internal": f"Something went wrong while drawing. {_BACK}; please try again.",
    "crashed": f"The drawing stopped unexpectedly. {_BACK}; please try again.",
    "timeout": f"The drawing took too long. {_BACK}; try fewer pictures or steps.",
}
OF_TRAININGS = {
    "model_missing": f"The base model's files are not on this server. {_BACK}; choose another base.",
    "withdrawn": f"The base model was withdrawn. {_BACK}; choose another base.",
    "source_gone": f"A picture to learn from was deleted meanwhile. {_BACK}; check the pictures.",
    "model_damaged": f"The base model's files are damaged. {_BACK}; the operator has been told.",
    "out_of_memory": f"The training does not fit into this server's memory. {_BACK}; try another base.",
    "disk_full": _DISK,
    "not_learned": f"The training did not settle. {_BACK}; try again with clearer pictures.",
    "internal": f"Something went wrong while training. {_BACK}; please try again.",
    "crashed": f"The training stopped unexpectedly, several times. {_BACK}; please try again.",
    "timeout": f"The training got stuck, several times. {_BACK}; please try again.",
}


@dataclass(frozen=True)
class Trouble:
    """Why an attempt ended badly, and whether another may go better."""

    code: str
    is_retryable: bool
    # For operators: the error's kind and where it was raised.
    detail: str = ""

    def words(self, sentences: Mapping[str, str]) -> str:
        """Return what the person is told."""
        return sentences.get(self.code, sentences["internal"])


def unknown(error: Exception) -> Trouble:
    """Return what an error comes to of which nobody has thought."""
    return Trouble("internal", is_retryable=True, detail=places_of(error))


def trouble_of(error: EngineCrashed | EngineFailed | OSError, **facts: object) -> Trouble:
    """Return what an attempt's error comes to, and log it with these facts."""
    if isinstance(error, EngineCrashed):
        logger.warning("engine crashed", extra={"returncode": error.returncode, **facts})
        return Trouble("crashed", is_retryable=True, detail=str(error))
    if isinstance(error, EngineFailed):
        summary = error.message.splitlines()[-1:]
        logger.warning("engine failed", extra={"code": error.code, "detail": "".join(summary), **facts})
        return Trouble(error.code, is_retryable=error.retryable, detail=error.message)
    logger.error("worker cannot write", exc_info=error, extra=facts)
    trouble = unknown(error)
    return replace(trouble, code="disk_full") if error.errno in _DISK_FULL else trouble
