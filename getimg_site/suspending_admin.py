"""Suspending people from their list in the admin, and opening their accounts again; both with a reason."""

from typing import Any, Protocol

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.formats import date_format
from django.utils.translation import gettext, gettext_lazy

from accounts.models import Suspension, User
from accounts.models.suspension import SUSPENSION_REASON_MAX_LENGTH
from generation import suspending
from generation.suspending import NotSuspendable


class ReasonForm(forms.Form):
    """Why; the person reads it."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=SUSPENSION_REASON_MAX_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("The person reads it in a mail, and when logging in."),
    )


class _Verb(Protocol):
    def __call__(self, user: User, operator: User, reason: str) -> object: ...


class SuspendingAdmin(admin.ModelAdmin[User]):
    """The two actions, for a person's admin class."""

    def has_suspend_permission(self, request: HttpRequest) -> bool:
        """Say who may suspend; Django asks for the actions' sake."""
        return bool(request.user.has_perm("accounts.suspend_user"))  # type: ignore[union-attr, unused-ignore]

    @admin.action(description=gettext_lazy("Suspend with a reason"), permissions=["suspend"])
    def suspend(self, request: HttpRequest, chosen: QuerySet[User]) -> HttpResponse | None:
        """Ask for the reason; then close these accounts."""
        lead = gettext("Nobody comes in by these accounts any more; their runs end and what they show is hidden.")
        words = {"action": "suspend", "title": gettext("Suspend"), "lead": lead, "done": gettext("suspended")}
        return self._do(request, chosen, suspending.suspend, "Suspended", words)

    @admin.action(description=gettext_lazy("Lift the suspension"), permissions=["suspend"])
    def lift_suspension(self, request: HttpRequest, chosen: QuerySet[User]) -> HttpResponse | None:
        """Ask for the reason; then open these accounts again."""
        lead = gettext("These accounts open again, with everything that is theirs.")
        words = {"action": "lift_suspension", "title": gettext("Lift the suspension"), "lead": lead}
        words["done"] = gettext("suspension lifted")
        return self._do(request, chosen, suspending.lift, "Suspension lifted", words)

    def _do(
        self, request: HttpRequest, chosen: QuerySet[User], verb: _Verb, done: str, words: dict[str, str]
    ) -> HttpResponse | None:
        assert isinstance(request.user, User)
        form = ReasonForm(request.POST if "reason" in request.POST else None)
        if not form.is_valid():
            context: dict[str, Any] = {**self.admin_site.each_context(request), **words, "opts": self.opts}
            return render(request, "admin/accounts/ask_reason.html", {**context, "form": form, "chosen": chosen})
        reason = form.cleaned_data["reason"]
        for person in chosen:
            try:
                verb(person, request.user, reason)
            except NotSuspendable as error:
                self.message_user(request, f"{person}: {error}", messages.ERROR)
            else:
                self.log_change(request, person, f"{done}: {reason}")
                self.message_user(request, f"{person}: {words['done']}.", messages.SUCCESS)
        return None

    @admin.display(description=gettext_lazy("suspension"))
    def suspension(self, user: User) -> str:
        """Say since when and why the account is closed."""
        found = Suspension.open_of(user)
        return f"{date_format(found.suspended_at, 'DATETIME_FORMAT')}: {found.reason}" if found else "—"
