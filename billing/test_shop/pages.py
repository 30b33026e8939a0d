"""The shop's pages: which one an address has, in one transaction, under a policy that allows no script at all."""

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from django.template.loader import render_to_string

from billing.test_shop import checkout_page, clock, desk_page, invoice_page, portal_page
from billing.test_shop.errors import ShopError
from billing.test_shop.exchange import Request, Response
from billing.test_shop.html import Answer, File, Form, Page, PageRoute, Redirect

if TYPE_CHECKING:
    from billing.test_shop.app import Shop

PAGES: list[PageRoute] = [*checkout_page.PAGES, *portal_page.PAGES, *invoice_page.PAGES, *desk_page.PAGES]

# The site's own style sheets and letters, served from here too: the standalone shop has no other server beside it.
_ASSET = re.compile(
    r"/assets/(css/(?:tokens|base|components|test_shop)\.css|img/(?:mark|chevron)\.svg|vendor/inter-[\d.]+/[\w-]+\.woff2)"
)
_KINDS = {"css": "text/css; charset=utf-8", "svg": "image/svg+xml", "woff2": "font/woff2"}
_POLICY = (
    "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "form-action 'self'"
)


def answer(shop: "Shop", request: Request) -> Response:
    """Answer with a page, a file or an asset."""
    asset = _ASSET.fullmatch(request.path)
    if asset and request.method == "GET" and shop.assets:
        path = shop.assets / asset[1]
        if path.is_file():
            return _respond(200, path.read_bytes(), {"Content-Type": _KINDS[path.suffix[1:]]})
    if request.method == "POST" and not _is_own_form(request):
        return _render(shop, Page("message.html", {"title": "This form came from elsewhere."}, status=403))
    found = _find(request)
    if found is None:
        return _render(shop, Page("message.html", {"title": "There is nothing here."}, status=404))
    route, id = found
    encoded = request.body.decode("utf-8", "replace") if request.method == "POST" else request.query
    return _render(shop, _run(shop, request, route, id, dict(parse_qsl(encoded))))


def _find(request: Request) -> tuple[PageRoute, str] | None:
    for route in PAGES:
        id = request.path.removeprefix(route.prefix).removesuffix(route.suffix)
        fits = (
            request.path == f"{route.prefix}{id}{route.suffix}" and "/" not in id and bool(id) == (route.prefix != "/")
        )
        if fits and (request.method == "GET" or (request.method == "POST" and route.act)):
            return route, id
    return None


def _run(shop: "Shop", request: Request, route: PageRoute, id: str, form: Form) -> Answer:
    """Answer in one transaction. What is refused is undone and shown on the same page, beside what caused it."""
    try:
        with shop.store.books() as books:
            books.base_url = shop.base_url
            clock.catch_up(books)
            return route.act(books, id, form) if request.method == "POST" and route.act else route.show(books, id, form)
    except ShopError as error:
        if request.method == "GET" or error.status == 404:
            return Page("message.html", {"title": str(error)}, status=error.status)
        with shop.store.books() as books:
            books.base_url = shop.base_url
            show: Any = route.show  # of a page with a form: it takes what went wrong as well
            shown: Answer = show(books, id, form, str(error), str(error.body.get("param", "")))
            return shown


def _is_own_form(request: Request) -> bool:
    """Return whether a form was sent from a page of the same host; no page elsewhere may move the time."""
    origin = request.headers.get("origin", "")
    return not origin or origin.partition("://")[2] == request.headers.get("host", "")


def _render(shop: "Shop", page: Answer) -> Response:
    if isinstance(page, Redirect):
        return _respond(303, b"", {"Location": page.url})
    if isinstance(page, File):
        return _respond(
            200, page.body, {"Content-Type": page.kind, "Content-Disposition": f'inline; filename="{page.name}"'}
        )
    root = urlsplit(shop.base_url).path.rstrip("/")
    text = render_to_string(f"billing/test_shop/{page.template}", {**page.context, "root": root})
    place = urlsplit(page.leads_to)
    allowed = f" {place.scheme}://{place.netloc}" if place.netloc else ""
    headers = {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": _POLICY + allowed}
    return _respond(
        page.status, text.encode(), {**headers, "Cache-Control": "no-store", "Referrer-Policy": "same-origin"}
    )


def _respond(status: int, body: bytes, headers: dict[str, str]) -> Response:
    return Response(status, body, {**headers, "X-Content-Type-Options": "nosniff"})
