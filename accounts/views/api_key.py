"""A key: its name and limits, and the ways to rotate and revoke it."""

from uuid import UUID

from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from accounts import api_keys
from accounts.access import SignedInRequest, signed_in
from accounts.key_forms import KeyForm, RotateForm


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def api_key(request: SignedInRequest, key_id: UUID) -> HttpResponseBase:
    """Show a key and save its changes."""
    key = get_object_or_404(api_keys.listed(request.user).select_related("user"), pk=key_id)
    form = KeyForm.of(key, request.POST or None)
    if request.method == "POST" and form.is_valid():
        api_keys.change(key, **form.facts)
        messages.success(request, gettext("Key saved. Its next request follows the new limits."))
        return redirect("accounts:api_key", key.pk)
    context = {"section": "api_keys", "key": key, "form": form, "rotate": RotateForm()}
    return render(request, "accounts/api_key.html", context, status=422 if form.errors else 200)
