"""The net under the admin: whatever model is registered, by whomever, what is done to it leaves an audit line."""

import json
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.models import LogEntry
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext

from accounts import audit
from accounts.models import User

# Of an action on more rows than these, one line says how many there were.
_ROWS_MAX = 1000


class Audited(admin.ModelAdmin[Any]):
    """Put before every registered admin class. Adds nothing that is seen."""

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Any:
        """Remember the row as it is before the form is saved, in its page and in an editable list."""
        if change:
            _remember(request, form.instance)
        return super().save_form(request, form, change)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Write the line of a row that is new."""
        _line(request, "add", obj, message)
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Write the line of a change, with what differs from before."""
        _line(request, "change", obj, message)
        return super().log_change(request, obj, message)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        """Write a line for each row that is about to go."""
        for row in queryset:
            _remembered(request).pop(_key(row), None)
            audit.write(request, _actor(request), "delete", row)
        return super().log_deletions(request, queryset)

    def response_action(self, request: HttpRequest, queryset: Any, *rest: Any, **more: Any) -> Any:
        """Do an action with the chosen rows; Django would answer a mark that is no row's id with an error page."""
        chosen = request.POST.getlist(ACTION_CHECKBOX_NAME)
        try:
            for pk in chosen:
                self.model._meta.pk.to_python(pk)
        except ValidationError:
            words = gettext("“%(value)s” is not a row of this list. Nothing was changed.")
            self.message_user(request, words % {"value": pk[:80]}, messages.ERROR)
            return None
        return super().response_action(request, queryset, *rest, **more)

    def get_actions(self, request: HttpRequest) -> Any:
        """Return the actions, each of which leaves lines."""
        found: Any = super().get_actions(request)
        return {name: (_audited(action, name), name, words) for name, (action, _, words) in found.items()}


def audited(admin_class: type[admin.ModelAdmin[Any]]) -> type[admin.ModelAdmin[Any]]:
    """Return the class with the net under it."""
    if issubclass(admin_class, Audited):
        return admin_class
    return type(admin_class.__name__, (Audited, admin_class), {"__module__": admin_class.__module__})


def write(request: HttpRequest, verb: str, row: Model, note: str) -> None:
    """Write an action's own line about a row, with a verb that says what was done; the net adds none to it."""
    _remembered(request).pop(_key(row), None)
    audit.write(request, _actor(request), verb, row, note=note)


def _audited(action: Callable[..., Any], name: str) -> Callable[..., Any]:
    """Wrap an action: a line for each chosen row for which it wrote none itself.

    An answer that is a page asks for something first: nothing was done yet.
    """

    @wraps(action)
    def done(model_admin: Any, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponseBase | None:
        count = queryset.count()
        rows = list(queryset) if count <= _ROWS_MAX else []
        for row in rows:
            _remember(request, row)
        answer: HttpResponseBase | None = None
        try:
            answer = action(model_admin, request, queryset)
        finally:
            # Of an action that broke off as well: what it had done by then is done.
            if not _is_page(answer):
                _write_lines(request, f"action: {name}", rows)
                if not rows:
                    audit.write(request, _actor(request), f"action: {name}", note=f"{queryset.model.__name__}: {count}")
        return answer

    return done


def _write_lines(request: HttpRequest, verb: str, rows: Iterable[Model]) -> None:
    for row in rows:
        if _key(row) in _remembered(request):
            _line(request, verb, row, "")


def _is_page(answer: HttpResponseBase | None) -> bool:
    return (
        answer is not None
        and answer.status_code == 200
        and answer.headers.get("Content-Type", "").startswith("text/html")
    )


def _line(request: HttpRequest, verb: str, row: Model, message: Any) -> None:
    before = _remembered(request).pop(_key(row), None)
    after = audit.values_of(row)
    # A change whose beginning nobody saw is told by its words alone.
    known = before if before is not None else ({} if verb == "add" else after)
    changes = audit.differences(type(row), known, after)
    audit.write(request, _actor(request), verb, row, changes=changes, note=_words(message))


def _words(message: Any) -> str:
    text = message if isinstance(message, str) else json.dumps(message)
    return LogEntry(change_message=text).get_change_message()


def _actor(request: HttpRequest) -> Any:
    assert isinstance(request.user, User)
    return request.user.pk


def _remember(request: HttpRequest, row: Model) -> None:
    _remembered(request)[_key(row)] = audit.values_of(row)


def _remembered(request: HttpRequest) -> dict[tuple[str, str], audit.Values]:
    """Return what rows were before this request changed them, kept on the request."""
    found: dict[tuple[str, str], audit.Values] = request.__dict__.setdefault("_audit_before", {})
    return found


def _key(row: Model) -> tuple[str, str]:
    return row._meta.label_lower, str(row.pk)
