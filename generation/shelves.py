"""What stands beside a library: everything, favourites, folders, saved searches, the trash; one of them is open."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from django.utils.translation import gettext

from generation.library_filters import UNFILED, LibraryFilter
from generation.models import Folder


@dataclass(frozen=True)
class Shelf:
    """One line: its name and picture, and the query of the address it leads to."""

    name: str
    icon: str
    query: str
    is_open: bool
    # Of one's own, which can be renamed and deleted.
    folder: Folder | None = None

    @property
    def target(self) -> str:
        """The id of the folder that pictures can be put into here; `none` takes them out of theirs, empty: neither."""
        if self.folder:
            return "" if self.folder.is_smart else str(self.folder.pk)
        return UNFILED if self.icon == "inbox" else ""


@dataclass(frozen=True)
class Shelves:
    """All of them, in their order."""

    fixed: list[Shelf]
    plain: list[Shelf]
    smart: list[Shelf]

    @property
    def here(self) -> Shelf | None:
        """The folder of one's own that is open."""
        return next((shelf for shelf in (*self.plain, *self.smart) if shelf.is_open), None)


def shelves_of(folders: Iterable[Folder], found: LibraryFilter | None) -> Shelves:
    """Return the lines beside what was found; None: in the trash, where none of them is open."""
    query, opened = (found.query, found.folder) if found else (None, None)
    smart = [Shelf(one.name, "folder-search", one.query, query == one.query, one) for one in folders if one.query]
    plain = [
        Shelf(one.name, "folder", urlencode({"folder": one.pk}), opened == str(one.pk), one)
        for one in folders
        if not one.query
    ]
    fixed = [
        Shelf(gettext("All pictures"), "images", "", query == ""),
        Shelf(gettext("Favourites"), "heart", "favourite=yes", query == "favourite=yes"),
        Shelf(gettext("In no folder"), "inbox", f"folder={UNFILED}", opened == UNFILED),
    ]
    return Shelves(fixed, plain, smart)
