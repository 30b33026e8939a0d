"""Which function does which task. A new kind of generation is a module with a `run()` and a line here.

A task's first argument is what its request names as the model: a diffusion model (`LoadedModel`, with the pass's
tools), or for the two tasks that draw nothing, a tool (`LoadedTool`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from generation.engine.backend import Pass, Pixels, Watch
from generation.inference import (
    blend,
    controlnet,
    image_to_image,
    image_to_video,
    inpaint,
    instruct,
    outpaint,
    remove_background,
    replace_background,
    text_to_image,
    upscale,
)

Task = Callable[[Any, Pass, Watch], Iterator[tuple[str, Pixels]]]

TASKS: dict[str, Task] = {
    "text-to-image": text_to_image.run,
    "image-to-image": image_to_image.run,
    # A variation is a picture drawn anew with its own words: how much is all that is said.
    "variations": image_to_image.run,
    "inpaint": inpaint.run,
    "outpaint": outpaint.run,
    "blend": blend.run,
    "remove-background": remove_background.run,
    "replace-background": replace_background.run,
    "upscale": upscale.run,
    "instruct": instruct.run,
    "controlnet": controlnet.run,
    "image-to-video": image_to_video.run,
}
