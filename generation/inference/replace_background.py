"""Set a picture's subject into a new scene, drawn around it from words; the subject stays pixel for pixel."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from generation.engine.backend import Pass, Pixels, Watch
from generation.engine.options import IMAGE, STROKES, ReplaceBackgroundOptions
from generation.engine.protocol import ImageRequest
from generation.inference import sources
from generation.inference.errors import InvalidRequest
from generation.inference.inpaint import Painting, repaint
from generation.inference.loading import LoadedModel
from generation.inference.matting import Cutout, Finder, Matter, cut_out, subject_colours
from generation.inference.tool_loading import finder_of

# From noise alone: nothing of the old scene is wanted.
_STRENGTH = 1.0


def run(model: LoadedModel, work: Pass, watch: Watch) -> Iterator[tuple[str, Pixels]]:
    """Draw a scene around each picture's subject; the results have their sources' sizes.

    Raises: InvalidRequest, PassCanceled, NoPicture.
    """
    options = work.request.options
    assert isinstance(options, ReplaceBackgroundOptions)
    matter = next(tool.tool for family, tool in model.tools.items() if family in ("grabcut", "matting"))
    finder = finder_of(model.tools)
    # The starter knows single things and draws one whatever it is told: of that picture, its ground is the scene.
    is_starter = bool(model.spec.text_encoder)
    paintings = [
        replace(_painting(_subject(matter, image, options.feather, finder)), is_backdrop=is_starter)
        for image in work.images
    ]
    yield from zip(work.keys, repaint(model, work, watch, paintings, _STRENGTH), strict=True)


def _subject(matter: Matter, image: ImageRequest, feather: int, finder: Finder | None) -> Cutout:
    """Return the subject of a picture; one that is transparent already says itself what it is."""
    source = sources.read(image, IMAGE)
    if source.shape[2] == 3:
        return cut_out(matter, source, sources.read_optional(image, STROKES), feather, finder)
    alpha = np.ascontiguousarray(source[..., 3])
    if not alpha.any() or alpha.all():
        raise InvalidRequest(
            "image", "a picture without both", "one with a subject and something transparent around it"
        )
    return Cutout(subject_colours(np.ascontiguousarray(source[..., :3]), alpha), alpha)


def _painting(subject: Cutout) -> Painting:
    """Return all but the subject as what is to be painted; at its edges, the subject's own colours mix with it."""
    return Painting(subject.colours, 1 - subject.alpha.astype(np.float32) / 255, one_scene=False)
