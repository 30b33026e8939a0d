"""Settings that begin from pictures: what all such tasks share, and the road that each is read on.

A task's own file says which pictures it takes, what it asks beside them, and how large its result is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from django.utils.translation import gettext, gettext_noop

from accounts.models import User
from generation.engine.options import IMAGE, Options
from generation.params import sizes
from generation.params.base import Params
from generation.params.pictures import EditReader
from generation.params.reader import PROMPT_MAX_LENGTH
from generation.params.sources import Picture
from generation.params.text_to_image import DRAWING_FIELDS, WORD_FIELDS


@dataclass(frozen=True, kw_only=True)
class EditParams(Params):
    """Pictures to begin from, and how large the result is."""

    fields = {**WORD_FIELDS, **DRAWING_FIELDS}
    # Whether the task draws from words; one that does not works on the picture in its own size. And whether it can
    # do without them.
    has_words: ClassVar[bool] = True
    needs_prompt: ClassVar[bool] = True
    # What to say where it can't.
    prompt_missing: ClassVar[str] = gettext_noop("Describe what you want to see.")

    pictures: tuple[Picture, ...]
    result_width: int
    result_height: int

    @classmethod
    def parse(cls, values: Mapping[str, Any], user: User, *, require_prompt: bool = True) -> Self:
        """Read a request of this person's. Raises: InvalidParams with one error a refused field."""
        reader = EditReader(values, user, is_asking=not require_prompt)
        served = reader.begin(cls.task)
        reader.pictures = tuple(cls.take_pictures(reader))
        own = cls.take_own(reader)
        words = cls._take_words(reader, require_prompt=require_prompt)
        reader.check()
        sides = cls._take_sizes(reader, cls.options_of(own))
        reader.check()
        params = cls(model=served.slug, pictures=reader.pictures, **sides, **words, **own)
        vars(params)["_served"] = served
        return params

    @classmethod
    def take_pictures(cls, reader: EditReader) -> list[Picture]:
        """Return what the task begins from; one picture, unless the task says otherwise."""
        return reader.one(IMAGE)

    @classmethod
    def take_own(cls, reader: EditReader) -> dict[str, Any]:
        """Return the task's own settings by their names as fields."""
        raise NotImplementedError

    def inputs(self) -> tuple[Picture, ...]:
        """What it begins from."""
        return self.pictures

    @property
    def result_size(self) -> tuple[int, int]:
        """Width and height of a result."""
        return self.result_width, self.result_height

    def as_dict(self) -> dict[str, Any]:
        """Everything, as stored on the run: of the pictures their names and sizes."""
        named = [
            {"role": one.role, "picture": one.source.reference, "width": one.source.width, "height": one.source.height}
            for one in self.pictures
        ]
        return {**self.stored(), "pictures": named}

    @classmethod
    def _take_words(cls, reader: EditReader, *, require_prompt: bool) -> dict[str, Any]:
        if not cls.has_words:
            return {"prompt": "", **_ONE_PASS}
        needs = require_prompt and cls.needs_prompt
        prompt = reader.text("prompt", gettext("the prompt"), required=needs, missing=gettext(cls.prompt_missing))
        if not prompt and not cls.needs_prompt and reader.pictures:
            prompt = words_of(reader.pictures)  # those they were drawn from say best what they are
        negative_prompt = reader.negative_prompt(reader.chosen)
        return {"prompt": prompt, "negative_prompt": negative_prompt, **reader.drawing(reader.chosen)}

    @classmethod
    def _take_sizes(cls, reader: EditReader, options: Options) -> dict[str, Any]:
        """Return what the model draws in, and the size of the result, by the names of the fields."""
        source = reader.pictures[0].source.size
        if options.has_size_of_source:
            result = reader.result(options.result_size(source, source))
            width, height = sizes.fit(reader.chosen, *result) if cls.has_words else source
        else:
            reader.check_shape(sizes.shape_max(reader.chosen))
            result = width, height = sizes.fit(reader.chosen, *source)
        return {"width": width, "height": height, "result_width": result[0], "result_height": result[1]}


# The usual settings of a task that has none of them.
_ONE_PASS: dict[str, Any] = {
    "num_images": 1,
    "num_inference_steps": 1,
    "guidance_scale": 0.0,
    "scheduler": "",
    "seed": 0,
}


def words_of(pictures: tuple[Picture, ...]) -> str:
    """Return the words that pictures made here were drawn from; empty where none was."""
    words = dict.fromkeys(picture.source.prompt for picture in pictures if picture.source.prompt)
    return ", ".join(words)[:PROMPT_MAX_LENGTH]
