"""A picture that is held back: what its row would say, kept as plain facts until it is released or goes."""

from typing import Any
from uuid import UUID

from generation.models import Clip, Image, Job

_LATER = frozenset({"user", "job", "created_at", "folder", "deleted_at", "purged_at"})
_FILES = ("file", "thumbnail_320", "thumbnail_640")
_CLIP_FILES = ("mp4", "webp", "gif")


def facts_of(image: Image) -> dict[str, Any]:
    """Return an unsaved picture's row, and its video's, as JSON."""
    facts = {
        field.attname: getattr(image, field.attname)
        for field in Image._meta.concrete_fields
        if field.name not in _LATER
    }
    clip = image.video
    if clip is not None:
        names = [field.attname for field in Clip._meta.concrete_fields if field.name not in {"id", "image"}]
        facts["clip"] = {name: getattr(clip, name) for name in names}
    return {**facts, "id": str(image.pk)}


def image_of(facts: dict[str, Any], job: Job) -> tuple[Image, Clip | None]:
    """Return the rows, unsaved, of a picture that is released."""
    own = {name: value for name, value in facts.items() if name != "clip"}
    image = Image(job=job, user_id=job.user_id, **{**own, "id": UUID(facts["id"])})
    return image, Clip(image=image, **facts["clip"]) if "clip" in facts else None


def files_of(facts: dict[str, Any]) -> list[str]:
    """Return the storage keys of what is held back."""
    clip = facts.get("clip", {})
    names = [*(facts.get(name) for name in _FILES), *(clip.get(name) for name in _CLIP_FILES)]
    return [name for name in names if name]
