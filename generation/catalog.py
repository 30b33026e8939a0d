"""What can be run: model → family, files, sizes, defaults, price weight, licence.

A new model whose task exists is an entry here and nothing else; what draws nothing of its own (matting, upscaling,
ControlNets) stands in `catalog_tools.py`. Revisions are not written here: a hash nobody has fetched is a guess.
`manage.py download_model` records the commit and the checksums it fetched (`InstalledModel`) and pins them from then
on.
"""

import difflib
from fractions import Fraction

from django.utils.translation import gettext_noop as _

from generation.catalog_shapes import (
    APACHE_2,
    DEFAULT_SLUG,
    DRAWING_TASKS,
    LICENCES,
    MIT,
    OPEN_RAIL_M,
    OPEN_RAIL_PP_M,
    STABILITY_COMMUNITY,
    STARTER_FOLDER,
    UNKNOWN_LICENCE,
    CatalogModel,
    Licence,
    Served,
    Size,
    Video,
)
from generation.catalog_tools import TOOLS
from generation.catalog_video import VIDEO_MODELS
from generation.errors import ModelUnavailable, ModelUnknown
from generation.models import ModelAlias

__all__ = [
    "DEFAULT_SLUG",
    "LICENCES",
    "MIT",
    "OPEN_RAIL_M",
    "STARTER_FOLDER",
    "UNKNOWN_LICENCE",
    "CatalogModel",
    "Licence",
    "Served",
    "Size",
]

_STARTER_SIZES = (
    Size("1:1", 128, 128),
    Size("4:3", 128, 96),
    Size("3:4", 96, 128),
    Size("5:4", 160, 128),
    Size("4:5", 128, 160),
    Size("16:9", 160, 96),
)
_SD_SCHEDULERS = ("dpmpp-2m-karras", "dpmpp-2m", "euler", "euler-a", "ddim", "unipc")
_SD_SIZES = (
    Size("1:1", 512, 512),
    Size("2:3", 512, 768),
    Size("3:2", 768, 512),
    Size("4:5", 512, 640),
    Size("16:9", 896, 512),
    Size("9:16", 512, 896),
)
_MEGAPIXEL_SIZES = (
    Size("1:1", 1024, 1024),
    Size("2:3", 832, 1216),
    Size("3:2", 1216, 832),
    Size("4:5", 896, 1152),
    Size("16:9", 1344, 768),
    Size("9:16", 768, 1344),
)


# A Stable Diffusion makes videos too: frames drawn on a walk around the picture (`inference/latent_walk.py`).
_WALK = Video(fps=16, default_frames=48, max_frames=160, takes_end=True)


def _starter(slug: str, name: str, summary: str, **changes: object) -> CatalogModel:
    """Describe the model that ships with the studio."""
    facts: dict[str, object] = {
        "family": "stable-diffusion",
        "hub_id": "",
        "dtype": "float32",
        "licence": MIT,
        "sizes": _STARTER_SIZES,
        "grid": 32,
        "min_side": 96,
        "max_side": 256,
        "default_steps": 25,
        "max_steps": 100,
        "default_guidance": 2.5,
        "schedulers": ("ddim", "dpmpp-2m", "euler", "euler-a", "unipc"),
        "text_encoder": "minilm",
        "tasks": (*DRAWING_TASKS, "image-to-video"),
        "video": _WALK,
        "ships_in": STARTER_FOLDER.name,
        "limits_note": _(
            "Knows some 250 everyday things, each as one rounded drawing, best as a square. It cannot draw "
            "photographs, people’s looks, text or crowded scenes."
        ),
        "prompts": ("a fox", "a rocket on a dark blue background", "three strawberries"),
    }
    return CatalogModel(slug=slug, name=name, summary=summary, **{**facts, **changes})  # type: ignore[arg-type]


def _stable_diffusion(slug: str, name: str, summary: str, hub_id: str, **changes: object) -> CatalogModel:
    """Describe a Stable Diffusion 1.x class model."""
    facts: dict[str, object] = {
        "family": "stable-diffusion",
        "dtype": "float16",
        "licence": OPEN_RAIL_M,
        "sizes": _SD_SIZES,
        "grid": 64,
        "min_side": 256,
        "max_side": 1024,
        "default_steps": 25,
        "max_steps": 100,
        "default_guidance": 7.5,
        "schedulers": _SD_SCHEDULERS,
        "max_batch": 8,
        "tasks": (*DRAWING_TASKS, "image-to-video"),
        "video": _WALK,
    }
    return CatalogModel(slug=slug, name=name, summary=summary, hub_id=hub_id, **{**facts, **changes})  # type: ignore[arg-type]


def _megapixel(slug: str, name: str, summary: str, hub_id: str, **changes: object) -> CatalogModel:
    """Describe a model made for one megapixel (SDXL and FLUX class)."""
    facts: dict[str, object] = {
        "family": "stable-diffusion-xl",
        "dtype": "float16",
        "licence": OPEN_RAIL_PP_M,
        "sizes": _MEGAPIXEL_SIZES,
        "grid": 64,
        "min_side": 512,
        "max_side": 2048,
        "default_steps": 30,
        "max_steps": 100,
        "default_guidance": 7.0,
        "schedulers": _SD_SCHEDULERS,
        "price_weight": Fraction(1),
        "max_batch": 4,
        "variant": "fp16",
    }
    return CatalogModel(slug=slug, name=name, summary=summary, hub_id=hub_id, **{**facts, **changes})  # type: ignore[arg-type]


_MODELS = (
    _starter(DEFAULT_SLUG, "Starter", "Small and quick; ships with the studio and runs on any computer."),
    _starter(
        "starter-fast",
        "Starter, fast",
        _("The starter in six steps: several times as quick, a little rougher."),
        default_steps=6,
        max_steps=8,
        default_guidance=1.0,
        schedulers=("lcm",),
        adapter="few_steps",
        tasks=DRAWING_TASKS,
        video=None,
    ),
    _stable_diffusion(
        "stable-diffusion-1-5",
        "Stable Diffusion 1.5",
        _("The classic all-rounder."),
        "stable-diffusion-v1-5/stable-diffusion-v1-5",
    ),
    _stable_diffusion(
        "openjourney",
        "Openjourney",
        _("Painterly, cinematic; add “mdjrny-v4 style”."),
        "prompthero/openjourney-v4",
    ),
    _stable_diffusion(
        "dreamshaper-8",
        "DreamShaper 8",
        _("Illustration and fantasy."),
        "Lykon/dreamshaper-8",
    ),
    _stable_diffusion(
        "realistic-vision-5-1",
        "Realistic Vision 5.1",
        _("Photographic people and places."),
        "SG161222/Realistic_Vision_V5.1_noVAE",
    ),
    _megapixel(
        "stable-diffusion-xl",
        "Stable Diffusion XL",
        _("One megapixel, fine detail."),
        "stabilityai/stable-diffusion-xl-base-1.0",
    ),
    _megapixel(
        "sdxl-turbo",
        "SDXL Turbo",
        _("A picture in one to four steps."),
        "stabilityai/sdxl-turbo",
        licence=STABILITY_COMMUNITY,
        sizes=_SD_SIZES,
        min_side=256,
        max_side=1024,
        default_steps=4,
        max_steps=10,
        default_guidance=0.0,
        schedulers=("euler-a", "euler"),
        max_batch=8,
    ),
    _megapixel(
        "flux-1-schnell",
        "FLUX.1 schnell",
        _("Follows long prompts; four steps."),
        "black-forest-labs/FLUX.1-schnell",
        family="flux",
        dtype="bfloat16",
        licence=APACHE_2,
        default_steps=4,
        max_steps=12,
        default_guidance=0.0,
        schedulers=("flow-euler",),
        price_weight=Fraction(2),
        negative_prompt=False,
        variant="",
    ),
)
# What draws the map of a control; lines are found without a model.
_MAP_FAMILIES = {"depth": "depth-estimator", "pose": "pose-estimator"}
MODELS: dict[str, CatalogModel] = {model.slug: model for model in (*_MODELS, *TOOLS, *VIDEO_MODELS)}


def resolve(slug: str) -> Served:
    """Find who serves `slug`, directly or by alias.

    Raises: ModelUnknown with the nearest name; ModelUnavailable when it is turned off or its files are not installed.
    """
    served = find(slug)
    if not served.model.is_available:
        raise ModelUnavailable(slug, served.model.name, served.model.off_reason)
    return served


def find(slug: str) -> Served:
    """Find who would serve `slug`, installed or not. Raises: ModelUnknown."""
    if slug in MODELS:
        return Served(slug, MODELS[slug])
    aliases = ModelAlias.targets()
    target = MODELS.get(aliases.get(slug, ""))
    if target is None:
        near = difflib.get_close_matches(slug, [*MODELS, *aliases], n=1)
        raise ModelUnknown(slug, near[0] if near else None)
    return Served(slug, target)


def serving(slug: str) -> str | None:
    """Return the slug of the model that `slug` leads to, installed or not; None where no model has this name."""
    try:
        return find(slug).model.slug
    except ModelUnknown:
        return None


def licence_of(slug: str) -> Licence:
    """Return the licence of a model's pictures; an unknown one where the model is in the catalogue no longer."""
    model = MODELS.get(slug)
    return model.licence if model else UNKNOWN_LICENCE


def offered(task: str | None = None) -> list[Served]:
    """Every name a person can choose, the available ones first; aliases after their models. With `task`: for it."""
    names = [Served(model.slug, model) for model in MODELS.values()]
    names += [
        Served(alias.slug, MODELS[alias.target])
        for alias in ModelAlias.objects.order_by("slug")
        if alias.target in MODELS
    ]
    chosen = [one for one in names if one.model.is_choice and (task is None or can(one.model, task))]
    return sorted(chosen, key=lambda served: not served.model.is_available)


def can(model: CatalogModel, task: str) -> bool:
    """Whether a model does a task; one that draws is guided by a ControlNet where one that fits it is installed."""
    if task == "controlnet":
        return bool(controls_of(model))
    return task in model.tasks


def default_for(task: str) -> str:
    """Return the model that does a task where none was named: the first that is available, or else the first.

    One that does nothing else comes before those that do it as well.
    """
    able = sorted((model for model in MODELS.values() if can(model, task)), key=lambda model: len(model.tasks) > 1)
    available = [model for model in able if model.is_available]
    return next((model.slug for model in (*available, *able)), DEFAULT_SLUG)


def controls_of(model: CatalogModel) -> list[str]:
    """Return what can guide a model's drawing here: the kinds of ControlNets that fit it and are installed."""
    return [tool.control for tool in TOOLS if tool.control and tool.fits_beside(model) and tool.is_installed]


def draws_map(control: str) -> bool:
    """Whether the map for a ControlNet is drawn here; else it has to be brought. Lines need no model for it."""
    family = _MAP_FAMILIES.get(control)
    return family is None or any(tool.family == family and tool.is_installed for tool in TOOLS)


def sees_pictures(model: CatalogModel) -> bool:
    """Whether a model blends pictures by what they are of, with an IP-Adapter, and not by their latents alone."""
    return bool(tools_for("blend", model))


def tools_for(task: str, model: CatalogModel, control: str = "") -> list[CatalogModel]:
    """Return what else a task needs beside the model that draws: the first that is installed of each kind."""
    installed = [tool for tool in TOOLS if tool.is_installed]
    finders = [tool for tool in installed if tool.family == "segmenter"][:1]
    if task == "remove-background":
        return finders
    if task == "replace-background":
        return [tool for tool in installed if "remove-background" in tool.tasks][:1] + finders
    if task == "controlnet":
        nets = [tool for tool in installed if tool.control == control and tool.fits_beside(model)][:1]
        estimators = [tool for tool in installed if tool.family == _MAP_FAMILIES.get(control)][:1]
        return nets + estimators + (finders if control == "pose" else [])
    if task == "blend":
        return [tool for tool in installed if tool.family == "ip-adapter" and tool.fits_beside(model)][:1]
    return []
