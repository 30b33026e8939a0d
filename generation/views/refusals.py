"""What was refused or taken down, why, and what was decided; an appeal is sent from here."""

import uuid

from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import SignedInRequest, signed_in
from generation import moderation, moderation_queue
from generation.errors import InvalidParams
from generation.models import ModerationCase, Report
from generation.models.moderation_case import APPEAL_MAX_LENGTH

_SHOWN_MAX = 100


@require_safe
@signed_in
def refusals(request: SignedInRequest) -> HttpResponseBase:
    """List the newest: what was refused, and what the reader reported."""
    cases = list(ModerationCase.objects.visible_to(request.user).order_by("-id")[:_SHOWN_MAX])
    rows = [(case, moderation.category_name(case.category)) for case in cases]
    reports = list(Report.objects.filter(reporter=request.user).order_by("-pk")[:_SHOWN_MAX])
    return render(request, "generation/refusals.html", {"section": "refusals", "rows": rows, "reports": reports})


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def refusal(request: SignedInRequest, case_id: uuid.UUID) -> HttpResponseBase:
    """Show one; take its appeal."""
    case = get_object_or_404(ModerationCase.objects.visible_to(request.user).select_related("image"), pk=case_id)
    context = {"section": "refusals", "case": case, "category": moderation.category_name(case.category)}
    context |= {"bound": APPEAL_MAX_LENGTH}
    if request.method != "POST":
        return render(request, "generation/refusal.html", context)
    try:
        moderation_queue.appeal(case, request.POST.get("appeal", ""))
    except InvalidParams as error:
        context |= {"error": error.errors[0].message, "typed": request.POST.get("appeal", "")}
        return render(request, "generation/refusal.html", context, status=422)
    messages.success(request, gettext("Sent. Somebody looks at it and writes to you."))
    return redirect("generation:refusal", case.pk)
