"""The kinds of models and tools that there are, and in what precision they draw. Both sides of the pipe read this."""

from __future__ import annotations

# What draws a video's frames, all at once.
VIDEO_FAMILIES = ("stable-video-diffusion", "ltx-video")
DIFFUSION_FAMILIES = (
    *("stable-diffusion", "stable-diffusion-xl", "flux", "instruct-pix2pix", "flux-kontext"),
    *VIDEO_FAMILIES,
)
# What helps a model, or does a task that needs no diffusion: matting, upscaling, guiding, looking.
TOOL_FAMILIES = (
    *("matting", "upscaler", "controlnet", "ip-adapter"),
    *("segmenter", "depth-estimator", "pose-estimator", "safety-checker"),
)
# Tools that are a method and have no files.
BUILT_IN_FAMILIES = ("grabcut", "lanczos")
FAMILIES = (*DIFFUSION_FAMILIES, *TOOL_FAMILIES, *BUILT_IN_FAMILIES)
DTYPES = ("auto", "float32", "float16", "bfloat16")
TEXT_ENCODERS = ("", "minilm")
