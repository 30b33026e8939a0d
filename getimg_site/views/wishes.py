"""The board of wishes."""

from dataclasses import replace

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts import waiting_words
from accounts.models import User
from getimg_site import shown_words
from getimg_site import wishes as board
from getimg_site.feedback_forms import WishForm
from getimg_site.models import Wish
from getimg_site.wishes import Search

# What waits while somebody logs in: a voice, and a wish.
_VOTE, _WISH = "wish_vote", "wish_words"


@require_http_methods(["GET", "HEAD", "POST"])
def wishes(request: HttpRequest) -> HttpResponseBase:
    """Show the board to anybody; a wish is sent by who is signed in."""
    if settings.FEATURE_REQUESTS_URL:
        return redirect(settings.FEATURE_REQUESTS_URL)
    if request.method != "POST":
        return _page(request, WishForm(initial=_kept_wish(request)))
    if not isinstance(request.user, User):
        waiting_words.keep(request, _WISH, {name: request.POST.get(name, "") for name in WishForm.Meta.fields})
        return redirect_to_login(reverse("wishes"))
    return _send(request, request.user)


@require_POST
def wish_vote(request: HttpRequest, wish_id: int) -> HttpResponseBase:
    """Count a voice, or take it back; who is not signed in logs in first, and is counted then."""
    wish = board.shown(wish_id)
    if wish is None:
        raise Http404
    address = _address_of(wish, Search.read(request.GET))
    if not isinstance(request.user, User):
        _remember(request, wish)
        return redirect_to_login(address)
    if "withdraw" in request.POST:
        board.withdraw(request.user, wish)
    else:
        board.vote(request.user, wish)
    return redirect(address)


def _send(request: HttpRequest, user: User) -> HttpResponseBase:
    form = WishForm(request.POST)
    if not form.is_valid():
        return _page(request, form, 422)
    title, text = form.cleaned_data["title"], form.cleaned_data["text"]
    try:
        shown_words.check(user, "wish", title, text)
        wish = board.add(user, title, text)
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
    return redirect(_address_of(wish, Search()))


def _page(request: HttpRequest, form: WishForm, status: int = 200) -> HttpResponseBase:
    _count_remembered(request)
    meant = board.shown(request.GET.get("wish", ""))
    search = Search.read(request.GET)
    if meant is not None:
        search = replace(search, state=board.tab_of(meant))
    page = board.listed(search)
    # Somebody is led to this one: it stands on top where it is not on this page.
    found = [meant, *page.wishes] if meant is not None and meant not in page.wishes else page.wishes
    chosen = board.voted(request.user, found) if request.user.is_authenticated else set()
    context = {"form": form, "wishes": found, "voted": chosen, "search": search}
    context |= {"here": urlencode(search.said), "newest": board.NEWEST, "words_max": board.WORDS_MAX}
    more = {**search.said, "after": page.next_after} if page.next_after else {}
    return render(request, "getimg_site/wishes.html", {**context, "more": urlencode(more)}, status=status)


def _address_of(wish: Wish, search: Search) -> str:
    """Return where somebody finds this wish, on the page of the board from which they came."""
    said = {name: value for name, value in search.said.items() if name != "state"}
    return f"{reverse('wishes')}?{urlencode({**said, 'wish': str(wish.pk)})}#wish-{wish.pk}"


def _remember(request: HttpRequest, wish: Wish) -> None:
    if "withdraw" not in request.POST:
        waiting_words.keep(request, _VOTE, {"wish": str(wish.pk)})


def _count_remembered(request: HttpRequest) -> None:
    """Count the voice that somebody gave before they logged in."""
    wish = board.shown(waiting_words.take(request, _VOTE).get("wish", ""))
    if wish is not None and isinstance(request.user, User):
        board.vote(request.user, wish)
        messages.success(request, gettext("Your vote counts."))


def _kept_wish(request: HttpRequest) -> dict[str, str]:
    """Return the wish that somebody sent while logged out; whoever logged in reads it and sends it."""
    if kept := waiting_words.take(request, _WISH):
        messages.info(request, gettext("You were logged out. Your wish is still here: send it now."))
    return kept
