"""robots.txt: what search engines may read, and where the list of it is."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

# People's own pages answer with the log-in: nothing to be found there. Create and the library may still be looked for.
_PRIVATE = ("/accounts/", "/admin/", "/media/", "/models/", "/settings/", "/v1/", "/video/")


@require_safe
@cache_control(public=True, max_age=3600)
def robots(request: HttpRequest) -> HttpResponse:
    """Say it."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in _PRIVATE), f"Allow: {reverse('account_signup')}"]
    lines += ["", f"Sitemap: {settings.SITE_URL}{reverse('sitemap')}"]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
