"""Every page of the admin with something on it, and an operator who may see them all.

The pages of the registered models and the admin's own addresses are walked, so that none is forgotten.
"""

from collections.abc import Iterator
from typing import Any

from django.contrib.admin import ModelAdmin, site
from django.db import transaction
from django.db.models import Model
from django.test import RequestFactory
from django.urls import reverse

from accounts.models import User
from tests.browser.office_rows import make_rows
from tests.browser.test_security import PASSWORD
from tests.security.addresses import all_addresses
from tests.visitors import visitor

OPERATOR = "root@example.com"
# What the admin has of every model, by the end of the address's name.
KINDS = ("changelist", "add", "change", "history", "delete")


def make_operator() -> User:
    """Create who may do everything."""
    return User.objects.create_superuser(OPERATOR, PASSWORD)


class Office:
    """One of everything, and where an operator finds it."""

    def __init__(self) -> None:
        """Make all rows."""
        self.operator = make_operator()
        self._at = make_rows(self.operator).at
        self._client = visitor(self.operator)

    def pages(self) -> list[str]:
        """Return the address of every page that is opened by its address."""
        return [*self.model_pages(), *self.own_pages()]

    def model_pages(self) -> Iterator[str]:
        """Yield the list of each model, its form for a new row and the pages of one row, where they are permitted."""
        for model, one in site._registry.items():
            row = first_row(model)
            for kind in KINDS:
                if self._may_open(one, kind, row):
                    args = [row.pk] if kind in {"change", "history", "delete"} else []
                    yield reverse(f"admin:{_name(model)}_{kind}", args=args)

    def own_pages(self) -> list[str]:
        """Return the admin's other pages, which are all walked: what is a file, or answers no GET, is none."""
        of_models = {f"admin:{_name(model)}_{kind}" for model in site._registry for kind in KINDS}
        others = [one for one in all_addresses() if one.name.startswith("admin:") and one.name not in of_models]
        apps = {model._meta.app_label for model in site._registry}
        paths = [one.path(self._at) for one in others if one.name != "admin:app_list"]
        paths += [reverse("admin:app_list", args=[app]) for app in sorted(apps)]
        return [path for path in paths if _is_page(self._client.get(path))]

    def answers(self) -> dict[str, bytes]:
        """Return the pages that come of a press, by an address of their own."""
        left = visitor(self.operator).post(reverse("admin:logout"))
        return {"/admin/shown-logout": left.content, **self._asked_by_actions(), **self._refused()}

    def _asked_by_actions(self) -> dict[str, bytes]:
        """Return the pages on which actions ask for something first."""
        found = {}
        for model, one in site._registry.items():
            path = reverse(f"admin:{_name(model)}_changelist")
            for action in one.get_actions(self._request()):
                answer = self._post(path, {"action": action, "_selected_action": first_row(model).pk})
                if _is_page(answer):
                    found[f"{path}shown-{action}"] = answer.content
        return found

    def _refused(self) -> dict[str, bytes]:
        """Return each form for a new row as it comes back when nothing was filled in."""
        found = {}
        for path in self.model_pages():
            if path.endswith("/add/"):
                answer = self._post(path, {})
                if _is_page(answer):
                    found[f"{path}shown-refused"] = answer.content
        return found

    def _post(self, path: str, data: dict[str, Any]) -> Any:
        """Return the answer to a form; what it does is undone."""
        with transaction.atomic():
            answer = self._client.post(path, data)
            transaction.set_rollback(True)
        return answer

    def _may_open(self, one: ModelAdmin[Any], kind: str, row: Model) -> bool:
        request = self._request()
        if kind == "add":
            return one.has_add_permission(request)
        if kind == "delete":
            return one.has_delete_permission(request, row)
        return one.has_view_or_change_permission(request, row)

    def _request(self) -> Any:
        request: Any = RequestFactory().get("/admin/")
        request.user = self.operator
        return request


def first_row(model: type[Model]) -> Any:
    """Return a row of a model. Raises: AssertionError where there is none."""
    row = model._default_manager.first()
    assert row is not None, f"{model._meta.label} has no row: add one to tests/browser/office_rows.py"
    return row


def _name(model: type[Model]) -> str:
    return f"{model._meta.app_label}_{model._meta.model_name}"


def _is_page(answer: Any) -> bool:
    is_html = answer.get("Content-Type", "").startswith("text/html")
    return answer.status_code == 200 and is_html and not answer.streaming and b"</html>" in answer.content
