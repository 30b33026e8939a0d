"""Create: the form at the left, the runs at the right."""

import uuid
from typing import Any

from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from accounts.access import SignedInRequest, signed_in
from generation import forms, gallery, showcase
from generation.editor import EDITING_TASKS
from generation.faces import faces_of
from generation.forms import CreateForm
from generation.gallery import RunsPage
from generation.models import CustomModel, Image, Job, Publication
from generation.params import TextToImageParams
from generation.price_tag import credits_of, price_tag
from generation.task_names import VIDEO_TASK

# Set by static/js/fold.js, so that the page comes with the fold as it was left.
ADVANCED_COOKIE = "advanced"
# Where the landing page leaves what was typed there before sign-up.
PROMPT_SESSION_KEY = "prompt"
_PAGES = {VIDEO_TASK: "generation:video", **dict.fromkeys(EDITING_TASKS, "generation:editor")}


@require_safe
@signed_in
def create(request: SignedInRequest) -> HttpResponseBase:
    """Show the page people live in; a partial request for `before` gets older runs alone."""
    if elsewhere := _page_of_tool(request):
        return redirect(elsewhere)
    before = uuid_or_none(request.GET.get("before"))
    runs = gallery.recent_runs(request.user, before=before)
    if request.htmx and before:
        response = render(request, "generation/_runs.html", {"runs": faces_of(runs.jobs, request.user), "page": runs})
    else:
        response = render(request, "generation/create.html", page_context(request, _form(request, runs), runs))
    patch_vary_headers(response, ["HX-Request"])
    return response


def page_context(request: SignedInRequest, form: CreateForm, runs: RunsPage | None = None) -> dict[str, Any]:
    """Return what the whole page shows around this form."""
    runs = runs or gallery.recent_runs(request.user)
    tag = price_tag(form, credits_of(request.user))
    return {
        "form": form,
        "tag": tag,
        "runs": faces_of(runs.jobs, request.user),
        "page": runs,
        "credits": tag.credits,
        # Until it changes no key of this page was used, so that the browser may go on with the page that it has.
        "newest_run": gallery.newest_run(request.user) or "",
        "nav": "create",
    }


def is_advanced_open(request: SignedInRequest) -> bool:
    """Whether the reader left the fold open."""
    return request.COOKIES.get(ADVANCED_COOKIE) == "open"


def uuid_or_none(text: str | None) -> uuid.UUID | None:
    """Return the id in an address; what is none leads to the first page."""
    try:
        return uuid.UUID(text or "")
    except ValueError:
        return None


def _page_of_tool(request: SignedInRequest) -> str | None:
    """Return where everything of an edit or a video can be taken over; None for what is taken over here."""
    picture, run = (uuid_or_none(request.GET.get(name)) for name in ("from", "run"))
    if picture and request.GET.get("take", "all") == "all":
        images = Image.objects.visible_to(request.user).filter(pk=picture)
        task, query = images.values_list("job__task", flat=True).first(), f"from={picture}"
    elif run:
        runs = Job.objects.visible_to(request.user).filter(pk=run)
        task, query = runs.values_list("task", flat=True).first(), f"branch={run}"
    else:
        return None
    page = _PAGES.get(task or "")
    return f"{reverse(page)}?{query}" if page else None


def _form(request: SignedInRequest, runs: RunsPage) -> CreateForm:
    """Return the first form: empty, or filled from a picture, a run, a model of one's own or a suggested prompt."""
    # Edits, videos and trainings come in ones and have settings of their own.
    last = next((job for job in runs.jobs if job.task == TextToImageParams.task), None)
    form = forms.blank(last, user=request.user, is_advanced_open=is_advanced_open(request))
    if own := uuid_or_none(request.GET.get("own")):
        return forms.with_own_model(form, get_object_or_404(CustomModel.objects.usable_by(request.user), pk=own))
    if picture := uuid_or_none(request.GET.get("from")):
        image = get_object_or_404(Image.objects.visible_to(request.user).select_related("job"), pk=picture)
        return forms.taken(form, image, request.GET.get("take", "all"))
    if token := request.GET.get("remix"):
        shown = get_object_or_404(Publication.objects.open().select_related("image__job"), token=token)
        if not showcase.can_be_remixed(shown):
            raise Http404
        return forms.taken(form, shown.image, "all")
    if run := uuid_or_none(request.GET.get("run")):
        return forms.taken(form, get_object_or_404(Job.objects.visible_to(request.user), pk=run), "all")
    chosen = request.GET.dict() if "prompt" in request.GET else {"prompt": request.session.pop(PROMPT_SESSION_KEY, "")}
    return forms.with_values(form, chosen)
