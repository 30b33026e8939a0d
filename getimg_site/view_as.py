"""The site as a person sees it, for support: to look at, never to touch.

Our own, for django-hijack logs the operator in as the person: with every right, no end, and the person's own sessions.
Here the session stays the operator's; for the pages named below, and for no others, a request is answered as if the
person had asked, and nothing that it does can be written.
"""

import re
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve
from django.utils.translation import gettext

from accounts import support_visits
from accounts.models import SupportVisit, User
from generation import storage

STOP = "view_as_stop"

# Every page that shows no secret and hands out no file of everything; what is new is closed until it is named here.
_OPEN = {
    "landing pricing pricing_api faq guides guide changelog status wishes docs terms privacy refunds",
    "licence content-policy bug_report generation:verify",
    "generation:create generation:price generation:model_settings generation:styles generation:style_menu",
    "generation:prompts generation:run generation:earlier_pictures generation:editor generation:editor_pictures",
    "generation:video generation:upload_file generation:library generation:choose_two generation:compare",
    "generation:tags generation:trash generation:picture",
    "generation:showcase generation:showcase_author generation:showcase_tags",
    "generation:shared_picture generation:models generation:model generation:webhooks generation:webhook",
    "generation:refusals generation:refusal generation:your_data generation:api_use",
    "generation:media generation:shown_media generation:operators_media",
    "billing:settings billing:invoices billing:receipt billing:month_statement",
    "accounts:settings accounts:profile accounts:notifications accounts:notification_choices accounts:api_keys",
    "mfa_index",
}
OPEN = frozenset(name for line in _OPEN for name in line.split())
_SAFE = ("GET", "HEAD", "OPTIONS")
_WRITE = re.compile(r"\b(INSERT INTO|UPDATE|DELETE FROM|MERGE INTO|REPLACE INTO|TRUNCATE)\s", re.IGNORECASE)


class WouldWrite(PermissionDenied):
    """A page wanted to note something down by the way, such as a wallet at its first visit."""


class ViewAsMiddleware:
    """Answers as the person while a visit goes on. Stands below authentication, above what asks who reads."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        visit = support_visits.current(request)
        if visit is None:
            return self.get_response(request)
        staff = request.user
        assert isinstance(staff, User)
        if not support_visits.may_go_on(visit, staff):
            support_visits.end(request, staff, visit, "over by itself")
            messages.info(request, gettext("The visit is over: you see the site as yourself again."))
            return redirect("admin:accounts_user_change", visit.user.pk)
        name = _name_of(request)
        if name == STOP and request.method == "POST":
            return self.get_response(request)
        return self._answer_as(request, visit, name)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Say why a page that would write is not shown."""
        if isinstance(exception, WouldWrite):
            return _refused(request, gettext("This page notes something down at its first visit, which is not yours."))
        return None

    def _answer_as(self, request: HttpRequest, visit: SupportVisit, name: str) -> HttpResponse:
        request.user = visit.user
        request.support_visit = visit  # type: ignore[attr-defined]
        if request.method not in _SAFE:
            return _refused(request, gettext("You are looking at the site as somebody else: nothing can be changed."))
        if name not in OPEN:
            return _refused(request, gettext("This page is closed while you look at the site as somebody else."))
        with connection.execute_wrapper(_refuse_writes), storage.read_by_operator():
            return self.get_response(request)


def _name_of(request: HttpRequest) -> str:
    try:
        return resolve(request.path_info).view_name
    except Resolver404:
        return ""


def _refused(request: HttpRequest, words: str) -> HttpResponse:
    return render(request, "getimg_site/view_as_refused.html", {"words": words}, status=403)


def _refuse_writes(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
    """Let nothing be written, whatever a page would note down by the way; the operator's own session may be."""
    text = str(sql).replace("FOR UPDATE", "").replace("FOR NO KEY UPDATE", "")
    if _WRITE.search(text) and "django_session" not in text:
        raise WouldWrite
    return execute(sql, params, many, context)
