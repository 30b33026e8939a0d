"""A picture as another file: with its recipe or clean of it, as PNG, JPEG or WebP. The original stays as it is.

A video as MP4, animated WebP or GIF: the files that are kept, told or clean; nothing of it is encoded anew.

Every one says that a model drew it (IPTC digital source type, in XMP), signed where files are signed. With the recipe
it also carries the licence, what it shows (alt text) and, in the form that other studios read, what it was drawn from.
Clean says nothing else: not what it shows either, for that is mostly what its prompt says.
"""

import io
import json
from dataclasses import dataclass
from typing import Any

from PIL import Image as Pillow

from generation import bare_videos, licences, picture_encoding, provenance, signed_files, storage, xmp
from generation.faces import RunFace
from generation.models import Image

# Keywords of PNG chunks. The first is what AUTOMATIC1111's web UI writes, and what others read.
PARAMETERS, RECIPE = "parameters", "getimg.recipe"
# Source: Exif 2.32, 4.6.5, tag UserComment and its character code for UTF-16.
_EXIF_IFD, _USER_COMMENT, _UNICODE = 0x8769, 0x9286, b"UNICODE\0"
_JPEG_QUALITY, _WEBP_QUALITY = 95, 95


@dataclass(frozen=True)
class Kind:
    """What a file can be: its ending, its type."""

    suffix: str
    content_type: str


KINDS = {
    "png": Kind(".png", "image/png"),
    "jpeg": Kind(".jpg", "image/jpeg"),
    "webp": Kind(".webp", "image/webp"),
}
CLIP_KINDS = {
    "mp4": Kind(".mp4", "video/mp4"),
    "webp": Kind(".webp", "image/webp"),
    "gif": Kind(".gif", "image/gif"),
}
WAYS = ("recipe", "clean")


def kinds_of(image: Image) -> dict[str, Kind]:
    """Return what a picture can be; of a video, PNG and JPEG are its first frame."""
    return KINDS | CLIP_KINDS if image.video else KINDS


def render(image: Image, way: str, kind: str) -> bytes:
    """Return the file. Reads its run, its owner's plan as it was, and the original. Raises: FileNotFoundError."""
    if image.video and kind in CLIP_KINDS:
        return _render_clip(image, getattr(image.video, kind), way, CLIP_KINDS[kind].content_type)
    with Pillow.open(io.BytesIO(storage.read(image.file))) as original:
        original.load()
        # Nothing of what the original says goes along unasked.
        picture = original.copy()
    picture.info.clear()
    if way == "clean":
        content = _encoded(picture, kind, {provenance.XMP: provenance.clean_packet()}, "")
        return signed_files.clean_seal()(content, KINDS[kind].content_type)
    words = parameters(image)
    terms, loras = licences.terms_of(image), image.job.params.get("loras", ())
    texts = provenance.texts(image.pk, terms, loras, alt_text=image.description, recipe=words)
    content = _encoded(picture, kind, {**texts, PARAMETERS: words, RECIPE: json.dumps(recipe(image))}, words)
    return signed_files.seal_of(image.job, image.pk, terms.model_name)(content, KINDS[kind].content_type)


def recipe(image: Image) -> dict[str, Any]:
    """Return what makes the picture again, as the API takes it."""
    return {"task": image.job.task, "model": image.job.served_by, **image.recipe}


def parameters(image: Image) -> str:
    """Return what it was drawn from, as other studios write and read it."""
    run, params = RunFace(image.job, [], None, None), image.job.params
    facts = {
        "Steps": params.get("num_inference_steps"),
        "Sampler": run.scheduler if params.get("scheduler") else None,
        "CFG scale": params.get("guidance_scale"),
        "Seed": image.seed,
        "Size": f"{image.width}x{image.height}",
        "Model": image.job.served_by,
        "Denoising strength": params.get("strength"),
    }
    lines = [image.prompt]
    if image.negative_prompt:
        lines.append(f"Negative prompt: {image.negative_prompt}")
    lines.append(", ".join(f"{name}: {value}" for name, value in facts.items() if value is not None))
    return "\n".join(lines)


def _render_clip(image: Image, key: str, way: str, content_type: str) -> bytes:
    kept = storage.read(key)
    if way == "clean":
        return signed_files.clean_seal()(xmp.put(bare_videos.bare(kept), provenance.clean_packet()), content_type)
    terms, loras = licences.terms_of(image), image.job.params.get("loras", ())
    settings = json.dumps(recipe(image), ensure_ascii=False)
    texts = provenance.texts(
        image.pk, terms, loras, alt_text=image.description, recipe=parameters(image), recipe_json=settings
    )
    # Another packet breaks the seal of the one that is kept.
    told = xmp.put(bare_videos.without_credentials(kept), texts[provenance.XMP])
    return signed_files.seal_of(image.job, image.pk, terms.model_name)(told, content_type)


def _encoded(picture: Pillow.Image, kind: str, texts: dict[str, str], comment: str) -> bytes:
    if kind == "png":
        return picture_encoding.png_of(picture, texts)
    packet = texts[provenance.XMP].encode()
    exif = Pillow.Exif()
    if comment:
        exif.get_ifd(_EXIF_IFD)[_USER_COMMENT] = _UNICODE + comment.encode("utf-16-be")
    buffer = io.BytesIO()
    if kind == "jpeg":
        opaque = picture_encoding.on_white(picture)
        opaque.save(buffer, "JPEG", quality=_JPEG_QUALITY, subsampling=0, xmp=packet, exif=exif)
    else:
        picture.save(buffer, "WEBP", quality=_WEBP_QUALITY, method=4, xmp=packet, exif=exif)
    return buffer.getvalue()
