"""What was refused or taken down, why, and what was decided; an appeal is sent from here."""

import uuid

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts import waiting_words
from accounts.access import SignedInRequest, signed_in
from generation import moderation, moderation_queue
from generation.errors import InvalidParams
from generation.models import ModerationCase, Report
from generation.models.moderation_case import APPEAL_MAX_LENGTH

_SHOWN_MAX = 100
# An appeal that waits while somebody logs in.
_APPEAL = "appeal_words"


@require_safe
@signed_in
def refusals(request: SignedInRequest) -> HttpResponseBase:
    """List the newest: what was refused, and what the reader reported."""
    cases = list(ModerationCase.objects.visible_to(request.user).order_by("-id")[:_SHOWN_MAX])
    rows = [(case, moderation.category_name(case.category)) for case in cases]
    reports = list(Report.objects.filter(reporter=request.user).order_by("-pk")[:_SHOWN_MAX])
    return render(request, "generation/refusals.html", {"section": "refusals", "rows": rows, "reports": reports})


@require_http_methods(["GET", "HEAD", "POST"])
def refusal(request: HttpRequest, case_id: uuid.UUID) -> HttpResponseBase:
    """Show one; take its appeal, or keep it while somebody logs in."""
    if request.method == "POST" and not request.user.is_authenticated:
        waiting_words.keep(request, _APPEAL, {"case": str(case_id), "appeal": request.POST.get("appeal", "")})
        return redirect_to_login(request.path)
    return _refusal(request, case_id)


@signed_in
def _refusal(request: SignedInRequest, case_id: uuid.UUID) -> HttpResponseBase:
    case = get_object_or_404(ModerationCase.objects.visible_to(request.user).select_related("image"), pk=case_id)
    context = {"section": "refusals", "case": case, "category": moderation.category_name(case.category)}
    context |= {"bound": APPEAL_MAX_LENGTH}
    if request.method != "POST":
        return render(request, "generation/refusal.html", {**context, "typed": _kept_appeal(request, case)})
    try:
        moderation_queue.appeal(case, request.POST.get("appeal", ""))
    except InvalidParams as error:
        context |= {"error": error.errors[0].message, "typed": request.POST.get("appeal", "")}
        return render(request, "generation/refusal.html", context, status=422)
    messages.success(request, gettext("Sent. Somebody looks at it and writes to you."))
    return redirect("generation:refusal", case.pk)


def _kept_appeal(request: SignedInRequest, case: ModerationCase) -> str:
    """Return the appeal against this that somebody sent while logged out; whoever logged in reads it and sends it."""
    kept = waiting_words.take(request, _APPEAL)
    if kept.get("case") != str(case.pk) or not case.can_be_appealed:
        return ""
    messages.info(request, gettext("You were logged out. Your appeal is still here: send it now."))
    return kept["appeal"]
