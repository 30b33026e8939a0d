"""Models that make videos and nothing else. The order counts: the first that is installed is taken."""

from django.utils.translation import gettext_noop as _

from generation.catalog_shapes import (
    LTX_VIDEO_OPEN_WEIGHTS,
    STABILITY_COMMUNITY,
    CatalogModel,
    Size,
    Video,
)

VIDEO_MODELS: tuple[CatalogModel, ...] = (
    CatalogModel(
        slug="ltx-video",
        name="LTX-Video",
        summary=_("Moves a picture as the words say; can end at a second one."),
        family="ltx-video",
        hub_id="Lightricks/LTX-Video",
        dtype="bfloat16",
        licence=LTX_VIDEO_OPEN_WEIGHTS,
        sizes=(Size("3:2", 768, 512), Size("2:3", 512, 768), Size("1:1", 608, 608), Size("16:9", 832, 480)),
        grid=32,
        min_side=256,
        max_side=1280,
        default_steps=40,
        max_steps=100,
        default_guidance=3.0,
        schedulers=("flow-euler",),
        max_batch=1,
        tasks=("image-to-video",),
        video=Video(fps=24, default_frames=97, max_frames=257, stride=8, takes_end=True),
    ),
    CatalogModel(
        slug="stable-video-diffusion",
        name="Stable Video Diffusion",
        summary=_("Three and a half seconds of likely motion; takes no words."),
        family="stable-video-diffusion",
        hub_id="stabilityai/stable-video-diffusion-img2vid-xt",
        dtype="float16",
        licence=STABILITY_COMMUNITY,
        sizes=(Size("16:9", 1024, 576), Size("9:16", 576, 1024), Size("1:1", 768, 768)),
        grid=64,
        min_side=256,
        max_side=1024,
        default_steps=25,
        max_steps=50,
        default_guidance=3.0,
        schedulers=("euler",),
        max_batch=1,
        negative_prompt=False,
        variant="fp16",
        tasks=("image-to-video",),
        video=Video(fps=7, default_frames=25, max_frames=25, takes_prompt=False),
    ),
)
