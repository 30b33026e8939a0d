"""What a worker's failures come to: a code, whether trying again can help, and the sentence for the person.

What belongs here: the words, and the ladder of errors that drawing and training share. What does not: what follows
(`lifecycle`), and errors that only one of the two knows.
"""

import errno
import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.utils.translation import gettext_noop as _

from generation.engine.errors import EngineCrashed, EngineFailed, places_of

logger = logging.getLogger(__name__)

_DISK_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_DISK = _("The server's disk is full. Your credits are back; please try again later.")

OF_PICTURES = {
    "model_missing": _("The model's files are not on this server. Your credits are back; choose another model."),
    "lora_gone": _("A model of your own that this uses was deleted meanwhile. Your credits are back; choose another."),
    "source_gone": _("A picture that this begins from was deleted meanwhile. Your credits are back; choose another."),
    "model_damaged": _("The model's files are damaged. Your credits are back; the operator has been told."),
    "out_of_memory": _("The picture is too large for this server's memory. Your credits are back; try a smaller size."),
    "disk_full": _DISK,
    "invalid": _("The model could not draw with these settings. Your credits are back."),
    "internal": _("Something went wrong while drawing. Your credits are back; please try again."),
    "crashed": _("The drawing stopped unexpectedly. Your credits are back; please try again."),
    "timeout": _("The drawing took too long. Your credits are back; try fewer pictures or steps."),
}
OF_TRAININGS = {
    "model_missing": _("The base model's files are not on this server. Your credits are back; choose another base."),
    "withdrawn": _("The base model was withdrawn. Your credits are back; choose another base."),
    "source_gone": _("A picture to learn from was deleted meanwhile. Your credits are back; check the pictures."),
    "model_damaged": _("The base model's files are damaged. Your credits are back; the operator has been told."),
    "out_of_memory": _("The training does not fit into this server's memory. Your credits are back; try another base."),
    "disk_full": _DISK,
    "not_learned": _("The training did not settle. Your credits are back; try again with clearer pictures."),
    "internal": _("Something went wrong while training. Your credits are back; please try again."),
    "crashed": _("The training stopped unexpectedly, several times. Your credits are back; please try again."),
    "timeout": _("The training got stuck, several times. Your credits are back; please try again."),
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
