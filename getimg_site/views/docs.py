"""The developers' pages below /docs/."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts import switches, test_allowance
from accounts.models import Feature
from accounts.quick_start import api_url
from generation import catalog, params, pricing, sealing, wildcards, word_lists, word_weights
from generation.api.courier import BACKOFF
from generation.api.parsers import BODY_LIMIT_BYTES
from generation.api.requests import IDEMPOTENCY_KEY_MAX_LENGTH
from generation.errors import SecretUnreadable
from generation.models import Event, ModelAlias
from generation.params import inpaint
from generation.task_names import VIDEO_TASK, name_of
from getimg_site import docs as pages
from getimg_site import docs_errors, docs_reference, structured_data

KEY_IN_SESSION = "docs_key"


@require_safe
def docs(request: HttpRequest, slug: str = "") -> HttpResponseBase:
    """Show a page; the code on it has the reader's test key, made on it a moment ago, or a place for one."""
    page = pages.BY_SLUG.get(slug)
    if page is None:
        raise Http404
    context = {"page": page, "pages": pages.PAGES, "api_url": api_url(), "api_key": _key(request)}
    context["structured"] = structured_data.of_docs(page)
    context["switched_off"] = switches.said(Feature.API)
    return render(request, page.template, {**context, **FACTS.get(slug, dict)()})


def _quick_start() -> dict[str, Any]:
    targets = sorted(ModelAlias.targets().items())
    known = [(alias, target) for alias, target in targets if target in catalog.MODELS]
    return {"aliases": known, "example_model": pages.example_model()}


def _limits() -> dict[str, Any]:
    # Base64 writes three bytes as four signs.
    megabytes = {"body_mb": BODY_LIMIT_BYTES // 10**6, "base64_mb": BODY_LIMIT_BYTES * 3 / 4 / 10**6}
    rates = {
        **megabytes,
        "file_mb": settings.INPUT_IMAGE_MAX_BYTES // 10**6,
        "key": settings.API_RATE_KEY,
        "account": settings.API_RATE_ACCOUNT,
        "generate": settings.API_RATE_GENERATE,
        "waiting": settings.API_JOBS_WAITING_MAX,
        "test_pictures": test_allowance.PICTURES_A_DAY,
        "retention_days": settings.API_RETENTION_DAYS,
        "files_mb": settings.UPLOAD_QUOTA_BYTES // 10**6,
        "files_days": settings.UPLOAD_RETENTION_DAYS,
    }
    return {"rates": rates}


def _errors() -> dict[str, Any]:
    refusals = sorted((*docs_errors.REQUEST, *docs_errors.WAITED), key=lambda one: one.status)
    return {"request_errors": refusals, "waited": docs_errors.WAITED, "diffusion_errors": docs_errors.DIFFUSION}


def _playground() -> dict[str, Any]:
    drawing = [model for model in catalog.MODELS.values() if "text-to-image" in model.tasks]
    return {"models": [model for model in drawing if model.is_installed], "site_url": settings.SITE_URL}


def _prompts() -> dict[str, Any]:
    bounds = {"depth": wildcards.DEPTH_MAX, "choices": wildcards.CHOICES_MAX, "length": wildcards.LENGTH_MAX}
    weights = (word_weights.WEIGHT_MIN, word_weights.WEIGHT_MAX)
    return {"word_lists": list(word_lists.BUILT_IN), "bounds": bounds, "weights": weights}


def _edits() -> dict[str, Any]:
    priced = [(task, name_of(task), weight) for task, weight in pricing.TASK_WEIGHTS.items() if task in params.EDITS]
    video_credits = int(pricing.TASK_WEIGHTS[VIDEO_TASK])
    weights = [(task, name, float(weight)) for task, name, weight in priced]
    facts = {"feather": inpaint.FEATHER, "files_days": settings.UPLOAD_RETENTION_DAYS}
    return {"priced": weights, "video_credits": video_credits, **facts}


def _short(pause: timedelta) -> str:
    seconds = int(pause.total_seconds())
    of, unit = next((of, unit) for of, unit in ((3600, "h"), (60, "min"), (1, "s")) if seconds % of == 0)
    return f"{seconds // of} {unit}"


# What a page knows besides.
FACTS: dict[str, Callable[[], dict[str, Any]]] = {
    "": _quick_start,
    "clients": lambda: {"clients_url": f"{settings.SITE_URL}/docs/clients"},
    "edits": _edits,
    "errors": _errors,
    "idempotency": lambda: {"key_length": IDEMPOTENCY_KEY_MAX_LENGTH},
    "limits": _limits,
    "playground": _playground,
    "prompts": _prompts,
    "webhooks": lambda: {"events": Event.values, "pauses": [_short(pause) for pause in BACKOFF]},
    "reference": lambda: {"operations": docs_reference.operations()},
}


def _key(request: HttpRequest) -> str:
    if not request.user.is_authenticated:
        return ""
    try:
        return sealing.unseal(request.session.get(KEY_IN_SESSION, ""))
    except SecretUnreadable:
        return ""
