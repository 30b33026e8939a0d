"""Cut the subject out of a picture: a transparent result, in the picture's own size."""

from __future__ import annotations

from collections.abc import Iterator

from generation.engine.backend import Pass, Pixels, Watch
from generation.engine.options import IMAGE, STROKES, RemoveBackgroundOptions
from generation.inference import canvas, sources
from generation.inference.matting import cut_out
from generation.inference.tool_loading import LoadedTool, finder_of


def run(matter: LoadedTool, work: Pass, watch: Watch) -> Iterator[tuple[str, Pixels]]:
    """Cut out each picture's subject: (height, width, 4). Where the subject is whole, its pixels stay as they are.

    Raises: InvalidRequest, PassCanceled.
    """
    options = work.request.options
    assert isinstance(options, RemoveBackgroundOptions)
    finder = finder_of(matter.tools)
    for index, image in enumerate(work.images, start=1):
        source = canvas.opaque(sources.read(image, IMAGE))
        cutout = cut_out(matter.tool, source, sources.read_optional(image, STROKES), options.feather, finder)
        watch.step(index, len(work.images))
        yield image.key, cutout.rgba()
