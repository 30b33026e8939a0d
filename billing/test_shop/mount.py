"""The shop inside the site: at /test-shop/ for people, and without a network for the site itself."""

from functools import cache

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from billing.test_shop import deliveries
from billing.test_shop.app import Shop, wsgi_headers
from billing.test_shop.exchange import Request

ROOT = "test-shop"


@cache
def embedded_shop() -> Shop:
    """Return this process's shop, which tells this site of what happens there."""
    shop = Shop(
        settings.DATA_DIR / "test_shop.sqlite3",
        f"{settings.SITE_URL}/{ROOT}",
        key=settings.STRIPE_SECRET_KEY,
        assets=settings.BASE_DIR / "static",
    )
    hook = f"http://127.0.0.1:{settings.PORT}/{settings.STRIPE_WEBHOOK_PATH}"
    with shop.store.books() as books:
        deliveries.register(books, hook, settings.STRIPE_WEBHOOK_SECRETS[0], ["*"])
    shop.courier.start()
    shop.courier.ring()
    return shop


@csrf_exempt  # the API has its key; the pages look at where a form comes from
def serve(request: HttpRequest, path: str = "") -> HttpResponseBase:
    """Answer for the shop. Its desk, which shows everybody's purchases, is for the site's staff."""
    if not settings.TEST_SHOP:
        raise Http404
    if not path and not request.user.is_staff:
        # Whoever is logged in would be sent back here.
        if request.user.is_authenticated:
            raise Http404
        return redirect_to_login(request.get_full_path())
    answer = embedded_shop().answer(
        Request(
            method=request.method or "GET",
            path=f"/{path}",
            query=request.META.get("QUERY_STRING", ""),
            headers=wsgi_headers(request.META),
            body=request.body,
        )
    )
    return HttpResponse(answer.body, status=answer.status, headers=answer.headers)
