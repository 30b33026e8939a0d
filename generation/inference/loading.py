"""Read one model from its folder into a pipeline that is ready to draw.

What belongs here: from files to a pipeline on its device. What does not: how many are kept (`pipeline_cache.py`).
"""

from __future__ import annotations

import inspect as signatures
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import diffusers
import torch
from safetensors import SafetensorError

from generation.engine.families import VIDEO_FAMILIES
from generation.engine.protocol import ModelSpec
from generation.inference import device as devices
from generation.inference import tool_loading
from generation.inference.errors import ModelDamaged, OutOfMemory
from generation.inference.lora_adapters import LoraAdapters
from generation.inference.previews import LatentPreview, fit_preview
from generation.inference.schedulers import FLUX_FAMILIES
from generation.inference.tool_loading import LoadedTool
from generation.inference.weights import WeightFiles, check_weights

logger = logging.getLogger(__name__)

_CLASSES = {
    "stable-diffusion": "StableDiffusionPipeline",
    "stable-diffusion-xl": "StableDiffusionXLPipeline",
    "flux": "FluxPipeline",
    "instruct-pix2pix": "StableDiffusionInstructPix2PixPipeline",
    "flux-kontext": "FluxKontextPipeline",
    "stable-video-diffusion": "StableVideoDiffusionPipeline",
    "ltx-video": "LTXConditionPipeline",
}
# Moderation is the product's own affair; a checker inside a pipeline answers with a black picture and no reason.
_LEFT_OUT = {"safety_checker": None, "feature_extractor": None, "image_encoder": None}
# What the libraries raise for files that are whole but do not make a model, and for memory that runs out.
_BUILD_ERRORS = (
    *(OSError, ValueError, LookupError, TypeError, AttributeError, RuntimeError, ImportError, MemoryError),
    SafetensorError,
)


Loading = TypeVar("Loading")


@dataclass(frozen=True)
class LoadedModel:
    """A pipeline on its device, and what belongs to it alone."""

    spec: ModelSpec
    pipeline: Any
    scheduler_config: Any
    # None where latents are no pictures: those of a video's frames together.
    preview: LatentPreview | None
    size_bytes: int
    adapters: LoraAdapters
    # What a pass brings beside the model, by family: a matting model, a ControlNet.
    tools: Mapping[str, LoadedTool] = field(default_factory=dict)
    # Of texts that were embedded without any LoRA.
    embeddings: dict[str, torch.Tensor] = field(default_factory=dict, repr=False, compare=False)
    _others: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    def pipeline_as(self, class_name: str) -> Any:
        """Return the model as a diffusers pipeline of another class: made once, and of the same parts.

        Built from the parts and not by `from_pipe`, which brings them all to one precision.
        """
        if class_name not in self._others:
            self._others[class_name] = _rebuild(self.pipeline, class_name)
        return self._others[class_name]

    def pipeline_with(self, class_name: str, **parts: Any) -> Any:
        """Return the model as a pipeline of another class that has further parts; made anew each time."""
        return _rebuild(self.pipeline, class_name, **parts)

    @property
    def is_flux(self) -> bool:
        """Whether it is a transformer over packed latents, with FLUX's schedule and words."""
        return self.spec.family in FLUX_FAMILIES

    @property
    def latent_scale(self) -> int:
        """How many pixels one latent spans."""
        return int(self.pipeline.vae_scale_factor)


def inspect(spec: ModelSpec, device: torch.device) -> tuple[WeightFiles, int]:
    """Check a model's files and return what was found and how many bytes the model will take.

    Raises: ModelMissing, ModelDamaged.
    """
    outside = {"text_encoder"} if spec.text_encoder else set[str]()
    if spec.family not in VIDEO_FAMILIES:
        outside.add("image_encoder")  # left out, see below
    files = check_weights(Path(spec.folder), outside=frozenset(outside))
    return files, files.num_values * devices.choose_dtype(spec.dtype, device).itemsize


def load(spec: ModelSpec, files: WeightFiles, device: torch.device) -> LoadedModel:
    """Build the pipeline of a folder that was inspected. Raises: ModelDamaged, OutOfMemory."""
    dtype = devices.choose_dtype(spec.dtype, device)
    return _guard(spec, lambda: _prepare(spec, _build(spec, files, dtype), device))


def load_tool(spec: ModelSpec, device: torch.device) -> LoadedTool:
    """Build a tool whose folder was inspected. Raises: ModelDamaged, OutOfMemory."""
    return _guard(spec, lambda: tool_loading.build(spec, device))


def _guard(spec: ModelSpec, build: Callable[[], Loading]) -> Loading:
    """Return what is built; what the libraries raise is said in the engine's words."""
    try:
        return build()
    except _BUILD_ERRORS as error:
        if not devices.is_out_of_memory(error):
            # The files are whole, so what is wrong is what they say: a config, a shape, a class.
            logger.exception("model %s cannot be built", spec.slug)
            raise ModelDamaged(Path(spec.folder), f"{type(error).__name__}: {_first_line(error)}") from error
    # Outside of the handler: the error's traceback holds the half-built model that has to go.
    raise OutOfMemory(f"{spec.slug} does not fit into memory")


def _build(spec: ModelSpec, files: WeightFiles, dtype: torch.dtype) -> Any:
    if spec.text_encoder == "minilm":
        from generation.starter.loading import load_pipeline

        return load_pipeline(Path(spec.folder), dtype, adapter=spec.adapter, verify=False)
    options = {"use_safetensors": True, "local_files_only": True, "variant": files.variant, "dtype": dtype}
    return pipeline_class(_CLASSES[spec.family]).from_pretrained(spec.folder, **options, **_left_out(spec.family))


def _left_out(family: str) -> dict[str, object]:
    if family in ("stable-diffusion", "instruct-pix2pix"):
        return {**_LEFT_OUT, "requires_safety_checker": False}
    if family in VIDEO_FAMILIES:
        return {}
    if family == "stable-diffusion-xl":
        return {"feature_extractor": None, "image_encoder": None, "add_watermarker": False}
    return {"feature_extractor": None, "image_encoder": None}


def _prepare(spec: ModelSpec, pipeline: Any, device: torch.device) -> LoadedModel:
    pipeline.to(device)
    pipeline.set_progress_bar_config(disable=True)
    modules = [part for part in pipeline.components.values() if isinstance(part, torch.nn.Module)]
    for module in modules:
        module.requires_grad_(False)
    if device.type == "cuda":
        # Tensor cores read convolutions so; on a CPU it was measured to cost a hundredth and bring nothing.
        for name in ("unet", "vae"):
            if getattr(pipeline, name, None) is not None:
                getattr(pipeline, name).to(memory_format=torch.channels_last)
    return LoadedModel(
        spec=spec,
        pipeline=pipeline,
        scheduler_config=pipeline.scheduler.config,
        preview=None if spec.family in VIDEO_FAMILIES else fit_preview(pipeline.vae, pipeline.vae_scale_factor),
        adapters=LoraAdapters(pipeline),
        size_bytes=sum(tensor.nbytes for module in modules for tensor in (*module.parameters(), *module.buffers())),
    )


def pipeline_class(name: str) -> Any:
    """Return a class of diffusers; each import costs what the class needs, so only the one asked for is done."""
    return getattr(diffusers, name)


def _rebuild(pipeline: Any, class_name: str, **further: Any) -> Any:
    """Build a pipeline of a class from another's parts and settings, as far as it takes them, and further ones."""
    wanted = pipeline_class(class_name)
    taken = signatures.signature(wanted.__init__).parameters
    settings = {name: value for name, value in pipeline.config.items() if name in taken}
    parts = {name: part for name, part in pipeline.components.items() if name in taken}
    rebuilt = wanted(**{**settings, **parts, **further})
    rebuilt.set_progress_bar_config(disable=True)
    return rebuilt


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [""])[0][:200]
