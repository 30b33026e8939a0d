"""Turn a picture into a short video: frames that begin with it, move, and come back to it or end at a second one.

What belongs here: who makes the frames. What does not: how (`latent_walk.py` for a model that draws pictures,
`video_models.py` for one that draws videos), and files (`generation.clip_files`).
"""

from __future__ import annotations

from collections.abc import Iterator

from generation.engine.backend import Pass, Pixels, Watch
from generation.engine.families import VIDEO_FAMILIES
from generation.engine.options import ImageToVideoOptions
from generation.inference import latent_walk, video_models
from generation.inference.errors import InvalidRequest
from generation.inference.loading import LoadedModel


def run(model: LoadedModel, work: Pass, watch: Watch) -> Iterator[tuple[str, Pixels]]:
    """Make each picture's video, (frames, height, width, 3), in the request's size.

    Raises: InvalidRequest, PassCanceled, NoPicture.
    """
    request = work.request
    assert isinstance(request.options, ImageToVideoOptions)
    if model.spec.family in VIDEO_FAMILIES:
        draw = video_models.draw
    elif model.spec.family == "stable-diffusion":
        draw = latent_walk.draw
    else:
        raise InvalidRequest("model", model.spec.slug, "a model that makes videos")
    for image in work.images:
        yield image.key, draw(model, request, image, watch)
