"""What the editor page shows: its tools, who can do them, and the picture that it opens with."""

import json
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from accounts.models import User
from generation import catalog, own_models, params, storage
from generation.catalog import Served
from generation.engine.options import GREY_ROLES
from generation.models import Image, Job, JobInput, Upload
from generation.own_models import OwnModel


@dataclass(frozen=True)
class Tool:
    """One thing the editor does. `words`: how its prompt box asks; empty where it takes none."""

    task: str
    name: str
    icon: str
    verb: str
    hint: str
    words: str = ""

    @property
    def marks(self) -> str:
        """What one paints on the picture for it: "mask", "strokes" or nothing."""
        return _MARKS.get(self.task, "")

    @property
    def guide(self) -> str:
        """The slug of the guide that says how it works; empty where there is none."""
        return _GUIDES.get(self.task, "")


_GUIDES = {
    "inpaint": "inpaint",
    "image-to-image": "begin-from-a-picture",
    "variations": "begin-from-a-picture",
    "outpaint": "extend",
    "blend": "blend",
    "replace-background": "background",
    "remove-background": "background",
    "upscale": "enlarge",
}
_MARKS = {"inpaint": "mask", "remove-background": "strokes", "replace-background": "strokes"}

TOOLS = (
    Tool(
        "inpaint", _("Inpaint"), "brush", _("Inpaint"), _("Paint over what should change."), _("What should be there")
    ),
    Tool(
        "image-to-image",
        _("Rework"),
        "wand-sparkles",
        _("Rework"),
        _("Draws the whole picture anew, close to it or far."),
        _("What the picture should become"),
    ),
    Tool(
        "outpaint",
        _("Extend"),
        "expand",
        _("Extend"),
        _("Drag the frame beyond the picture."),
        _("What lies around it"),
    ),
    Tool(
        "blend",
        _("Blend"),
        "blend",
        _("Blend"),
        _("Two to four pictures become one."),
        _("What it should become, if you wish"),
    ),
    Tool(
        "replace-background",
        _("New background"),
        "wallpaper",
        _("Replace the background"),
        _("The subject stays as it is. A stroke or two help to find it."),
        _("The new scene"),
    ),
    Tool(
        "remove-background",
        _("Cut out"),
        "scissors",
        _("Cut out"),
        _("The background becomes transparent. A stroke or two help to find the subject."),
    ),
    Tool("upscale", _("Enlarge"), "image-upscale", _("Enlarge"), _("The same picture with more pixels.")),
    Tool("variations", _("Vary"), "copy-plus", _("Vary"), _("Others like it."), _("Words for it, if you wish")),
    Tool("instruct", _("Instruct"), "pencil-line", _("Change"), _("Say what to change."), _("Make it winter")),
    Tool(
        "controlnet",
        _("Guide"),
        "pencil-ruler",
        _("Draw"),
        _("Draws by the lines or depth of the picture."),
        _("What to draw"),
    ),
)
EDITING_TASKS = tuple(tool.task for tool in TOOLS)

# What the model that ships with the studio cannot do with a picture, said before it is asked to.
_LIMITS_OF_STARTER = {
    "image-to-image": _("Of a photograph it makes one of its rounded drawings."),
    "outpaint": _("It carries the colours at the edges on, and cannot draw what a photograph would show there."),
    "variations": _("It draws a thing mostly in one way, so that its strong variations stay near as well."),
    "replace-background": _("It gives plain grounds: name a colour or a light."),
}


_PICTURES = frozenset({"image", "images", "weights", *GREY_ROLES})

# (name, icon, words, key) of what one draws with.
PENS = (
    ("brush", "brush", _("Brush"), "B"),
    ("eraser", "eraser", _("Eraser"), "E"),
    ("rectangle", "square-dashed", _("Rectangle"), "R"),
    ("lasso", "lasso-select", _("Lasso"), "L"),
    ("hand", "hand", _("Move"), "H"),
)

# The site's own pictures to try things on (a guide's slug → tool and file), and which settings a link can bring to one.
_EXAMPLES = {
    "strength": ("image-to-image", "img/guides/strength-start.webp"),
    "inpaint": ("inpaint", "img/tools/repaint-before.webp"),
    "extend": ("outpaint", "img/tools/extend-before.webp"),
    "background": ("replace-background", "img/tools/background-before.webp"),
    "begin-from-a-picture": ("image-to-image", "img/tools/rework-before.webp"),
}
_TRIED = ("prompt", "model", "strength", "seed", "steps", "guidance_scale")


@dataclass(frozen=True)
class Opened:
    """The picture that the editor opens with; `ref` is how requests name it."""

    ref: str
    url: str
    width: int
    height: int
    placeholder: str
    prompt: str = ""

    @property
    def as_json(self) -> dict[str, Any]:
        """What the page's code is told."""
        return {"ref": self.ref, "url": self.url, "width": self.width, "height": self.height}


@dataclass(frozen=True)
class Branch:
    """An earlier run to begin from again: its tool, its settings by the form's names, and a blend's pictures.

    `example` is the address of one of the site's own pictures, which the page brings along as if it were the person's.
    `marks` are the references of what was painted ("mask" or "strokes"), where it lies on the picture that is opened.
    `is_whole`: whether all that the run began from is still there.
    """

    task: str
    values: dict[str, Any]
    opened: Opened | None
    parts: list[tuple[Opened, float]] = field(default_factory=list)
    example: str = ""
    marks: dict[str, str] = field(default_factory=dict)
    is_whole: bool = True

    @property
    def as_json(self) -> dict[str, Any]:
        """What the page's code is told."""
        parts = [{"ref": opened.ref, "weight": weight} for opened, weight in self.parts]
        return {"values": self.values, "parts": parts, "example": self.example, "marks": self.marks}


@dataclass(frozen=True)
class Choice:
    """A model that can be chosen."""

    served: Served

    @property
    def tasks(self) -> list[str]:
        """Which tools it can be chosen for."""
        return [tool.task for tool in TOOLS if catalog.can(self.served.model, tool.task)]

    @property
    def controls(self) -> list[str]:
        """What can guide it."""
        return catalog.controls_of(self.served.model)

    @property
    def limits(self) -> str:
        """What it cannot do, by tool, as JSON."""
        limits = _LIMITS_OF_STARTER if self.served.model.is_starter else {}
        return json.dumps({task: gettext(words) for task, words in limits.items()})

    @property
    def blends(self) -> str:
        """How it blends pictures, in words."""
        if catalog.sees_pictures(self.served.model):
            return gettext("This model sees what the pictures are of (IP-Adapter), and begins between them.")
        return gettext("This model goes between the pictures’ shapes and colours; it does not know what they are of.")


@dataclass(frozen=True)
class EditorForm:
    """The form as the page begins: `form.values` and `form.bounds` are what the prompt box expects."""

    models: list[Served]
    opened: Opened | None
    tool: str
    is_advanced_open: bool = False
    key: str = field(default_factory=lambda: uuid.uuid4().hex)
    errors: dict[str, str] = field(default_factory=dict)
    own_models: list[OwnModel] = field(default_factory=list)
    has_other_own_models: bool = False

    @property
    def values(self) -> dict[str, str]:
        """What stands in the words."""
        return {"prompt": self.opened.prompt if self.opened else "", "negative_prompt": ""}

    @property
    def bounds(self) -> dict[str, float]:
        """The bounds of what can be typed."""
        return {
            "prompt": params.PROMPT_MAX_LENGTH,
            "guidance_min": params.GUIDANCE_MIN,
            "guidance_max": params.GUIDANCE_MAX,
            "steps_min": params.STEPS_MIN,
            "seed_max": params.SEED_MAX,
            "threshold": params.THRESHOLD_MAX,
        }

    @property
    def tools(self) -> list[Tool]:
        """What some installed model can do."""
        return [tool for tool in TOOLS if any(catalog.can(served.model, tool.task) for served in self.models)]

    @property
    def choices(self) -> list[Choice]:
        """The models that can be chosen, with what each can do."""
        return [Choice(served) for served in self.models]

    @property
    def schedulers(self) -> list[tuple[str, str]]:
        """Value and name of every scheduler that one of the models has."""
        known = {slug for served in self.models for slug in served.model.schedulers}
        return [(slug, name) for slug, name in params.SCHEDULER_NAMES.items() if slug in known]

    @property
    def pens(self) -> tuple[tuple[str, str, str, str], ...]:
        """What one draws with on the picture."""
        return PENS

    @property
    def counts(self) -> range:
        """How many pictures one can ask for with one press; more of an edit are seldom looked at."""
        return range(1, 5)


def form_of(opened: Opened | None, tool: str, *, user: User | None = None, is_advanced_open: bool) -> EditorForm:
    """Return this person's form for a picture, with the tool that was asked for."""
    models = [served for served in catalog.offered() if served.model.is_available]
    form = EditorForm(
        models,
        opened,
        tool,
        is_advanced_open,
        own_models=own_models.choices(own_models.usable(user), "") if user else [],
    )
    known = [each.task for each in form.tools]
    return form if tool in known else replace(form, tool=known[0] if known else "")


def open_image(user: User, pk: uuid.UUID) -> Opened:
    """Return one of the person's pictures. Raises: Image.DoesNotExist."""
    image = Image.objects.visible_to(user).select_related("job").get(pk=pk)
    url = storage.signed_url(image.file)
    return Opened(f"image:{image.pk}", url, image.width, image.height, image.placeholder, image.recipe["prompt"])


def open_upload(user: User, pk: uuid.UUID) -> Opened:
    """Return one of the person's uploads. Raises: Upload.DoesNotExist."""
    upload = Upload.objects.visible_to(user).get(pk=pk)
    url = reverse("generation:upload_file", args=[upload.pk])
    return Opened(f"upload:{upload.pk}", url, upload.width, upload.height, upload.placeholder)


def branch_from(user: User, pk: uuid.UUID, tasks: Collection[str] = EDITING_TASKS) -> Branch:
    """Return one of the person's runs as it was sent, on the picture that it began from, or else on its own.

    What was painted is not among it: a mask belongs to one result. Raises: Job.DoesNotExist.
    """
    job = Job.objects.visible_to(user).filter(task__in=tasks).get(pk=pk)
    return replace(_branch(user, job, job.params), marks={})


def recall(user: User, pk: uuid.UUID, tasks: Collection[str] = EDITING_TASKS) -> Branch:
    """Return all that one of the person's pictures was made with: its own seed and words, and what was painted.

    How many pictures are wanted is left as it stands. Raises: Image.DoesNotExist.
    """
    images = Image.objects.visible_to(user).select_related("job")
    image = images.filter(job__task__in=tasks).get(pk=pk)
    branch = _branch(user, image.job, image.recipe)
    return replace(branch, values={name: value for name, value in branch.values.items() if name != "num_images"})


def branch_of_example(name: str, chosen: Mapping[str, str]) -> Branch | None:
    """Return one of the site's own pictures with settings to try on it; None for a name that there is not."""
    if name not in _EXAMPLES:
        return None
    task, file = _EXAMPLES[name]
    values = {each: value for each, value in chosen.items() if each in _TRIED}
    return Branch(task, values, None, example=static(file))


def open_named(user: User, reference: str) -> Opened | None:
    """Return a picture by the name that a run knew it by; None when it is gone."""
    kind, _, pk = reference.partition(":")
    try:
        return (open_image if kind == JobInput.Kind.IMAGE else open_upload)(user, uuid.UUID(pk))
    except ObjectDoesNotExist:
        return None


def _branch(user: User, job: Job, stored: Mapping[str, Any]) -> Branch:
    values = params.values_of(job.task, stored)
    names = [values["image"]] if "image" in values else values.get("images", [])
    found = [opened for name in names if (opened := open_named(user, name))]
    weights = values.get("weights", [])
    parts = list(zip(found, map(float, weights), strict=True)) if len(found) == len(names) == len(weights) else []
    own = Image.objects.visible_to(user).filter(job=job).first()
    opened = found[0] if found else open_image(user, own.pk) if own else None
    painted = {role: values[role] for role in sorted(GREY_ROLES) if role in values}
    marks = {role: name for role, name in painted.items() if found and open_named(user, name)}
    settings = {name: value for name, value in values.items() if name not in _PICTURES}
    is_whole = len(found) == len(names) and marks == painted
    return Branch(job.task, settings, opened, parts, marks=marks, is_whole=is_whole)
