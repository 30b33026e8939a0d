"""The models that the library's filter offers, asked for when it is opened."""

from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.access import SignedInRequest, signed_in
from generation import used_models


@require_safe
@signed_in
def library_models(request: SignedInRequest) -> HttpResponseBase:
    """Answer with the models of the reader's pictures as options; `?model=` is the one that is chosen."""
    context = {"models": used_models.of(request.user), "chosen": request.GET.get("model", "")}
    return render(request, "generation/_library_models.html", context)
