"""What a run costs, in credits. Pure: the same function prices the form, the hold and the API.

credits per image = max(1, ceil(model weight × task weight × area / default area × steps / default steps)), for an
upscaled picture times the pixels that each of its own becomes, over four; in exact arithmetic, so that a model's
defaults cost exactly one credit an image (times its weight). A video costs model weight × 12, and more only where it
is longer than the model's own length: the size is the model's choice.
"""

import math
from dataclasses import dataclass, replace
from fractions import Fraction

from django.utils.translation import gettext, gettext_noop

from generation.engine.options import UpscaleOptions
from generation.params import Params
from generation.params.image_to_video import ImageToVideoParams
from generation.task_names import name_of

# Raised whenever a rule changes; a run keeps the version it was priced by.
VERSION = 1

TASK_WEIGHTS: dict[str, Fraction] = {
    "text-to-image": Fraction(1),
    "image-to-image": Fraction(1),
    "variations": Fraction(1),
    "inpaint": Fraction(1),
    "outpaint": Fraction(1),
    "blend": Fraction(1),
    "remove-background": Fraction(1),
    # The subject is cut out first, then a scene is drawn.
    "replace-background": Fraction(2),
    "upscale": Fraction(1),
    # Three guidances a step instead of two; a second network at every step.
    "instruct": Fraction(3, 2),
    "controlnet": Fraction(3, 2),
    # Dozens of frames, of the model's own length.
    "image-to-video": Fraction(12),
}


# A model of one's own, whatever its base: set aside at the start, given back unless there is a model in the end.
TRAINING_CREDITS = 2000


@dataclass(frozen=True)
class Term:
    """One factor of the price and the words for it."""

    name: str
    factor: Fraction
    detail: str


@dataclass(frozen=True)
class Quote:
    """A price, itemised. `credits` is what is set aside when the run is sent."""

    credits_per_image: int
    num_images: int
    terms: tuple[Term, ...]
    version: int = VERSION
    # What one of them is called.
    noun: str = "picture"

    @property
    def credits(self) -> int:
        """The price of the whole run."""
        return self.num_images * self.credits_per_image

    @property
    def notable_terms(self) -> tuple[Term, ...]:
        """The factors that move the price away from one credit an image."""
        return tuple(term for term in self.terms if term.factor != 1)


def quote(params: Params) -> Quote:
    """Price a request. Raises: ModelUnknown, ModelUnavailable."""
    model = params.served().model
    if isinstance(params, ImageToVideoParams):
        return replace(_total(params, _video_terms(params)), noun="video")
    area, usual_area = params.width * params.height, model.default_size.area
    terms = (
        Term(gettext_noop("Model"), model.price_weight, model.name),
        Term(gettext_noop("Tool"), TASK_WEIGHTS[params.task], name_of(params.task)),
        Term(gettext_noop("Size"), Fraction(area, usual_area), f"{params.width} × {params.height}"),
        Term(
            gettext_noop("Steps"),
            Fraction(params.num_inference_steps, model.default_steps),
            gettext("%(steps)s instead of %(usual)s")
            % {"steps": params.num_inference_steps, "usual": model.default_steps},
        ),
        *_own_terms(params),
    )
    return _total(params, terms)


def _total(params: Params, terms: tuple[Term, ...]) -> Quote:
    exact = math.prod((term.factor for term in terms), start=Fraction(1))
    return Quote(max(1, math.ceil(exact)), params.num_images, terms)


def _video_terms(params: ImageToVideoParams) -> tuple[Term, ...]:
    model = params.served().model
    assert model.video is not None  # who can do the task says how long its videos are
    usual = model.video.default_frames
    longer = max(Fraction(1), Fraction(params.frames, usual))
    return (
        Term(gettext_noop("Model"), model.price_weight, model.name),
        Term(gettext_noop("Tool"), TASK_WEIGHTS[params.task], name_of(params.task)),
        Term(
            gettext_noop("Length"),
            longer,
            gettext("%(frames)s frames; up to %(usual)s cost the same") % {"frames": params.frames, "usual": usual},
        ),
    )


def quote_training() -> Quote:
    """Price the training of a model."""
    return Quote(TRAINING_CREDITS, 1, ())


def _own_terms(params: Params) -> tuple[Term, ...]:
    """Return the factors that one task alone has."""
    options = params.options()
    if isinstance(options, UpscaleOptions):
        return (Term(gettext_noop("Factor"), Fraction(options.factor**2, 4), f"× {options.factor}"),)
    return ()
