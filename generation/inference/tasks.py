"""Which function does which task. A new kind of generation is a module with a `run()` and a line here."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from generation.engine.backend import Pass, Pixels, Watch
from generation.inference import text_to_image
from generation.inference.loading import LoadedModel

Task = Callable[[LoadedModel, Pass, Watch], Iterator[tuple[str, Pixels]]]

TASKS: dict[str, Task] = {"text-to-image": text_to_image.run}
