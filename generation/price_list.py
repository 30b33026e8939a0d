"""What each tool and model costs at its own defaults, as a list to read: `pricing.py`'s rules, worked out."""

import math
from dataclasses import dataclass
from fractions import Fraction

from django.utils.translation import gettext

from generation import catalog
from generation.catalog import CatalogModel
from generation.engine.options import UPSCALE_FACTORS
from generation.params import TextToImageParams
from generation.pricing import TASK_WEIGHTS
from generation.task_names import VIDEO_TASK, name_of


@dataclass(frozen=True)
class Line:
    """One price. `detail`: what it is for, in a few words."""

    name: str
    detail: str
    credits: int
    noun: str = "picture"


def lines() -> list[Line]:
    """Return the prices of what is installed: each model's picture from words, then each tool with its usual model."""
    models = {served.model.slug: served.model for served in catalog.offered(TextToImageParams.task)}
    drawn = [_of_model(model) for model in models.values() if model.is_installed]
    return [*drawn, *(line for task in TASK_WEIGHTS if task != TextToImageParams.task for line in lines_of(task))]


def lines_of(task: str) -> list[Line]:
    """Return what a tool costs with its usual model, at each of its sizes; nothing where none is installed."""
    slug = catalog.default_for(task)
    model = catalog.MODELS.get(slug)
    if model is None or not model.is_installed or not catalog.can(model, task):
        return []
    usual = model.price_weight * TASK_WEIGHTS[task]
    if task == VIDEO_TASK:
        return [Line(name_of(task), gettext("of the model’s own length"), whole(usual), "video")]
    if task == "upscale":
        return [
            Line(name_of(task), _of_size(model, f"× {factor}"), whole(usual * factor**2 / 4))
            for factor in UPSCALE_FACTORS
        ]
    return [Line(name_of(task), _of_size(model) if task == "remove-background" else "", whole(usual))]


def whole(exact: Fraction) -> int:
    """Return a price in whole credits, one at least."""
    return max(1, math.ceil(exact))


def _of_model(model: CatalogModel) -> Line:
    size = model.default_size
    return Line(
        model.name,
        gettext("from text, %(width)s × %(height)s") % {"width": size.width, "height": size.height},
        whole(model.price_weight),
    )


def _of_size(model: CatalogModel, what: str = "") -> str:
    """Say for a picture of which size a price is, where people bring one of any size."""
    size = model.default_size
    words = gettext("of a picture of %(width)s × %(height)s") % {"width": size.width, "height": size.height}
    return f"{what} {words}".lstrip()
