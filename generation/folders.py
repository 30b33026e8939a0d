"""Folders of a library and saved searches: making, renaming, changing, deleting. A deleted folder's pictures stay.

Every page of a library shows all of its folders, so they are kept in the cache. Who changes them says so there before
and after the commit, and for some seconds nothing is kept: what was read before the change cannot be kept after it.
"""

import uuid

from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from accounts.models import User
from generation.errors import FieldError, InvalidParams
from generation.models import Folder, Image
from generation.models.folder import FOLDER_NAME_MAX_LENGTH

FOLDERS_MAX = 200
_KEPT_SECONDS = 600
_CHANGED, _CHANGED_SECONDS = "changed", 20


def of(user: User) -> list[Folder]:
    """Return somebody's folders by name, smart ones too. Most often without a query."""
    kept = cache.get(_key(user.pk))
    if not isinstance(kept, list):
        rows = Folder.objects.visible_to(user).values_list("pk", "name", "query")
        kept = sorted(rows, key=lambda row: row[1].casefold())
        # Only where nothing is there: a change that was noted meanwhile stays noted.
        cache.add(_key(user.pk), kept, _KEPT_SECONDS)
    return [Folder(pk=pk, user=user, name=name, query=query) for pk, name, query in kept]


def make(user: User, name: str, *, query: str = "") -> Folder:
    """Make a folder; with a search, a smart one. Raises: InvalidParams."""
    if Folder.objects.visible_to(user).count() >= FOLDERS_MAX:
        raise _refused(
            gettext("You have %(folders_max)s folders, which is the most. Delete one first.")
            % {"folders_max": FOLDERS_MAX}
        )
    return _save(Folder(user=user, query=query), name)


def rename(folder: Folder, name: str) -> Folder:
    """Give a folder another name. Raises: InvalidParams."""
    return _save(folder, name)


def find_instead(folder: Folder, query: str) -> Folder:
    """Give a saved search other words and filters; its name stays. Raises: InvalidParams."""
    if not query:
        raise InvalidParams([FieldError("query", gettext("Look for something first."))])
    folder.query = query
    return _save(folder, folder.name)


def delete(folder: Folder) -> None:
    """Remove a folder; what lay in it lies in none then."""
    with transaction.atomic():
        _note_change(folder.user_id)
        Image.objects.filter(folder=folder).update(folder=None)
        folder.delete()


def forget_person(user: User) -> None:
    """Remove somebody's folders, and what the cache knows of them. Safe to do twice."""
    Folder.objects.filter(user=user).delete()
    cache.delete(_key(user.pk))


def _save(folder: Folder, name: str) -> Folder:
    folder.name = " ".join(name.replace("\x00", " ").split())
    if not folder.name:
        raise _refused(gettext("Give the folder a name."))
    if len(folder.name) > FOLDER_NAME_MAX_LENGTH:
        raise _refused(
            gettext("The name has %(count)s characters; %(folder_name_max_length)s are the most.")
            % {"count": len(folder.name), "folder_name_max_length": FOLDER_NAME_MAX_LENGTH}
        )
    try:
        with transaction.atomic():
            _note_change(folder.user_id)
            folder.save()
    except IntegrityError:
        raise _refused(gettext("You have a folder “%(name)s” already.") % {"name": folder.name}) from None
    return folder


def _note_change(user_id: uuid.UUID) -> None:
    cache.set(_key(user_id), _CHANGED, _CHANGED_SECONDS)
    transaction.on_commit(lambda: cache.set(_key(user_id), _CHANGED, _CHANGED_SECONDS))


def _key(user_id: uuid.UUID) -> str:
    return f"folders:{user_id}"


def _refused(message: str) -> InvalidParams:
    return InvalidParams([FieldError("name", message)])
