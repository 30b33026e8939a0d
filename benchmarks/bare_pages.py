"""A page of the library as somebody would fetch it by hand: one statement for what an address asks."""

import uuid
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from generation import search_words

SIZE = 40
_PAGE = """
    SELECT image.seed, image.*, job.* FROM generation_image image JOIN generation_job job ON job.id = image.job_id
    WHERE image.user_id = %(person)s AND image.deleted_at IS NULL {conditions}
    ORDER BY image.id DESC LIMIT {limit}
"""
_SHAPES = {"square": "=", "wide": ">", "tall": "<"}
_BEGINS = "EXISTS (SELECT 1 FROM generation_jobinput input WHERE input.job_id = image.job_id)"


def statement(person: str, data: Mapping[str, str]) -> tuple[str, dict[str, Any]]:
    """Return the statement and its values for a person's id and an address's query; days are those of UTC."""
    owner, values = uuid.UUID(person), {**data, "person": person}
    conditions = [_CONDITIONS[name](value) for name, value in data.items()]
    if "q" in data:
        values["q"] = search_words.parse(data["q"]).as_tsquery(owner)
    if "size" in data:
        values["width"], values["height"] = data["size"].split("x")
    if "until" in data:
        values["until"] = str(date.fromisoformat(data["until"]) + timedelta(days=1))
    return _PAGE.format(conditions=" ".join(f"AND {one}" for one in conditions), limit=SIZE + 1), values


def _model(value: str) -> str:
    try:
        uuid.UUID(value)
    except ValueError:
        return "(job.served_by = %(model)s OR job.model = %(model)s)"
    return (
        "EXISTS (SELECT 1 FROM generation_joblora used"
        " WHERE used.user_id = %(person)s AND used.model_id = %(model)s AND used.job_id = job.id)"
    )


_CONDITIONS: dict[str, Callable[[str], str]] = {
    "before": lambda _: "image.id < %(before)s",
    "q": lambda _: (
        "EXISTS (SELECT 1 FROM generation_searchtext text"
        " WHERE text.image_id = image.id AND text.user_id = %(person)s AND text.words @@ %(q)s::tsquery)"
    ),
    "folder": lambda value: "image.folder_id IS NULL" if value == "none" else "image.folder_id = %(folder)s",
    "task": lambda _: "job.task = %(task)s",
    "model": _model,
    "shape": lambda value: f"image.width {_SHAPES[value]} image.height",
    "size": lambda _: "image.width = %(width)s::int AND image.height = %(height)s::int",
    "after": lambda _: "image.created_at >= %(after)s::timestamp AT TIME ZONE 'UTC'",
    "until": lambda _: "image.created_at < %(until)s::timestamp AT TIME ZONE 'UTC'",
    "seed": lambda _: "image.seed = %(seed)s::bigint",
    "rating": lambda _: "image.rating >= %(rating)s::int",
    "favourite": lambda _: "image.is_favourite",
    "parent": lambda value: _BEGINS if value == "yes" else f"NOT {_BEGINS}",
    "tag": lambda _: (
        "EXISTS (SELECT 1 FROM generation_image_tags tagged JOIN generation_tag tag ON tag.id = tagged.tag_id"
        " WHERE tagged.image_id = image.id AND tag.user_id = %(person)s AND tag.name = %(tag)s)"
    ),
}
