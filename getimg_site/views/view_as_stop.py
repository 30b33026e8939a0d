"""The end of a visit."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from accounts import support_visits
from accounts.models import User


@require_POST
def view_as_stop(request: HttpRequest) -> HttpResponse:
    """End the session's visit and go back to the person in the admin."""
    visit = support_visits.current(request)
    if visit is None:
        return redirect("landing")
    assert isinstance(request.user, User)
    support_visits.end(request, request.user, visit, "stopped")
    return redirect("admin:accounts_user_change", visit.user.pk)
