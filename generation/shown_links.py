"""Links to the files of what its owner shows to others: a picture, or the samples of a model.

Such a link holds as long as the one that was shared: it is signed with that one's token, which is looked up again each
time the file is asked for. The owner's own links (`storage.signed_url`) ask nobody.
"""

import re
import time
import uuid

from django.conf import settings

from generation import storage
from generation.models import CustomModel, Publication

# A bucket asks nobody: what the site led to can be fetched there for so long.
BUCKET_SECONDS = 300
# As `storage.folder_of` and `custom_models.folder_of` name them; of a model nothing but samples is shown.
_OF_PICTURE = re.compile(r"pictures/[0-9a-f]{2}/([0-9a-f]{32})/[^/]+")
_OF_MODEL = re.compile(r"models/[0-9a-f]{2}/([0-9a-f]{32})/samples/[0-9a-f]{32}/[^/]+")


def url(key: str, token: str) -> str:
    """Return a link to a file of what is shown by the link with this token."""
    return storage.url_for(_whom(token), "generation:shown_media", key)


def holds(key: str, expires: int, signature: str) -> bool:
    """Whether this link was made here, and what the file belongs to is still shown by the link that it was made for."""
    if expires < time.time():
        return False
    token = _token_now(key)
    return token is not None and storage.is_signed(key, expires, signature, _whom(token))


def minutes_to_stop() -> int:
    """Return how long whoever was led to a file can still fetch it once it is shown no more; 0: not at all."""
    return BUCKET_SECONDS // 60 if settings.S3_BUCKET else 0


def _whom(token: str) -> str:
    return f"shown:{token}"


def _token_now(key: str) -> str | None:
    """Return the token by which others see what a file belongs to; None where nobody else does."""
    if found := _OF_PICTURE.fullmatch(key):
        shown = Publication.objects.open().filter(image=uuid.UUID(found[1]))
        return shown.values_list("token", flat=True).first()
    if found := _OF_MODEL.fullmatch(key):
        shared = CustomModel.objects.shared().filter(pk=uuid.UUID(found[1]))
        return shared.values_list("share_token", flat=True).first()
    return None
