"""Folders of a library and saved searches: made, renamed, changed, deleted. What is refused stays as it was typed."""

import uuid
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from accounts.access import SignedInRequest, signed_in
from generation import folders, library_filters
from generation.errors import FieldError, InvalidParams
from generation.library_filters import LibraryFilter
from generation.models import Folder
from generation.views.create import uuid_or_none
from generation.views.library import RefusedName, page


@require_POST
@signed_in
def make_folder(request: SignedInRequest) -> HttpResponseBase:
    """Make a folder of this name; with a search, a smart one."""
    found = library_filters.parse(QueryDict(request.POST.get("query", "")).dict(), request.user)
    try:
        if found.errors:
            raise InvalidParams([FieldError("query", next(iter(found.errors.values())))])
        folder = folders.make(request.user, request.POST.get("name", ""), query=found.query)
    except InvalidParams as error:
        if error.errors[0].field == "name":
            return _refused(request, found, "save" if found.query else "make", error)
        messages.error(request, error.errors[0].message)
        return _library(found.query)
    messages.success(request, gettext("“%(name)s” is in your library.") % {"name": folder.name})
    return _library(folder.query or urlencode({"folder": folder.pk}))


@require_POST
@signed_in
def rename_folder(request: SignedInRequest, folder_id: uuid.UUID) -> HttpResponseBase:
    """Give a folder another name."""
    folder = get_object_or_404(Folder.objects.visible_to(request.user), pk=folder_id)
    query = folder.query or urlencode({"folder": folder.pk})
    try:
        folders.rename(folder, request.POST.get("name", ""))
    except InvalidParams as error:
        return _refused(request, library_filters.parse(QueryDict(query).dict(), request.user), "rename", error)
    return _library(query)


@require_POST
@signed_in
def change_search(request: SignedInRequest) -> HttpResponseBase:
    """Let a saved search find what is looked for now."""
    found = library_filters.parse(QueryDict(request.POST.get("query", "")).dict(), request.user)
    chosen = uuid_or_none(request.POST.get("search"))
    searches = Folder.objects.visible_to(request.user).exclude(query="")
    saved = searches.filter(pk=chosen).first() if chosen else None
    try:
        if found.errors:
            raise InvalidParams([FieldError("query", next(iter(found.errors.values())))])
        if saved is None:
            raise InvalidParams([FieldError("search", gettext("Choose the saved search that is to find this."))])
        folders.find_instead(saved, found.query)
    except InvalidParams as error:
        messages.error(request, error.errors[0].message)
        return _library(found.query)
    messages.success(request, gettext("“%(name)s” finds this now.") % {"name": saved.name})
    return _library(found.query)


@require_POST
@signed_in
def delete_folder(request: SignedInRequest, folder_id: uuid.UUID) -> HttpResponseBase:
    """Remove a folder; its pictures stay."""
    folder = get_object_or_404(Folder.objects.visible_to(request.user), pk=folder_id)
    folders.delete(folder)
    if folder.is_smart:
        said = gettext("The search “%(name)s” is gone.") % {"name": folder.name}
    else:
        said = gettext("The folder “%(name)s” is gone.") % {"name": folder.name}
        said = f"{said} {gettext('Its pictures are still in the library.')}"
    messages.success(request, said)
    return redirect("generation:library")


def _refused(request: SignedInRequest, found: LibraryFilter, deed: str, error: InvalidParams) -> HttpResponse:
    """Show the library with a name that was refused where it was typed."""
    return page(request, found, refused=RefusedName(deed, request.POST.get("name", ""), error.errors[0].message))


def _library(query: str) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("generation:library") + (f"?{query}" if query else ""))
