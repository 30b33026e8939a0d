"""What helps a drawing or needs none: matting, upscaling, ControlNets and what draws their maps, IP-Adapters, models
that follow an instruction.

The order counts: of several that do the same, the first that is installed is taken. Each kind that must always work
ends with a method that is built in.
"""

from django.utils.translation import gettext_noop as _

from generation.catalog_shapes import (
    APACHE_2,
    BSD_3,
    MIT,
    OPEN_RAIL_M,
    OPEN_RAIL_PP_M,
    CatalogModel,
    Licence,
    Size,
)

UPSCALER_SLUG = "starter-upscaler"
_MEGAPIXEL = (Size("1:1", 1024, 1024),)
_CONTROLLED_1_5 = "stable-diffusion"
_CONTROLLED_XL = "stable-diffusion-xl"


def _tool(
    slug: str, name: str, summary: str, family: str, licence: Licence, *, hub_id: str = "", **changes: object
) -> CatalogModel:
    """Describe what takes a picture and no words: any size up to the engine's own bound, priced by the megapixel."""
    facts: dict[str, object] = {
        "dtype": "auto",
        "sizes": _MEGAPIXEL,
        "grid": 1,
        "min_side": 16,
        "max_side": 8192,
        "default_steps": 1,
        "max_steps": 1,
        "default_guidance": 0.0,
        "schedulers": (),
        "max_batch": 1,
        "negative_prompt": False,
        "index_file": "config.json",
        "tasks": (),
    }
    named = {"slug": slug, "name": name, "summary": summary, "family": family, "hub_id": hub_id, "licence": licence}
    return CatalogModel(**{**named, **facts, **changes})  # type: ignore[arg-type]


def _controlnet(slug: str, control: str, family: str, licence: Licence, hub_id: str) -> CatalogModel:
    """Describe a ControlNet for one family of models."""
    summary = f"Guides a drawing by {control}."
    name = f"ControlNet {control} ({family})"
    return _tool(slug, name, summary, "controlnet", licence, hub_id=hub_id, control=control, fits=(family,))


def _ip_adapter(slug: str, family: str, adapter: str) -> CatalogModel:
    """Describe an IP-Adapter for one family of models, with the encoder that it reads pictures with."""
    return _tool(
        slug,
        f"IP-Adapter ({family})",
        _("Lets a model see what the pictures of a blend are of."),
        "ip-adapter",
        APACHE_2,
        hub_id="h94/IP-Adapter",
        hub_files=(adapter, "models/image_encoder/config.json", "models/image_encoder/model.safetensors"),
        index_file=adapter,
        dtype="float16",
        fits=(family,),
    )


def _instructed(slug: str, name: str, summary: str, family: str, licence: Licence, hub_id: str) -> CatalogModel:
    """Describe a model that changes a picture as it is told."""
    return _tool(
        slug,
        name,
        summary,
        family,
        licence,
        hub_id=hub_id,
        dtype="float16",
        sizes=(Size("1:1", 512, 512),),
        grid=64,
        min_side=256,
        max_side=1024,
        default_steps=25,
        max_steps=100,
        default_guidance=7.5,
        schedulers=("euler-a", "euler", "ddim"),
        max_batch=4,
        negative_prompt=True,
        index_file="model_index.json",
        tasks=("instruct",),
    )


TOOLS: tuple[CatalogModel, ...] = (
    _tool(
        "vitmatte",
        "ViTMatte",
        _("Decides hair and fur along the line where the subject ends."),
        "matting",
        APACHE_2,
        hub_id="hustvl/vitmatte-small-composition-1k",
        tasks=("remove-background",),
    ),
    _tool(
        "grabcut",
        "GrabCut",
        _("Finds the subject by colour; a few strokes help it. Built in."),
        "grabcut",
        APACHE_2,
        tasks=("remove-background",),
    ),
    _tool(
        "real-esrgan-x4",
        "Real-ESRGAN",
        _("Enlarges and redraws fine detail."),
        "upscaler",
        BSD_3,
        hub_id="Comfy-Org/Real-ESRGAN_repackaged",
        index_file="RealESRGAN_x4plus.safetensors",
        tasks=("upscale",),
    ),
    _tool(
        UPSCALER_SLUG,
        "Starter upscaler",
        _("Enlarges and keeps edges crisp; learned on rounded drawings. Ships with the studio."),
        "upscaler",
        MIT,
        dtype="float32",
        index_file="upscaler.safetensors",
        ships_in="upscaler_weights",
        tasks=("upscale",),
    ),
    _tool(
        "lanczos",
        "Lanczos",
        _("Enlarges smoothly and adds no detail: a formula, not a model. Built in."),
        "lanczos",
        APACHE_2,
        tasks=("upscale",),
    ),
    _instructed(
        "instruct-pix2pix",
        "InstructPix2Pix",
        _("Changes a picture as it is told: “make it winter”."),
        "instruct-pix2pix",
        MIT,
        "timbrooks/instruct-pix2pix",
    ),
    _controlnet("controlnet-canny", "canny", _CONTROLLED_1_5, OPEN_RAIL_M, "lllyasviel/control_v11p_sd15_canny"),
    _controlnet("controlnet-depth", "depth", _CONTROLLED_1_5, OPEN_RAIL_M, "lllyasviel/control_v11f1p_sd15_depth"),
    _controlnet("controlnet-pose", "pose", _CONTROLLED_1_5, OPEN_RAIL_M, "lllyasviel/control_v11p_sd15_openpose"),
    _controlnet(
        "controlnet-scribble", "scribble", _CONTROLLED_1_5, OPEN_RAIL_M, "lllyasviel/control_v11p_sd15_scribble"
    ),
    _controlnet("controlnet-canny-xl", "canny", _CONTROLLED_XL, OPEN_RAIL_PP_M, "diffusers/controlnet-canny-sdxl-1.0"),
    _controlnet("controlnet-depth-xl", "depth", _CONTROLLED_XL, OPEN_RAIL_PP_M, "diffusers/controlnet-depth-sdxl-1.0"),
    _tool(
        "rf-detr-seg",
        "RF-DETR",
        _("Knows eighty kinds of things, and so which of them is the subject."),
        "segmenter",
        APACHE_2,
        hub_id="Roboflow/rf-detr-seg-medium",
    ),
    _tool(
        "depth-anything-v2",
        "Depth Anything V2",
        _("Tells what is near from what is far."),
        "depth-estimator",
        APACHE_2,
        hub_id="depth-anything/Depth-Anything-V2-Small-hf",
    ),
    _tool(
        "vitpose",
        "ViTPose",
        _("Finds how people stand."),
        "pose-estimator",
        APACHE_2,
        hub_id="usyd-community/vitpose-base-simple",
    ),
    _tool(
        "safety-checker",
        "Stable Diffusion safety checker",
        _("Looks at pictures for moderation before anybody sees them."),
        "safety-checker",
        OPEN_RAIL_M,
        hub_id="CompVis/stable-diffusion-safety-checker",
    ),
    _ip_adapter("ip-adapter", _CONTROLLED_1_5, "models/ip-adapter_sd15.safetensors"),
    _ip_adapter("ip-adapter-xl", _CONTROLLED_XL, "sdxl_models/ip-adapter_sdxl_vit-h.safetensors"),
)
