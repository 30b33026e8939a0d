"""Draw from words alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext

from accounts.models import User
from generation.catalog import CatalogModel
from generation.engine.options import TextToImageOptions
from generation.errors import InvalidParams
from generation.params.base import Params
from generation.params.reader import Reader

# Of every task that draws from words; sizes are a pair of sides here, forms also send them as one word.
WORD_FIELDS: dict[str, type] = {
    "prompt": str,
    "negative_prompt": str,
    "model": str,
}
DRAWING_FIELDS: dict[str, type] = {
    "num_images": int,
    "steps": int,
    "guidance_scale": float,
    "scheduler": str,
    "seed": int,
    "loras": list,
}


@dataclass(frozen=True, kw_only=True)
class TextToImageParams(Params):
    """A prompt and how to draw it."""

    task = "text-to-image"
    fields = {**WORD_FIELDS, "width": int, "height": int, **DRAWING_FIELDS}

    @staticmethod
    def options_of(stored: Mapping[str, Any]) -> TextToImageOptions:  # noqa: ARG004 (it has none)
        """Return nothing but the type."""
        return TextToImageOptions()


def defaults(model: CatalogModel, slug: str | None = None) -> dict[str, Any]:
    """Return what the form shows before anything was changed."""
    return {
        "prompt": "",
        "negative_prompt": "",
        "model": slug or model.slug,
        "size": model.default_size.value,
        "num_images": 4,
        "steps": model.default_steps,
        "guidance_scale": model.default_guidance,
        "scheduler": model.schedulers[0],
        "seed": "",
    }


def parse_text_to_image(
    values: Mapping[str, Any], user: User | None = None, *, require_prompt: bool = True
) -> TextToImageParams:
    """Read a text-to-image request of this person's; without one, none that names models of one's own.

    `values` uses the public names: `steps` for `num_inference_steps`, and either `size` ("512x512") or
    `width` and `height`. Fields that are absent take the model's defaults. With `require_prompt=False` an
    empty prompt passes, so that a price can be shown before anything was typed.

    Raises: InvalidParams with one error a refused field.
    """
    reader = Reader(values, user)
    served = reader.model(TextToImageParams.task)
    if served is None:
        raise InvalidParams(reader.errors)
    model = served.model
    width, height = reader.size(model)
    params = TextToImageParams(
        prompt=reader.text("prompt", gettext("the prompt"), required=require_prompt),
        negative_prompt=reader.negative_prompt(model),
        model=served.slug,
        width=width,
        height=height,
        **reader.drawing(model),
    )
    if reader.errors:
        raise InvalidParams(reader.errors)
    vars(params)["_served"] = served  # looked up just now; nobody need ask the database again
    return params
