"""The developers' pages below /docs/."""

from collections.abc import Callable
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
from generation.api.requests import IDEMPOTENCY_KEY_MAX_LENGTH
from generation.errors import SecretUnreadable
from generation.task_names import name_of
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


def _limits() -> dict[str, Any]:
    rates = {
        "key": settings.API_RATE_KEY,
        "account": settings.API_RATE_ACCOUNT,
        "generate": settings.API_RATE_GENERATE,
        "waiting": settings.API_JOBS_WAITING_MAX,
        "test_pictures": test_allowance.PICTURES_A_DAY,
        "retention_days": settings.API_RETENTION_DAYS,
    }
    return {"rates": rates}


def _errors() -> dict[str, Any]:
    return {"request_errors": docs_errors.REQUEST, "diffusion_errors": docs_errors.DIFFUSION}


def _playground() -> dict[str, Any]:
    drawing = [model for model in catalog.MODELS.values() if "text-to-image" in model.tasks]
    return {"models": [model for model in drawing if model.is_installed], "site_url": settings.SITE_URL}


def _prompts() -> dict[str, Any]:
    bounds = {"depth": wildcards.DEPTH_MAX, "choices": wildcards.CHOICES_MAX, "length": wildcards.LENGTH_MAX}
    weights = (word_weights.WEIGHT_MIN, word_weights.WEIGHT_MAX)
    return {"word_lists": list(word_lists.BUILT_IN), "bounds": bounds, "weights": weights}


def _edits() -> dict[str, Any]:
    priced = [(task, name_of(task), weight) for task, weight in pricing.TASK_WEIGHTS.items() if task in params.EDITS]
    return {"priced": [(task, name, float(weight)) for task, name, weight in priced]}


# What a page knows besides.
FACTS: dict[str, Callable[[], dict[str, Any]]] = {
    "edits": _edits,
    "errors": _errors,
    "idempotency": lambda: {"key_length": IDEMPOTENCY_KEY_MAX_LENGTH},
    "limits": _limits,
    "playground": _playground,
    "prompts": _prompts,
    "reference": lambda: {"operations": docs_reference.operations()},
}


def _key(request: HttpRequest) -> str:
    if not request.user.is_authenticated:
        return ""
    try:
        return sealing.unseal(request.session.get(KEY_IN_SESSION, ""))
    except SecretUnreadable:
        return ""
