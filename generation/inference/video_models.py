"""Frames by a model that was made for videos: it draws all of them at once.

What belongs here: what each family's pipeline takes. What does not: how pictures become a video without such a model.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from PIL import Image as Pillow

from generation.engine.backend import Pixels, Watch
from generation.engine.options import END_IMAGE, IMAGE, ImageToVideoOptions
from generation.engine.protocol import BatchRequest, ImageRequest
from generation.inference import canvas, sources
from generation.inference.denoising import to_pixels
from generation.inference.errors import InvalidRequest
from generation.inference.loading import LoadedModel
from generation.inference.progress import PassProgress
from generation.inference.schedulers import make_scheduler

# Stable Video Diffusion's own scale of motion. Source: its model card; 127 is what it was mostly trained around.
_BUCKETS = 255
# Frames that are decoded at once: more take more memory and no less time.
_DECODED_AT_ONCE = 4
# How far LTX-Video's frames are apart in the models's own count. Source: its model card.
_LTX_STRIDE = 8


def draw(model: LoadedModel, request: BatchRequest, image: ImageRequest, watch: Watch) -> Pixels:
    """Return the frames (frames, height, width, 3).

    Raises: InvalidRequest, PassCanceled, NoPicture, OSError, ValueError.
    """
    options = request.options
    assert isinstance(options, ImageToVideoOptions)
    pipeline = model.pipeline
    pipeline.scheduler = make_scheduler(request.scheduler, model.spec.family, model.scheduler_config)
    start = _picture(image, IMAGE, request)
    assert start is not None, "the protocol checks which roles a request has"
    arguments = _ARGUMENTS[model.spec.family](start, _picture(image, END_IMAGE, request), request, image, options)
    with torch.inference_mode():
        frames = pipeline(
            width=request.width,
            height=request.height,
            num_frames=options.frames,
            num_inference_steps=request.num_inference_steps,
            # Noise from the CPU: the same on every device.
            generator=torch.Generator("cpu").manual_seed(image.seed),
            output_type="pt",
            callback_on_step_end=PassProgress(watch, [image.key]),
            **arguments,
        ).frames
        return to_pixels(torch.as_tensor(frames)[0], model.spec.slug)


def _picture(image: ImageRequest, role: str, request: BatchRequest) -> Pillow.Image | None:
    pixels = sources.read_optional(image, role)
    if pixels is None:
        return None
    return Pillow.fromarray(canvas.cover(canvas.opaque(pixels), request.width, request.height))


def _stable_video_diffusion(
    start: Pillow.Image,
    end: Pillow.Image | None,
    request: BatchRequest,
    image: ImageRequest,
    options: ImageToVideoOptions,
) -> dict[str, Any]:
    if end is not None:
        raise InvalidRequest(END_IMAGE, "a picture", "none: this model can't end at one")
    if image.prompt:
        raise InvalidRequest("prompt", "words", "none: this model takes no words")
    return {
        "image": start,
        "fps": options.fps,
        "motion_bucket_id": round(options.motion * _BUCKETS),
        "max_guidance_scale": request.guidance_scale,
        "decode_chunk_size": _DECODED_AT_ONCE,
    }


def _ltx_video(
    start: Pillow.Image,
    end: Pillow.Image | None,
    request: BatchRequest,
    image: ImageRequest,
    options: ImageToVideoOptions,
) -> dict[str, Any]:
    from diffusers.pipelines.ltx.pipeline_ltx_condition import LTXVideoCondition

    if options.frames % _LTX_STRIDE != 1:
        raise InvalidRequest("frames", options.frames, f"one more than a multiple of {_LTX_STRIDE}")
    # Held tightly, a picture hardly moves.
    hold = 1.0 - 0.5 * options.motion
    conditions = [LTXVideoCondition(image=start, frame_index=0, strength=hold)]
    if end is not None:
        conditions.append(LTXVideoCondition(image=end, frame_index=options.frames - 1, strength=1.0))
    return {
        "conditions": conditions,
        "prompt": image.prompt,
        "negative_prompt": image.negative_prompt,
        "frame_rate": options.fps,
        "guidance_scale": request.guidance_scale,
    }


_ARGUMENTS: dict[str, Callable[..., dict[str, Any]]] = {
    "stable-video-diffusion": _stable_video_diffusion,
    "ltx-video": _ltx_video,
}
