"""Settings → Notifications: what a person wants to be told of, and how; the page's script asks for it here, too."""

from django.contrib import messages
from django.http import JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts import notification_forms
from accounts import notifications as choices
from accounts.access import SignedInRequest, signed_in
from accounts.models import Channel


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def notifications(request: SignedInRequest) -> HttpResponseBase:
    """Show the choices and save them."""
    if request.method == "POST":
        choices.choose(request.user, notification_forms.ticked(request.POST.getlist("wanted")))
        messages.success(request, gettext("Notifications saved."))
        return redirect("accounts:notifications")
    context = {"section": "notifications", "rows": notification_forms.rows(request.user), "channels": Channel}
    return render(request, "accounts/notifications.html", context)


@require_safe
@never_cache
@signed_in
def notification_choices(request: SignedInRequest) -> HttpResponseBase:
    """Tell the page's script what to do when a run ends."""
    chosen = sorted(choices.name_of(pair) for pair in choices.chosen(request.user) if pair[1] != Channel.EMAIL)
    return JsonResponse({"chosen": chosen})
