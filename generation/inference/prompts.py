"""From prompts to what a pipeline takes: texts, or embeddings where words have weights or SDXL needs them.

What belongs here: everything about words that the tasks share. What does not: how weights are written
(`generation.word_weights`), and the drawing itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from generation.engine.protocol import ImageRequest
from generation.inference.errors import InvalidRequest
from generation.inference.loading import LoadedModel
from generation.word_weights import Part, parse

# FLUX was trained with prompts of 512 tokens, its distillate without guidance with 256.
FLUX_TOKENS, FLUX_DISTILLED_TOKENS = 512, 256

# Embeddings of texts that a model remembers: 0.1 MB each of Stable Diffusion's.
_REMEMBERED_MAX = 64

Parts = tuple[Part, ...]


def arguments(model: LoadedModel, images: Sequence[ImageRequest], guidance_scale: float) -> dict[str, Any]:
    """Return the pipeline's arguments that say what to draw: each picture gets what it would get alone.

    Where a model takes no weights, brackets are text like any other. Raises: InvalidRequest.
    """
    prompts, negative_prompts = [image.prompt for image in images], [image.negative_prompt for image in images]
    is_guided = guidance_scale > 1
    if model.is_flux:
        return _flux(model, prompts, negative_prompts)
    if not model.spec.takes_weights:
        return {**_texts(model, prompts, negative_prompts, is_guided), **_composed(model, prompts)}
    wanted, unwanted = [parse(text) for text in prompts], [parse(text) for text in negative_prompts]
    if model.spec.family == "stable-diffusion-xl":
        return _embed_xl(model.pipeline, wanted, unwanted, is_guided)
    if any(map(_is_weighted, (*wanted, *unwanted))):
        return _embed(model.pipeline, wanted, unwanted, is_guided)
    return _texts(model, [*map(_plain, wanted)], [*map(_plain, unwanted)], is_guided)


def _texts(model: LoadedModel, wanted: list[str], unwanted: list[str], is_guided: bool) -> dict[str, Any]:
    """Return texts as they are; what a picture is led away from, the same few words again and again, is embedded once.

    Each by itself, so that company changes nothing. A LoRA may change what words mean.
    """
    if not is_guided or model.adapters.is_in_use or not hasattr(model.pipeline, "encode_prompt"):  # pix2pix has none
        return {"prompt": wanted, "negative_prompt": unwanted}
    return {"prompt": wanted, "negative_prompt_embeds": torch.stack([_embedding(model, text) for text in unwanted])}


@torch.inference_mode()
def _embedding(model: LoadedModel, text: str) -> torch.Tensor:
    """Return a text's embedding, (tokens, width), remembered with the last few dozen."""
    known, pipeline = model.embeddings, model.pipeline
    if text not in known:
        if len(known) >= _REMEMBERED_MAX:
            known.clear()
        embedded, *_ = pipeline.encode_prompt(text, pipeline._execution_device, 1, do_classifier_free_guidance=False)
        known[text] = embedded[0]
    return known[text]


def _composed(model: LoadedModel, prompts: list[str]) -> dict[str, Any]:
    """Return what has prompts of two things drawn by halves, where a model can do so: the starter."""
    if not model.spec.text_encoder:
        return {}
    from generation.starter.composing import compose

    return compose(model.pipeline, prompts)


def _flux(model: LoadedModel, prompts: list[str], negative_prompts: list[str]) -> dict[str, Any]:
    if any(negative_prompts):
        raise InvalidRequest("negative_prompt", "a negative prompt", "taken by this model")
    has_guidance = model.pipeline.transformer.config.guidance_embeds
    return {"prompt": prompts, "max_sequence_length": FLUX_TOKENS if has_guidance else FLUX_DISTILLED_TOKENS}


@torch.inference_mode()
def _embed(pipeline: Any, wanted: list[Parts], unwanted: list[Parts], guided: bool) -> dict[str, Any]:
    """Embed words for Stable Diffusion. Embeddings: (batch, tokens, width)."""
    embeds, negative = pipeline.encode_prompt(
        [*map(_plain, wanted)],
        device=pipeline._execution_device,
        num_images_per_prompt=1,
        do_classifier_free_guidance=guided,
        negative_prompt=[*map(_plain, unwanted)],
    )
    return {
        "prompt_embeds": _weigh(pipeline, embeds, wanted),
        "negative_prompt_embeds": _weigh(pipeline, negative, unwanted) if guided else None,
    }


@torch.inference_mode()
def _embed_xl(pipeline: Any, wanted: list[Parts], unwanted: list[Parts], guided: bool) -> dict[str, Any]:
    """Embed words for SDXL, where no negative prompt means zeros, not the embedding of an empty text.

    The pipeline decides that for a batch as a whole; here each picture gets what it would get alone. The pooled
    embeddings, which say what the picture is as a whole, know no weights.
    """
    texts, negative_texts = [*map(_plain, wanted)], [*map(_plain, unwanted)]
    embeds, negative, pooled, negative_pooled = pipeline.encode_prompt(
        prompt=texts,
        negative_prompt=negative_texts,
        device=pipeline._execution_device,
        do_classifier_free_guidance=guided,
    )
    if guided:
        negative = _weigh(pipeline, negative, unwanted)
    if guided and pipeline.config.force_zeros_for_empty_prompt:
        empty = torch.tensor([text == "" for text in negative_texts], device=negative.device)
        negative = negative.masked_fill(empty[:, None, None], 0)
        negative_pooled = negative_pooled.masked_fill(empty[:, None], 0)
    return {
        "prompt_embeds": _weigh(pipeline, embeds, wanted),
        "negative_prompt_embeds": negative,
        "pooled_prompt_embeds": pooled,
        "negative_pooled_prompt_embeds": negative_pooled,
    }


def _weigh(pipeline: Any, embeds: torch.Tensor, prompts: Sequence[Parts]) -> torch.Tensor:
    """Return the embeddings with those of weighted prompts replaced by compel's; the others stay to the bit."""
    if not any(map(_is_weighted, prompts)):
        return embeds
    provider = _provider(pipeline)
    rows = list(embeds)
    for index, parts in enumerate(prompts):
        # One at a time: compel lays the prompts of a batch end to end instead of on top of each other.
        if _is_weighted(parts) and (heard := [part for part in parts if _is_heard(pipeline, part.text)]):
            texts, weights = [part.text for part in heard], [part.weight for part in heard]
            found = provider.get_embeddings_for_weighted_prompt_fragments([texts], [weights], device=embeds.device)
            rows[index] = found[0].to(embeds.dtype)
    return torch.stack(rows)


def _provider(pipeline: Any) -> Any:
    """Return compel's encoder. Its own notation is not used: there `C++` and quotes would have a meaning."""
    from compel.embeddings_provider import EmbeddingsProviderMulti, ReturnedEmbeddingsType

    second = getattr(pipeline, "text_encoder_2", None)
    kinds = ReturnedEmbeddingsType
    return EmbeddingsProviderMulti(
        tokenizers=[pipeline.tokenizer, *([pipeline.tokenizer_2] if second else [])],
        text_encoders=[pipeline.text_encoder, *([second] if second else [])],
        returned_embeddings_type=(
            kinds.PENULTIMATE_HIDDEN_STATES_NON_NORMALIZED if second else kinds.LAST_HIDDEN_STATES_NORMALIZED
        ),
    )


def _is_heard(pipeline: Any, text: str) -> bool:
    """Whether a text has tokens; compel fails over one that has none, such as a blank."""
    return bool(pipeline.tokenizer(text, add_special_tokens=False)["input_ids"])


def _is_weighted(parts: Parts) -> bool:
    return any(part.weight != 1 for part in parts)


def _plain(parts: Parts) -> str:
    return "".join(part.text for part in parts)
