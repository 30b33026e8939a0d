"""Folders of a library and saved searches: making, renaming, deleting. A deleted folder's pictures stay."""

from django.db import IntegrityError, transaction

from accounts.models import User
from generation.errors import FieldError, InvalidParams
from generation.models import Folder, Image
from generation.models.folder import FOLDER_NAME_MAX_LENGTH

FOLDERS_MAX = 200


def of(user: User) -> list[Folder]:
    """Return somebody's folders by name, smart ones too."""
    return sorted(Folder.objects.visible_to(user), key=lambda folder: folder.name.casefold())


def make(user: User, name: str, *, query: str = "") -> Folder:
    """Make a folder; with a search, a smart one. Raises: InvalidParams."""
    if Folder.objects.visible_to(user).count() >= FOLDERS_MAX:
        raise _refused(f"You have {FOLDERS_MAX} folders, which is the most. Delete one first.")
    return _save(Folder(user=user, query=query), name)


def rename(folder: Folder, name: str) -> Folder:
    """Give a folder another name. Raises: InvalidParams."""
    return _save(folder, name)


def delete(folder: Folder) -> None:
    """Remove a folder; what lay in it lies in none then."""
    with transaction.atomic():
        Image.objects.filter(folder=folder).update(folder=None)
        folder.delete()


def _save(folder: Folder, name: str) -> Folder:
    folder.name = " ".join(name.replace("\x00", " ").split())
    if not folder.name:
        raise _refused("Give the folder a name.")
    if len(folder.name) > FOLDER_NAME_MAX_LENGTH:
        raise _refused(f"The name has {len(folder.name)} characters; {FOLDER_NAME_MAX_LENGTH} are the most.")
    try:
        with transaction.atomic():
            folder.save()
    except IntegrityError:
        raise _refused(f"You have a folder “{folder.name}” already.") from None
    return folder


def _refused(message: str) -> InvalidParams:
    return InvalidParams([FieldError("name", message)])
