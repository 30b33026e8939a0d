"""The keys that licence certificates are signed with, for whoever checks one without us."""

from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from generation import certificates


@require_safe
@cache_control(public=True, max_age=3600)
def licence_keys(request: HttpRequest) -> HttpResponseBase:
    """Send the key in use and those before it, as a JSON Web Key Set."""
    return JsonResponse({"keys": certificates.published_keys()}, json_dumps_params={"indent": 2})
