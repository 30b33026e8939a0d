"""The way into the site as a person, from that person's page in the admin."""

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy

from accounts import support_visits
from accounts.models import User
from accounts.support_visits import NotViewable
from accounts.visit_form import VisitForm


class ViewAsAdmin(admin.ModelAdmin[User]):
    """The page that asks why, for a person's admin class."""

    def get_urls(self) -> list[URLPattern]:
        ask = self.admin_site.admin_view(self.view_as)
        return [path("<uuid:user_id>/view-as/", ask, name="accounts_user_view_as"), *super().get_urls()]

    def view_as(self, request: HttpRequest, user_id: UUID) -> HttpResponse:
        """Ask why; then show the site as this person sees it."""
        assert isinstance(request.user, User)
        if not request.user.has_perm(support_visits.PERMISSION):
            raise PermissionDenied
        person = get_object_or_404(User, pk=user_id)
        form = VisitForm(request.POST or None)
        if form.is_valid():
            try:
                support_visits.begin(request, request.user, person, form.cleaned_data["reason"])
            except NotViewable as error:
                self.message_user(request, str(error), messages.ERROR)
                return redirect("admin:accounts_user_change", person.pk)
            return redirect("generation:library")
        context: dict[str, Any] = {**self.admin_site.each_context(request), "opts": self.opts, "chosen": [person]}
        lead = gettext("You see the site as this person does, for 30 minutes, without being able to change anything.")
        context |= {"title": gettext("View the site as this person"), "lead": lead, "form": form}
        return render(request, "admin/accounts/ask_reason.html", context)

    @admin.display(description=gettext_lazy("the site as they see it"))
    def view_as_link(self, user: User) -> SafeString:
        """Link to the page that asks why."""
        url = reverse("admin:accounts_user_view_as", args=[user.pk])
        return format_html('<a href="{}">{}</a>', url, gettext("View as …"))
