"""Keep the subject pixel for pixel and draw a new scene around it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext, gettext_noop

from generation.engine.options import FEATHER_MAX, IMAGE, ReplaceBackgroundOptions
from generation.params.edit import EditParams
from generation.params.pictures import EditReader
from generation.params.sources import Picture


@dataclass(frozen=True, kw_only=True)
class ReplaceBackgroundParams(EditParams):
    """The prompt is the new scene; `feather`: how many pixels the subject's edge is softened by."""

    task = "replace-background"
    fields = {**EditParams.fields, "image": str, "strokes": str, "feather": int}
    prompt_missing = gettext_noop("Describe the new background.")

    feather: int

    @classmethod
    def take_pictures(cls, reader: EditReader) -> list[Picture]:
        """Return the picture, and the strokes where there are any."""
        return reader.with_strokes(reader.one(IMAGE))

    @classmethod
    def take_own(cls, reader: EditReader) -> dict[str, Any]:
        """Return the feather."""
        return {"feather": reader.integer("feather", gettext("pixels of feather"), 1, 0, FEATHER_MAX)}

    @staticmethod
    def options_of(stored: Mapping[str, Any]) -> ReplaceBackgroundOptions:
        """Return the feather."""
        return ReplaceBackgroundOptions(stored["feather"])
