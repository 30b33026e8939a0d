"""Ordering somebody's export and erasing their account from the list in the admin, for who asks by mail: both with a
reason, by superusers alone. The verbs are the person's own.
"""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext, gettext_lazy

from accounts import audited_admin
from accounts.models import User
from generation import erasing, exports
from generation.erasing import NotErasable
from generation.models import Erasure


class LeavingForm(forms.Form):
    """Why, and once more whom."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=200, help_text=gettext_lazy("For the audit log, such as the ticket.")
    )
    address = forms.EmailField(label=gettext_lazy("The person's address, to confirm"))

    def __init__(self, data: Any, person: User | None) -> None:
        super().__init__(data)
        self._person = person

    def clean_address(self) -> str:
        """Take no other person's."""
        typed = str(self.cleaned_data["address"]).lower()
        if self._person is None or typed != self._person.email:
            raise forms.ValidationError(gettext("Choose one person, and type that person's address."))
        return typed


class LeavingAdmin(admin.ModelAdmin[User]):
    """The two actions, for a person's admin class."""

    def has_leaving_permission(self, request: HttpRequest) -> bool:
        """Say who may; Django asks for the actions' sake."""
        return bool(request.user.is_superuser)

    @admin.action(description=gettext_lazy("Order the export, for who asks by mail"), permissions=["leaving"])
    def order_export(self, request: HttpRequest, chosen: QuerySet[User]) -> HttpResponse | None:
        """Ask for the reason; then have the file written, to which a mail leads."""
        lead = gettext("A link to the file goes to this person's address; it works for a suspended account as well.")
        words = {"action": "order_export", "title": gettext("Order the export"), "lead": lead}
        person, answer = self._confirmed(request, chosen, words)
        if person is None:
            return answer
        exports.order(person)
        audited_admin.write(request, "order export", person, request.POST["reason"])
        self.message_user(request, gettext("The file is being written; a mail tells the person."), messages.SUCCESS)
        return None

    @admin.action(description=gettext_lazy("Erase the account, for who asks by mail"), permissions=["leaving"])
    def erase(self, request: HttpRequest, chosen: QuerySet[User]) -> HttpResponse | None:
        """Ask for the reason; then erase as the person could: it cannot be taken back."""
        lead = gettext("Everything of this person's goes for good. It cannot be taken back.")
        words = {"action": "erase", "title": gettext("Erase the account"), "lead": lead}
        person, answer = self._confirmed(request, chosen, words)
        if person is None:
            return answer
        try:
            erasing.request(person)
        except NotErasable as error:
            self.message_user(request, str(error), messages.ERROR)
            return None
        audited_admin.write(request, "erase account", person, request.POST["reason"])
        self.message_user(request, gettext("The account is closed and is being erased."), messages.SUCCESS)
        return None

    def _confirmed(
        self, request: HttpRequest, chosen: QuerySet[User], words: dict[str, str]
    ) -> tuple[User | None, HttpResponse | None]:
        """Return the person once the form is filled in, else the page that asks."""
        people = list(chosen[:2])
        person = people[0] if len(people) == 1 else None
        form = LeavingForm(request.POST if "reason" in request.POST else None, person)
        if form.is_valid() and person is not None:
            if not person.is_erased and not Erasure.objects.filter(user=person).exists():
                return person, None
            self.message_user(request, gettext("This account is erased, or is being erased."), messages.ERROR)
            return None, None
        context: dict[str, Any] = {**self.admin_site.each_context(request), **words, "opts": self.opts}
        context |= {"form": form, "chosen": chosen}
        return None, render(request, "admin/accounts/ask_reason.html", context)
