"""Give a key a new text."""

from uuid import UUID

from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from accounts import api_keys
from accounts.access import SignedInRequest, signed_in
from accounts.errors import KeyEnded
from accounts.key_forms import RotateForm
from accounts.views.api_keys import shown_once


@require_POST
@signed_in
def api_key_rotate(request: SignedInRequest, key_id: UUID) -> HttpResponseBase:
    """Show the new text, this once; the old one ends when the person says."""
    key = get_object_or_404(api_keys.listed(request.user), pk=key_id)
    form = RotateForm(request.POST)
    if not form.is_valid():
        messages.error(request, gettext("Choose when the old key ends."))
        return redirect("accounts:api_key", key.pk)
    try:
        return shown_once(request, key, api_keys.rotate(key, overlap=form.overlap))
    except KeyEnded as error:
        messages.error(request, str(error))
        return redirect("accounts:api_key", key.pk)
