"""What can go wrong with a run, as facts. Translated once at the edge: a form's error, a problem document."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext


@dataclass(frozen=True)
class FieldError:
    """One refused field: which, what value came, and what would have been right; `code` says so to a program."""

    field: str
    message: str
    code: str = "invalid_value"
    # Where something can be done about it, as a path of the site; empty: nowhere else.
    link: str = ""


class GenerationError(Exception):
    """Base of this app's errors."""


class InvalidParams(GenerationError):
    """One or more fields are out of bounds. Nothing was priced, nothing was charged."""

    def __init__(self, errors: list[FieldError]) -> None:
        self.errors = errors
        super().__init__("; ".join(f"{error.field}: {error.message}" for error in errors))


class ContentRefused(InvalidParams):
    """The policy does not allow these words or this picture. Nothing was charged; `link` leads to the appeal."""


class TaskOff(InvalidParams):
    """An operator has turned off what was asked for. Nothing was charged."""


class ModelUnknown(GenerationError):
    """No model has this name."""

    code = "unknown_model"

    def __init__(self, slug: str, nearest: str | None) -> None:
        self.slug, self.nearest = slug, nearest
        hint = (
            gettext("Did you mean “%(nearest)s”?") % {"nearest": nearest}
            if nearest
            else gettext("See the list of models.")
        )
        super().__init__(gettext("There is no model “%(value)s”. %(hint)s") % {"value": slug[:64], "hint": hint})


class ModelUnavailable(GenerationError):
    """The model is in the catalogue, but its files are not on this installation, or an operator has turned it off."""

    code = "model_unavailable"

    def __init__(self, slug: str, name: str, reason: str = "") -> None:
        self.slug = slug
        not_here = gettext("%(name)s is not installed here. Choose another model.") % {"name": name}
        is_off = gettext("%(name)s is off for now: %(reason)s Choose another model.") % {"name": name, "reason": reason}
        super().__init__(is_off if reason else not_here)


class PictureRefused(GenerationError):
    """A file that cannot be taken in as a picture; `code` says why to a program, the message what to do."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


class LoraRefused(GenerationError):
    """A file that cannot be taken in as a LoRA; `code` says why to a program, the message what to do."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


class CustomModelRefused(GenerationError):
    """What a person asked of a model of theirs cannot be done: `field` is where it stands, the message what to do."""

    def __init__(self, field: str, message: str) -> None:
        self.field = field
        super().__init__(message)


class CustomModelGone(GenerationError):
    """A model was deleted, or is in another state, while something was on its way to it."""

    def __init__(self) -> None:
        super().__init__(gettext("This model was deleted or changed meanwhile."))


class SourceGone(GenerationError):
    """A picture to begin from was deleted while the request was on its way."""

    def __init__(self) -> None:
        super().__init__(gettext("A picture that this begins from was deleted meanwhile. Choose another."))


class LoraGone(GenerationError):
    """A model of somebody's own was deleted while a request that uses it was on its way."""

    def __init__(self) -> None:
        super().__init__(gettext("A model of your own that this uses was deleted meanwhile. Choose another."))


class QueueFull(GenerationError):
    """The person already has as many runs waiting as are allowed."""

    def __init__(self, waiting: int, limit: int) -> None:
        self.waiting, self.limit = waiting, limit
        noun = "run" if waiting == 1 else "runs"
        super().__init__(
            gettext(
                "You have %(waiting)s %(noun)s waiting; %(limit)s can wait at a time. Try again when one has started."
            )
            % {"waiting": waiting, "noun": noun, "limit": limit}
        )


class SpendCapReached(GenerationError):
    """The key would spend more than its owner lets it spend in a day or a month. Nothing was charged."""

    def __init__(self, period: str, required: int, left: int, cap: int, resets_at: datetime) -> None:
        self.period, self.required, self.left, self.cap, self.resets_at = period, required, left, cap, resets_at
        super().__init__(
            gettext(
                "This costs %(required)s credits, and this key has %(left)s left of the %(cap)s that "
                "it may spend a %(period)s. It goes on at %(resets_at)s UTC; raise the limit under "
                "Settings, API keys."
            )
            % {
                "required": f"{required:,}",
                "left": f"{left:,}",
                "cap": f"{cap:,}",
                "period": period,
                "resets_at": f"{resets_at:%d %B %Y, %H:%M}",
            }
        )


class NotRefundable(GenerationError):
    """More than a run was charged, or what was given back already. Nothing has moved."""

    def __init__(self, credits: int, most: int) -> None:
        self.credits, self.most = credits, most
        words = gettext("%(credits)s credits cannot be given back; of this run %(most)s can.")
        super().__init__(words % {"credits": credits, "most": most})


class JobEnded(GenerationError):
    """The attempt no longer owns its job: it was canceled, or another worker took over. Its result is thrown away."""

    def __init__(self, job_id: object, attempt: int) -> None:
        self.job_id, self.attempt = job_id, attempt
        super().__init__(
            gettext("attempt %(attempt)s no longer owns job %(job_id)s") % {"attempt": attempt, "job_id": job_id}
        )


class WritingFailed(GenerationError):
    """A language model gave no words; what it said instead is in nobody's interest."""

    def __str__(self) -> str:
        return gettext(
            "The model that writes could not be reached, or gave no answer. Nothing was changed; try again later."
        )


class SignatureDoesNotFit(GenerationError):
    """A certificate was not signed here, or was changed afterwards."""


class AddressRefused(GenerationError):
    """An address that this server does not connect to. The message says what to change."""


class ImageNotFetched(GenerationError):
    """A picture that was named by its address could not be had from there. The message says what to change."""


class NotTidied(GenerationError):
    """Some steps of a tidying failed, each logged; the others were taken."""

    def __init__(self, steps: list[str]) -> None:
        self.steps = steps
        super().__init__(", ".join(steps))


class TooManyEndpoints(GenerationError):
    """The account has as many webhook endpoints as are allowed."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        super().__init__(
            gettext("You have %(limit)s webhook endpoints, which is the most. Delete one first.") % {"limit": limit}
        )


class EndpointOff(GenerationError):
    """Nothing is sent to an endpoint that is switched off."""

    def __init__(self) -> None:
        super().__init__(gettext("This endpoint is switched off. Switch it on first."))


class SecretUnreadable(GenerationError):
    """A secret was encrypted with a key that is not among ours any more."""

    def __init__(self) -> None:
        super().__init__(
            gettext("This secret can be read no more: its key is not in SEALING_KEYS or SECRET_KEY. Make another.")
        )


class ReproductionRefused(GenerationError):
    """A picture can't be drawn again to compare. The message says why."""
