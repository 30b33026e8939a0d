"""The shapes of bodies and answers as JSON Schema. Bounds come from `params.py` and the catalogue, never from here.

Where models differ, a field has the widest bounds, and `allOf` says which model's are narrower.
"""

from collections.abc import Iterable
from typing import Any

from generation import params
from generation.api import listing, prompt_shapes, requests, task_shapes
from generation.api.names import TASKS
from generation.engine.protocol import LORA_WEIGHT_MAX, LORA_WEIGHT_MIN, LORAS_MAX
from generation.models import Job, Upload
from generation.models.job import REF_MAX_LENGTH

Shape = dict[str, Any]

TEXT: Shape = {"type": "string"}
COUNT: Shape = {"type": "integer", "minimum": 0}
MOMENT: Shape = {"type": "string", "format": "date-time"}
ID: Shape = {"type": "string", "format": "uuid"}
_NUMBER: Shape = {"type": "number"}
STATUS: Shape = {"type": "string", "enum": list(Job.Status.values)}
_ALT_TEXT = (
    "What the picture shows, for a page's `alt`: its owner's words, else its prompt without weights. The file itself "
    "does not hold it: it is the one that `sha256` names."
)
_NO_NULL_CHARACTER = r"^[^\u0000]*$"
SIZE_PATTERN = "^[1-9][0-9]{1,4}x[1-9][0-9]{1,4}$"


def shapes() -> dict[str, Shape]:
    """Return every shape by name."""
    fields = request_fields()
    first = task_shapes.by_model(TASKS[0], fields)
    about = {"ref": _text(REF_MAX_LENGTH), "quoteId": _text(requests.QUOTE_ID_MAX_LENGTH)}
    quoted = {**fields, "prompt": prompt_shapes.shape(prompt_shapes.OPTIONAL_PROMPT)}
    return {
        "DiffusionRequest": _where(first, closed({**fields, **optional(about)}, required=["prompt"])),
        "QuoteRequest": _where(first, closed({**quoted, **optional({"prompt": quoted["prompt"], **about})})),
        **_edits(fields, optional(about), require_prompt=True),
        **_edits(quoted, optional(about), require_prompt=False),
        "FileRequest": _file_request(),
        "File": _file(),
        "FilePage": _page("File"),
        "ImagesRequest": _images_request(fields),
        "Diffusion": _diffusion(),
        "DiffusionPage": _page("Diffusion"),
        "Notice": _notice(),
        "Output": _output(),
        "DiffusionManifest": open_({"id": ID, "manifests": {"type": "array", "items": _manifest()}}),
        "Quote": _quote(),
        "Models": open_({"models": _list("Model")}),
        "Model": _model(),
        "Images": open_({"created": COUNT, "data": {"type": "array", "items": _image()}}),
        "Problem": _problem(),
        "Error": _error(),
    }


def request_fields() -> dict[str, Shape]:
    """Return the picture's fields: those of every task, with the widest bounds of the models that are here."""
    served = task_shapes.installed(TASKS[0])
    bounded = {
        "negativePrompt": prompt_shapes.shape(prompt_shapes.TEMPLATE),
        "model": task_shapes.model_name(TASKS[0]),
        "numImages": {"type": "integer", "minimum": 1, "maximum": params.NUM_IMAGES_MAX},
        "guidanceScale": {"type": "number", "minimum": params.GUIDANCE_MIN, "maximum": params.GUIDANCE_MAX},
        "seed": {"type": "integer", "minimum": 0, "maximum": params.SEED_MAX},
        "loras": _loras(),
        **task_shapes.model_bounds([one.model for one in served]),
    }
    task = {"type": "string", "enum": [TASKS[0]]}
    return {
        "prompt": {**prompt_shapes.shape(prompt_shapes.PROMPT), "minLength": 1},
        **optional({"task": task, **bounded}),
    }


def closed(properties: dict[str, Shape], *, required: Iterable[str] = ()) -> Shape:
    """Return an object that has no other fields."""
    shape: Shape = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**shape, "required": list(required)} if required else shape


def open_(properties: dict[str, Shape]) -> Shape:
    """Return an answer: every field is there, and more may come one day."""
    return {"type": "object", "properties": properties, "required": list(properties)}


def nullable(shape: Shape) -> Shape:
    """Return a shape that may also be null."""
    if "$ref" in shape:
        return {"oneOf": [shape, {"type": "null"}]}
    more: Shape = {"enum": [*shape["enum"], None]} if "enum" in shape else {}
    more |= {"anyOf": [*shape["anyOf"], {"type": "null"}]} if "anyOf" in shape else {}
    return {**shape, "type": [shape["type"], "null"], **more}


def optional(properties: dict[str, Shape]) -> dict[str, Shape]:
    """Return fields of a request that may be left out, or null, which says the same."""
    return {name: nullable(shape) for name, shape in properties.items()}


def _loras() -> Shape:
    weight = {"type": "number", "minimum": LORA_WEIGHT_MIN, "maximum": LORA_WEIGHT_MAX, "default": 1}
    return {
        "type": "array",
        "items": closed({"id": ID, "weight": weight}, required=["id"]),
        "maxItems": LORAS_MAX,
        "description": "Models of your own (LoRAs) that change the model, each with its weight.",
    }


def _where(conditions: list[Shape], shape: Shape) -> Shape:
    return {**shape, "allOf": conditions} if conditions else shape


def _text(limit: int) -> Shape:
    return {"type": "string", "maxLength": limit, "pattern": _NO_NULL_CHARACTER}


def _list(name: str) -> Shape:
    return {"type": "array", "items": _ref(name)}


def _page(name: str) -> Shape:
    return open_({"data": _list(name), "hasMore": {"type": "boolean"}, "next": nullable(ID)})


def _ref(name: str) -> Shape:
    return {"$ref": f"#/components/schemas/{name}"}


def _sizes() -> list[str]:
    """Return the usual sizes; others within the bounds are taken as well."""
    models = [served.model for served in task_shapes.installed(TASKS[0])]
    return list(dict.fromkeys(size.value for model in models for size in model.sizes))


def _edits(usual: dict[str, Shape], about: dict[str, Shape], *, require_prompt: bool) -> dict[str, Shape]:
    """Return the shape of each editing task that something here can do, and the one that any request has."""
    end = "Request" if require_prompt else "QuoteRequest"
    named = {
        task.title().replace("-", "") + end: _where(
            task_shapes.by_model(task, fields) + task_shapes.together(task),
            closed({**fields, **about}, required=must),
        )
        for task, (fields, must) in task_shapes.edit_fields(usual, optional, require_prompt=require_prompt).items()
    }
    first = "DiffusionRequest" if require_prompt else "QuoteRequest"
    any_ = "AnyDiffusionRequest" if require_prompt else "AnyQuoteRequest"
    return {**named, any_: {"oneOf": [_ref(name) for name in (first, *named)]}}


def _file_request() -> Shape:
    kinds = {"type": "string", "enum": list(Upload.Kind.values)}
    return closed({"file": {"type": "string", "format": "binary"}, "kind": kinds}, required=["file"])


def _file() -> Shape:
    numbers = {"width": COUNT, "height": COUNT, "sizeBytes": {**COUNT, "description": "Of the PNG behind `url`."}}
    link = {"type": "string", "format": "uri"}
    return open_({"id": ID, "kind": TEXT, **numbers, "sha256": TEXT, "url": link, "createdAt": MOMENT})


def _images_request(fields: dict[str, Shape]) -> Shape:
    more: dict[str, Shape] = {
        "n": {"type": "integer", "minimum": 1, "maximum": params.NUM_IMAGES_MAX},
        "size": {"type": "string", "enum": ["auto", *_sizes()]},
        "response_format": {"type": "string", "enum": ["url", "b64_json"]},
        "user": _text(REF_MAX_LENGTH),
    }
    return closed({"prompt": fields["prompt"], "model": fields["model"], **optional(more)}, required=["prompt"])


def _diffusion() -> Shape:
    """Of what a POST answers, only what can't change is required: see `answers.created`."""
    cost = open_({"credits": COUNT, "charged": COUNT, "perImage": COUNT})
    lasting = {
        "id": ID,
        "status": STATUS,
        "createdAt": MOMENT,
        "task": TEXT,
        "model": TEXT,
        "servedBy": TEXT,
        "ref": nullable(TEXT),
        "isTest": {"type": "boolean"},
        "cancelAfter": nullable(MOMENT),
        "params": {"type": "object"},
        "warnings": _list("Notice"),
        "cost": cost,
        "manifestUrl": {"type": "string", "format": "uri"},
    }
    now = {
        "startedAt": nullable(MOMENT),
        "finishedAt": nullable(MOMENT),
        "images": {"type": "array", "items": {"type": "string", "format": "uri"}},
        "outputs": _list("Output"),
        "queuePosition": nullable({"type": "integer", "minimum": 1}),
        "progress": {
            **open_({"step": COUNT, "of": COUNT, "percent": {"type": "integer", "minimum": 0, "maximum": 100}}),
            "description": "Steps over all pictures. Once the run is over: of the steps that were asked for, as far as "
            "there are pictures; a task without steps counts pictures.",
        },
        "error": nullable(_ref("Error")),
    }
    return {"type": "object", "properties": {**lasting, **now}, "required": list(lasting)}


def _notice() -> Shape:
    """What kept nothing from being drawn; more codes may come."""
    about = "`base_changed`: a model of your own was made for other weights of its base than are here now."
    return open_({"code": {**TEXT, "description": about}, "message": TEXT})


def _output() -> Shape:
    """A picture's, and what only a video has beside it: `url` is its MP4, the poster its first frame."""
    link = {"type": "string", "format": "uri"}
    file = {"url": link, "contentType": TEXT, "sizeBytes": COUNT}
    shape = open_(
        {
            "id": ID,
            "url": link,
            "seed": COUNT,
            "prompt": TEXT,
            "altText": {**TEXT, "description": _ALT_TEXT},
            "width": COUNT,
            "height": COUNT,
            "contentType": TEXT,
            "sizeBytes": COUNT,
            "sha256": TEXT,
            "deletesAt": MOMENT,
        }
    )
    shape["properties"] |= {
        "frames": COUNT,
        "fps": COUNT,
        "seconds": {"type": "number"},
        "poster": open_({**file, "sha256": TEXT}),
        "alternatives": {"type": "array", "items": open_(file)},
    }
    return shape


def _manifest() -> Shape:
    """What makes one picture again; its fields are those of the file that the site gives."""
    file = open_({"sha256": nullable(TEXT), "width": COUNT, "height": COUNT})
    return open_({"format": TEXT, "picture": ID, "run": ID, "prompt": TEXT, "seed": COUNT, "pixels": file})


def _image() -> Shape:
    """One of the two is there: what `response_format` asked for."""
    return {"type": "object", "properties": {"url": {"type": "string", "format": "uri"}, "b64_json": TEXT}}


def _quote() -> Shape:
    term = open_({"name": TEXT, "factor": {"type": "number"}, "detail": TEXT})
    numbers = dict.fromkeys(("credits", "perImage", "numImages", "pricingVersion"), COUNT)
    terms, warnings = {"type": "array", "items": term}, {"type": "array", "items": _notice()}
    return open_({"quoteId": TEXT, **numbers, "terms": terms, "warnings": warnings, "expiresAt": MOMENT})


def _model() -> Shape:
    texts = dict.fromkeys(("id", "name", "summary", "servedBy"), TEXT)
    switch: Shape = {"type": "boolean"}
    counts = ("promptMaxLength", "numImagesMax", "sideMin", "sideMax", "sideMultipleOf", "stepsMin", "stepsMax")
    limits: dict[str, Shape] = {
        **dict.fromkeys(counts, COUNT),
        **dict.fromkeys(("guidanceScaleMin", "guidanceScaleMax"), _NUMBER),
        "schedulers": {"type": "array", "items": TEXT},
        **dict.fromkeys(("negativePrompt", "weights"), switch),
        "controls": {"type": "array", "items": TEXT},
        **dict.fromkeys(("inputBytesMax", "inputPixelsMax", "resultPixelsMax"), COUNT),
        "note": TEXT,
    }
    sides = dict.fromkeys(("width", "height", "numImages", "steps"), COUNT)
    return open_(
        {
            **texts,
            "available": switch,
            "unavailableReason": nullable(TEXT),
            "tasks": {"type": "array", "items": TEXT},
            "limits": open_(limits),
            "defaults": open_({**sides, "guidanceScale": _NUMBER, "scheduler": nullable(TEXT)}),
            "prices": open_({"perImage": COUNT, "unit": TEXT, "at": TEXT}),
            "licence": open_({"name": TEXT, "url": TEXT, "commercial": switch}),
        }
    )


def _error() -> Shape:
    return open_({"type": TEXT, "code": TEXT, "message": TEXT, "param": nullable(TEXT), "docUrl": TEXT})


def _problem() -> Shape:
    field = open_({"param": TEXT, "code": TEXT, "message": TEXT})
    shape = open_({"type": TEXT, "title": TEXT, "status": {"type": "integer"}, "detail": TEXT, "error": _ref("Error")})
    shape["properties"]["errors"] = {"type": "array", "items": field}
    return shape


PAGE_QUERY: dict[str, tuple[str, Shape]] = {
    "limit": ("How many a page has.", {"type": "integer", "minimum": 1, "maximum": listing.LIMIT_MAX}),
    "after": ("`next` of the page before.", ID),
}
LIST_QUERY: dict[str, tuple[str, Shape]] = {
    **PAGE_QUERY,
    "status": ("Only those with this status.", STATUS),
    "model": (
        "Only of this model.",
        {"type": "string", "minLength": 1, "maxLength": listing.MODEL_MAX_LENGTH, "pattern": _NO_NULL_CHARACTER},
    ),
    "ref": (
        "Only with this reference.",
        {"type": "string", "minLength": 1, "maxLength": REF_MAX_LENGTH, "pattern": _NO_NULL_CHARACTER},
    ),
    "createdAfter": ("Only later ones.", MOMENT),
}
