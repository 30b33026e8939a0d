"""The board of wishes."""

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import SignedInRequest, signed_in
from getimg_site import shown_words
from getimg_site import wishes as board
from getimg_site.feedback_forms import WishForm
from getimg_site.models import Wish


@require_http_methods(["GET", "HEAD", "POST"])
def wishes(request: HttpRequest) -> HttpResponseBase:
    """Show the board to anybody; a wish is sent by who is signed in."""
    if settings.FEATURE_REQUESTS_URL:
        return redirect(settings.FEATURE_REQUESTS_URL)
    return _send(request) if request.method == "POST" else _page(request, WishForm())


@require_POST
@signed_in
def wish_vote(request: SignedInRequest, wish_id: int) -> HttpResponseBase:
    """Count a voice, or take it back."""
    wish = get_object_or_404(Wish.objects.exclude(state=Wish.State.HIDDEN), pk=wish_id)
    if "withdraw" in request.POST:
        board.withdraw(request.user, wish)
    else:
        board.vote(request.user, wish)
    return redirect(f"{reverse('wishes')}#wish-{wish.pk}")


@signed_in
def _send(request: SignedInRequest) -> HttpResponseBase:
    form = WishForm(request.POST)
    if not form.is_valid():
        return _page(request, form, 422)
    title, text = form.cleaned_data["title"], form.cleaned_data["text"]
    try:
        shown_words.check(request.user, "wish", title, text)
        wish = board.add(request.user, title, text)
    except ValidationError as error:
        form.add_error(None, error)
        return _page(request, form, 422)
    except board.TooManyWishes:
        form.add_error(
            None,
            gettext("You have %(open_max)s open wishes, which is the most. Add your voice to others.")
            % {"open_max": board.OPEN_MAX},
        )
        return _page(request, form, 422)
    messages.success(request, gettext("Your wish is on the board."))
    return redirect(f"{reverse('wishes')}#wish-{wish.pk}")


def _page(request: HttpRequest, form: WishForm, status: int = 200) -> HttpResponseBase:
    state = request.GET.get("state", "")
    found = list(board.listed(state))
    chosen = board.voted(request.user, found) if request.user.is_authenticated else set()
    context = {"form": form, "wishes": found, "voted": chosen, "state": state}
    return render(request, "getimg_site/wishes.html", context, status=status)
