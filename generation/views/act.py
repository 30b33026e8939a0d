"""What is done with selected pictures, one verb each; the answer says what happened and what left the page."""

import json
import uuid
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponseRedirect, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST

from accounts.access import SignedInRequest, signed_in
from generation import library_filters, moderation, shelving
from generation.errors import FieldError, InvalidParams
from generation.library_filters import UNFILED, LibraryFilter
from generation.models import Folder
from generation.models.image import ImageQuerySet
from generation.views.create import uuid_or_none


@require_POST
@signed_in
def act(request: SignedInRequest) -> HttpResponseBase:
    """Do one thing with the selected pictures, or with everything that was found."""
    verb, _, argument = request.POST.get("action", "").partition(":")
    try:
        answer = _VERBS[verb](request, chosen_in(request), argument)
    except InvalidParams as error:
        answer = {"refused": moderation.said(error)}
    except KeyError:
        answer = {"refused": gettext("“%(value)s” is nothing that can be done with pictures.") % {"value": verb[:40]}}
    return _answer(request, answer)


def shown_in(request: SignedInRequest) -> LibraryFilter:
    """Return what the library showed when the button was pressed."""
    return library_filters.parse(QueryDict(request.POST.get("query", "")).dict(), request.user)


def chosen_in(request: SignedInRequest) -> ImageQuerySet:
    """Return the pictures that are meant. Raises: InvalidParams."""
    everything = shown_in(request) if request.POST.get("everything") else None
    return shelving.chosen(request.user, request.POST.getlist("picture"), everything)


def back_to_library(request: SignedInRequest, **more: object) -> HttpResponseRedirect:
    """Lead to the library as it was when the button was pressed: with what was looked for."""
    return with_search(request, reverse("generation:library"), **more)


def back_to_picture(request: SignedInRequest, image_id: uuid.UUID, **more: object) -> HttpResponseRedirect:
    """Lead to a picture among those that were found when the button was pressed."""
    return with_search(request, reverse("generation:picture", args=[image_id]), **more)


def with_search(request: SignedInRequest, path: str, **more: object) -> HttpResponseRedirect:
    """Lead to a page that says what was looked for when the button was pressed."""
    query = "&".join(filter(None, [shown_in(request).query, urlencode(more)]))
    return HttpResponseRedirect(f"{path}?{query}" if query else path)


def _answer(request: SignedInRequest, answer: dict[str, Any]) -> HttpResponseBase:
    if request.htmx:
        response = render(request, "generation/_acted.html", {"answer": answer, "found": shown_in(request)})
        facts = {name: answer.get(name) for name in ("refused", "gone", "mark")}
        response["HX-Trigger"] = json.dumps({"acted": facts})
        return response
    if "refused" in answer:
        messages.error(request, answer["refused"])
    elif "stamp" not in answer:
        messages.success(request, answer["said"])
    if back := uuid_or_none(request.POST.get("back")):
        return back_to_picture(request, back)
    return back_to_library(request, **({"gone": answer["stamp"]} if "stamp" in answer else {}))


# --- one verb each ----------------------------------------------------------------------------------


def _delete(request: SignedInRequest, images: ImageQuerySet, argument: str) -> dict[str, Any]:
    count, stamp = shelving.delete(images)
    return {
        "said": gettext("%(counted)s deleted.") % {"counted": _counted(count)},
        "gone": True,
        "stamp": f"{stamp.timestamp():.6f}",
    }


def _move(request: SignedInRequest, images: ImageQuerySet, target: str) -> dict[str, Any]:
    named = uuid_or_none(target)
    folder = Folder.objects.visible_to(request.user).filter(pk=named).first() if named else None
    if folder is None and target != UNFILED:
        raise InvalidParams([FieldError("folder", gettext("There is no such folder. It may have been deleted."))])
    count = shelving.move(images, folder)
    if folder:
        words = ngettext("%(count)s picture is in “%(name)s”.", "%(count)s pictures are in “%(name)s”.", count)
        said = words % {"count": f"{count:,}", "name": folder.name}
    else:
        words = ngettext("%(count)s picture is in no folder.", "%(count)s pictures are in no folder.", count)
        said = words % {"count": f"{count:,}"}
    here = shown_in(request).folder
    return {"said": said, "gone": bool(here) and here != target}


def _favour(request: SignedInRequest, images: ImageQuerySet, argument: str) -> dict[str, Any]:
    count = shelving.favour(images, is_favourite=True)
    return {"said": gettext("%(counted)s in your favourites.") % {"counted": _counted(count)}, "mark": "favourite"}


def _unfavour(request: SignedInRequest, images: ImageQuerySet, argument: str) -> dict[str, Any]:
    count = shelving.favour(images, is_favourite=False)
    return {
        "said": gettext("%(counted)s no longer in your favourites.") % {"counted": _counted(count)},
        "mark": "plain",
    }


def _rate(request: SignedInRequest, images: ImageQuerySet, stars: str) -> dict[str, Any]:
    count = shelving.rate(images, stars)
    words = gettext("%(counted)s without stars.")
    if stars != "0":
        words = ngettext("%(counted)s with %(count)s star.", "%(counted)s with %(count)s stars.", int(stars))
    return {"said": words % {"counted": _counted(count), "count": stars}, "mark": f"stars-{stars}"}


def _tag(request: SignedInRequest, images: ImageQuerySet, argument: str) -> dict[str, Any]:
    return {
        "said": gettext("%(counted)s tagged.")
        % {"counted": _counted(shelving.tag(request.user, images, argument or request.POST.get("tags", "")))}
    }


def _untag(request: SignedInRequest, images: ImageQuerySet, argument: str) -> dict[str, Any]:
    count = shelving.untag(request.user, images, argument or request.POST.get("tags", ""))
    return {"said": gettext("%(counted)s without that tag.") % {"counted": _counted(count)}}


def _counted(count: int) -> str:
    return ngettext("%(count)s picture", "%(count)s pictures", count) % {"count": f"{count:,}"}


_VERBS = {
    "delete": _delete,
    "move": _move,
    "favour": _favour,
    "unfavour": _unfavour,
    "rate": _rate,
    "tag": _tag,
    "untag": _untag,
}
