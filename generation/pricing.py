"""What a run costs, in credits. Pure: the same function prices the form, the hold and the API.

credits per image = max(1, ceil(model weight × task weight × area / default area × steps / default steps)),
in exact arithmetic, so that a model's defaults cost exactly one credit an image (times its weight).
"""

import math
from dataclasses import dataclass
from fractions import Fraction

from generation.params import TextToImageParams

# Raised whenever a rule changes; a run keeps the version it was priced by.
VERSION = 1

TASK_WEIGHTS: dict[str, Fraction] = {"text-to-image": Fraction(1)}


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

    @property
    def credits(self) -> int:
        """The price of the whole run."""
        return self.num_images * self.credits_per_image

    @property
    def notable_terms(self) -> tuple[Term, ...]:
        """The factors that move the price away from one credit an image."""
        return tuple(term for term in self.terms if term.factor != 1)


def quote(params: TextToImageParams) -> Quote:
    """Price a request. Raises: ModelUnknown, ModelUnavailable."""
    model = params.served().model
    area, usual_area = params.width * params.height, model.default_size.area
    terms = (
        Term("Model", model.price_weight, model.name),
        Term("Tool", TASK_WEIGHTS[params.task], params.task),
        Term("Size", Fraction(area, usual_area), f"{params.width} × {params.height}"),
        Term(
            "Steps",
            Fraction(params.num_inference_steps, model.default_steps),
            f"{params.num_inference_steps} instead of {model.default_steps}",
        ),
    )
    exact = math.prod((term.factor for term in terms), start=Fraction(1))
    return Quote(max(1, math.ceil(exact)), params.num_images, terms)
