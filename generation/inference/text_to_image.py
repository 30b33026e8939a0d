"""Draw pictures from words.

What belongs here: one pass of one family's pipeline, from prompts to pixels. What does not: passes that do not
fit, files, and who wants what (`generation.engine`).
"""

from __future__ import annotations

from collections.abc import Iterator

from generation.engine.backend import Pass, Pixels, Watch
from generation.inference.denoising import denoise
from generation.inference.loading import LoadedModel


def run(model: LoadedModel, work: Pass, watch: Watch) -> Iterator[tuple[str, Pixels]]:
    """Draw one pass; every picture comes from its own seed, whatever it shares the pass with.

    Raises: InvalidRequest, PassCanceled, NoPicture.
    """
    size = {"width": work.request.width, "height": work.request.height}
    pixels = denoise(model, work, watch, model.pipeline, **size)
    yield from zip(work.keys, pixels, strict=True)
