"""A picture around which everything that its owner can write is hostile."""

from accounts.models import User
from generation import folders, shelving
from generation.models import Image
from tests.generation.pictures import draw


def plant(owner: User, *, text: str, name: str) -> Image:
    """Return a picture with `text` as its prompts and description; `name` is its tag, its owner and their folders."""
    User.objects.filter(pk=owner.pk).update(display_name=name)
    owner.refresh_from_db()
    image = draw(owner, prompt=text, negative_prompt=text)
    shelving.tag(owner, Image.objects.filter(pk=image.pk), name)
    shelving.describe(image, text)
    folders.make(owner, name)
    folders.make(owner, f"{name}2", query="q=fox")
    return image
