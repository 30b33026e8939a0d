"""Take the pictures that a request names: there, large enough, and fitting each other."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext, gettext_noop

from accounts.models import User
from generation.catalog import CatalogModel, Served
from generation.engine.options import BLEND_MAX, BLEND_MIN, BLEND_ROLES, MASK, STROKES
from generation.errors import InvalidParams
from generation.params.reader import Reader, shown
from generation.params.sources import Kind, Lookup, Picture, Source, UnreadableReference, find

SIDE_MIN = 32
# A result of more pixels is refused before it is a price.
RESULT_PIXELS_MAX = 4096 * 4096
RESULT_SIDE_MAX = 8192
# Greys that count as black and as white in a mask.
_BLACK, _WHITE = 64, 192
_GONE = gettext_noop("This picture is not there: it was deleted, or is not yours. Choose another.")


class EditReader(Reader):
    """Reads settings that begin from pictures, which are looked up among the person's own."""

    chosen: CatalogModel
    pictures: tuple[Picture, ...] = ()

    def __init__(self, values: Mapping[str, Any], user: User, *, is_asking: bool = False) -> None:
        """Read for a run, or, where the person is only asking for the price, without what is still to be chosen."""
        super().__init__(values, user)
        self._owner = user
        self.is_asking = is_asking

    def begin(self, task: str) -> Served:
        """Return who does the task; its model counts for all that is read from here on. Raises: InvalidParams."""
        served = self.model(task)
        if served is None:
            raise InvalidParams(self.errors)
        self.chosen = served.model
        return served

    def check(self) -> None:
        """Raise InvalidParams where something was refused."""
        if self.errors:
            raise InvalidParams(self.errors)

    def one(self, role: str) -> list[Picture]:
        """Return the picture in the field `role`, in a list; an empty one where it was refused."""
        source = self._find(role, self.raw(role), missing=gettext("Choose a picture."))
        return [Picture(role, source)] if source and self._is_large_enough(role, source) else []

    def optional(self, role: str) -> list[Picture]:
        """Return the picture in the field `role`, in a list; an empty one where there is none, or it was refused."""
        return self.one(role) if self.raw(role) else []

    def with_mask(self, pictures: list[Picture]) -> list[Picture]:
        """Add the mask, in which white is painted anew and black kept."""
        if self.is_asking and not self.raw(MASK):
            return pictures
        source = self._find(MASK, self.raw(MASK), missing=gettext("Paint over what is to change."))
        if source is None or not pictures or not self._fits(MASK, gettext("mask"), source, pictures[0].source):
            return pictures
        if source.lightest < _WHITE:
            self.refuse(MASK, gettext("The mask is empty: paint white over what is to change."))
        elif source.darkest > _BLACK:
            self.refuse(
                MASK,
                gettext("The mask covers the whole picture, so that nothing would be kept. Leave something out of it."),
            )
        return [*pictures, Picture(MASK, source)]

    def with_strokes(self, pictures: list[Picture]) -> list[Picture]:
        """Add the strokes, where there are any: white marks the subject, black the background, grey nothing."""
        if not self.raw(STROKES) or not pictures:
            return pictures
        source = self._find(STROKES, self.raw(STROKES), missing="")
        if source is None or not self._fits(STROKES, gettext("strokes"), source, pictures[0].source):
            return pictures
        if source.lightest < _WHITE and source.darkest > _BLACK:
            self.refuse(STROKES, gettext("The strokes mark nothing: white is the subject, black the background."))
        return [*pictures, Picture(STROKES, source)]

    def several(self) -> list[Picture]:
        """Return the pictures of a blend, each another one."""
        references = self.listed("images")
        is_half_chosen = self.is_asking and len(references) == 1
        if is_half_chosen:
            references *= 2  # what it costs goes by the first
        if not BLEND_MIN <= len(references) <= BLEND_MAX:
            self.refuse(
                "images",
                gettext("Choose %(blend_min)s to %(blend_max)s pictures; %(count)s came.")
                % {"blend_min": BLEND_MIN, "blend_max": BLEND_MAX, "count": len(references)},
            )
            return []
        found: list[Picture] = []
        for role, reference in zip(BLEND_ROLES, references, strict=False):
            source = self._find("images", reference, missing=gettext("Choose a picture for every place."))
            if source is None or not self._is_large_enough("images", source):
                return []
            if not is_half_chosen and any(source.sha256 == one.source.sha256 for one in found):
                message = gettext(
                    "The same picture is there twice; blended with itself it stays as it is. Choose another."
                )
                self.refuse("images", message)
                return []
            found.append(Picture(role, source))
        return found

    def check_shape(self, bound: float) -> None:
        """Refuse a picture that is more than `bound` times as wide as high, or as high as wide."""
        for picture in self.pictures:
            width, height = picture.source.size
            if max(width / height, height / width) > bound:
                field = "images" if "images" in self.values else picture.role
                self.refuse(
                    field,
                    gettext(
                        "The picture is %(width)s × %(height)s pixels; %(name)s takes shapes up to %(bound)s "
                        ": 1. Cut it first."
                    )
                    % {"width": width, "height": height, "name": self.chosen.name, "bound": f"{bound:.1f}"},
                )

    def result(self, size: tuple[int, int]) -> tuple[int, int]:
        """Return a result's size; refuses one that is too large to be made."""
        width, height = size
        if width * height > RESULT_PIXELS_MAX or max(size) > RESULT_SIDE_MAX:
            self.refuse(
                "image",
                gettext(
                    "The result would have %(width)s × %(height)s pixels; the most are %(value)s million "
                    "pixels, and %(result_side_max)s a side. Take a smaller picture, or add less."
                )
                % {
                    "width": width,
                    "height": height,
                    "value": f"{RESULT_PIXELS_MAX / 1e6:.1f}",
                    "result_side_max": RESULT_SIDE_MAX,
                },
            )
        return size

    def _find(self, field: str, reference: object, *, missing: str) -> Source | None:
        if reference is None or reference == "":
            self.refuse(field, missing, "missing_field")
            return None
        if isinstance(reference, Source):
            return reference  # looked up before, together with those of other requests
        if reference is Lookup.GONE:
            self.refuse(field, gettext(_GONE), "picture_gone")
            return None
        try:
            source = find(self._owner, reference if isinstance(reference, str) else "")
        except UnreadableReference:
            message = gettext("“%(reference)s” does not name a picture; write upload:ID or image:ID.") % {
                "reference": shown(reference)
            }
            self.refuse(field, message)
            return None
        if source is None:
            self.refuse(field, gettext(_GONE), "picture_gone")
        return source

    def _is_large_enough(self, field: str, source: Source) -> bool:
        if min(source.size) >= SIDE_MIN:
            return True
        message = gettext(
            "The picture is %(source_width)s × %(source_height)s pixels; each side must have at least %(side_min)s."
        ) % {"source_width": source.width, "source_height": source.height, "side_min": SIDE_MIN}
        self.refuse(field, message)
        return False

    def _fits(self, field: str, label: str, marks: Source, picture: Source) -> bool:
        if marks.kind != Kind.UPLOAD:
            self.refuse(field, gettext("The %(label)s must be an upload.") % {"label": label})
            return False
        if marks.size == picture.size:
            return True
        self.refuse(
            field,
            gettext(
                "The %(label)s has %(width)s × %(height)s pixels, the picture %(width_2)s × "
                "%(height_2)s; they must have the same size."
            )
            % {
                "label": label,
                "width": marks.width,
                "height": marks.height,
                "width_2": picture.width,
                "height_2": picture.height,
            },
        )
        return False
