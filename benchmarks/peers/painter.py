"""What every peer serves: the bare loop's pipeline, one picture a request, as PNG."""

from collections.abc import Mapping
from io import BytesIO
from typing import Any

from benchmarks import bare_loop


class Painter:
    """Has the model in memory."""

    def __init__(self) -> None:
        self._pipeline = bare_loop.load_pipeline()

    def paint(self, drawing: Mapping[str, Any]) -> bytes:
        """Return the PNG of the one picture of `benchmarks.bare_loop.Drawing`."""
        (picture,) = bare_loop.draw(self._pipeline, bare_loop.Drawing(**drawing))
        content = BytesIO()
        picture.save(content, "PNG")
        return content.getvalue()
