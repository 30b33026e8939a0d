"""Frequently asked questions, answered by what the site does today."""

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe


@require_safe
def faq(request: HttpRequest) -> HttpResponseBase:
    """Show the questions."""
    return render(request, "getimg_site/faq.html", {"confirms_address": settings.EMAIL_VERIFICATION_REQUIRED})
