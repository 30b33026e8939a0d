"""A picture that its owner shows: seen by anybody with the link; liked and reported from there."""

from typing import Any

from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from accounts import waiting_words
from accounts.models import User
from accounts.places import name_device, network_of
from generation import showcase, structured_data
from generation.errors import InvalidParams
from generation.faces import model_name
from generation.models import Like, Publication, Report

# A like that waits while somebody logs in.
_LIKE = "picture_like"


@require_safe
def shared_picture(request: HttpRequest, token: str) -> HttpResponseBase:
    """Show it, without a word on whose it is unless it is in the showcase."""
    shown = _shown(token)
    _count_remembered(request, shown)
    response = render(request, "generation/shared_picture.html", _context(request, shown))
    if not shown.is_listed:
        response["X-Robots-Tag"] = "noindex"
    return response


@require_POST
def like_picture(request: HttpRequest, token: str) -> HttpResponseBase:
    """Like it, or no longer; who is not signed in logs in first, and is counted then."""
    shown, likes = _shown(token), request.POST.get("likes") == "yes"
    if not isinstance(request.user, User):
        if likes:
            waiting_words.keep(request, _LIKE, {"picture": token})
        return redirect_to_login(reverse("generation:shared_picture", args=[token]))
    showcase.like(shown, request.user, likes=likes)
    return redirect("generation:shared_picture", token)


@require_POST
def report_picture(request: HttpRequest, token: str) -> HttpResponseBase:
    """Write down what somebody objects to."""
    shown = _shown(token)
    if not ratelimit.consume(request, action="report"):
        return _unsent(
            request, shown, gettext("That were many reports at once. Wait a minute, then send it again."), 429
        )
    reporter = request.user if isinstance(request.user, User) else None
    response = redirect("generation:shared_picture", token)
    place = {} if reporter else {"network": network_of(request), "device": name_device(request, response)}
    try:
        is_new = showcase.report(shown, reporter, request.POST.dict(), **place)
    except InvalidParams as error:
        return _unsent(request, shown, error.errors[0].message, 422)
    messages.success(request, _thanks(reporter, is_new=is_new))
    return response


def _unsent(request: HttpRequest, shown: Publication, why: str, status: int) -> HttpResponseBase:
    """Show the report as it was typed, and why it was not taken."""
    context = {**_context(request, shown), "report_error": why, "typed": request.POST}
    return render(request, "generation/shared_picture.html", context, status=status)


def _count_remembered(request: HttpRequest, shown: Publication) -> None:
    """Count the like that somebody gave before they logged in."""
    if waiting_words.take(request, _LIKE).get("picture") == shown.token and isinstance(request.user, User):
        shown.likes_count = showcase.like(shown, request.user, likes=True)


def _thanks(reporter: User | None, *, is_new: bool) -> str:
    if not is_new and reporter is None:
        return gettext("A report of this picture was received from here before. Somebody will look at it.")
    if not is_new:
        return gettext(
            "Your report of this picture was received before. Somebody will look at it; what comes of it stands under "
            "Settings, Refusals."
        )
    if reporter is None:
        return gettext("Thank you. Somebody will look at this picture.")
    return gettext("Thank you. Somebody will look at this picture; what comes of it stands under Settings, Refusals.")


def _shown(token: str) -> Publication:
    return get_object_or_404(
        Publication.objects.open().select_related("image__job", "image__clip", "user"), token=token
    )


def _context(request: HttpRequest, shown: Publication) -> dict[str, Any]:
    image = shown.image
    likes = isinstance(request.user, User) and Like.objects.filter(publication=shown, user=request.user).exists()
    tags = list(image.tags.order_by("name")) if shown.is_listed else []
    context: dict[str, Any] = {
        "shown": shown,
        "image": image,
        "tags": tags,
        "likes": likes,
        "can_remix": showcase.can_be_remixed(shown),
        "reasons": Report.Reason.choices,
    }
    # Where the recipe is kept back, the words that describe the picture to the blind must not tell it either.
    context["description"] = image.alt_text or (
        image.title if shown.shows_recipe else gettext("A picture made by a model")
    )
    context["structured"] = structured_data.of_shown(shown, context["description"])
    return context | {"model_name": model_name(image.job.served_by)}
