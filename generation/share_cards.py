"""The picture that a link to a shown picture is previewed with: 1200 × 630, as Open Graph asks, a JPEG.

Made anew each time it is asked for, so that it is gone with the link. Whoever has the link may see it.
"""

import io

from PIL import Image as Pillow
from PIL import ImageEnhance, ImageFilter, ImageOps

from generation import picture_encoding, provenance, storage
from generation.models import Image

SIZE = (1200, 630)
_QUALITY = 85
# The ground behind a picture of another shape is the picture itself, so small that it is but colours, and darker.
_GROUND_SIZE, _GROUND_BLUR, _GROUND_LIGHT = (60, 32), 3, 0.6


def render(image: Image) -> bytes:
    """Return the whole picture on a ground of its own colours. Raises: FileNotFoundError."""
    with Pillow.open(io.BytesIO(storage.read(image.thumbnail_640))) as thumbnail:
        picture = picture_encoding.on_white(thumbnail)
    ground = ImageOps.fit(picture, _GROUND_SIZE).filter(ImageFilter.GaussianBlur(_GROUND_BLUR))
    card = ImageEnhance.Brightness(ground.resize(SIZE, Pillow.Resampling.BICUBIC)).enhance(_GROUND_LIGHT)
    whole = ImageOps.contain(picture, SIZE, Pillow.Resampling.LANCZOS)
    card.paste(whole, ((SIZE[0] - whole.width) // 2, (SIZE[1] - whole.height) // 2))
    buffer = io.BytesIO()
    card.save(buffer, "JPEG", quality=_QUALITY, optimize=True, xmp=provenance.clean_packet().encode())
    return buffer.getvalue()
