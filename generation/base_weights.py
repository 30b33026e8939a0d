"""Which weights a model has here, as one checksum: what was trained on others need not fit them any more.

What belongs here: such checksums, and whether a person's model was made for another. What does not: what follows from
it for a training (`training_worker`), or on a page.
"""

import hashlib
import json
import uuid
from collections.abc import Iterable
from pathlib import Path

from django.core.cache import cache

from generation import catalog, checksums
from generation.catalog_shapes import CatalogModel
from generation.models import CustomModel, InstalledModel

# What decides how pictures come out; a LoRA beside them, or a scheduler's numbers, changes nothing that was learned.
_PARTS = ("unet", "transformer", "vae", "text_encoder", "text_encoder_2")
_CACHE_SECONDS = 7 * 24 * 3600


def checksum_of(base: CatalogModel) -> str:
    """Return one checksum of a model's weights as they lie here; empty where there are none. Raises: OSError."""
    files = _listed(base) or _read(base.folder)
    weights = sorted((name, found) for name, found in files.items() if _is_weights(name))
    return hashlib.sha256(json.dumps(weights).encode()).hexdigest() if weights else ""


def all_of(model: CatalogModel) -> str:
    """Return one checksum of everything learned that a model or tool has here; empty of what is built in.

    Raises: OSError.
    """
    if model.is_built_in:
        return ""
    files = _listed(model) or {
        path.relative_to(model.folder).as_posix(): _hash(path) for path in sorted(model.folder.rglob("*.safetensors"))
    }
    weights = sorted((name, found) for name, found in files.items() if name.endswith(".safetensors"))
    return hashlib.sha256(json.dumps(weights).encode()).hexdigest() if weights else ""


def replaced(models: Iterable[CustomModel]) -> set[uuid.UUID]:
    """Return which of these were made for other weights than their base has here now. Raises: OSError."""
    known = [model for model in models if model.base_sha256 and model.base_model in catalog.MODELS]
    now = {slug: checksum_of(catalog.MODELS[slug]) for slug in {model.base_model for model in known}}
    return {model.pk for model in known if now[model.base_model] not in ("", model.base_sha256)}


def was_replaced(model: CustomModel) -> bool:
    """Whether this one was. Raises: OSError."""
    return model.pk in replaced([model])


def _listed(base: CatalogModel) -> dict[str, str]:
    """Return the checksums that came with the files: those shipped beside them, or those of the download."""
    found = checksums.listed(base.folder)
    if found or base.ships_in:
        return found
    installed = InstalledModel.objects.filter(slug=base.slug).first()
    return installed.checksums if installed and base.is_installed else {}


def _read(folder: Path) -> dict[str, str]:
    """Return the checksums of weights that nobody listed; each file is read once."""
    paths = [path for part in _PARTS for path in sorted((folder / part).glob("*.safetensors"))]
    return {path.relative_to(folder).as_posix(): _hash(path) for path in paths}


def _hash(path: Path) -> str:
    facts = path.stat()
    name = hashlib.sha256(str(path).encode()).hexdigest()
    key = f"base-weights:1:{name}:{facts.st_size}:{facts.st_mtime_ns}"
    found: str | None = cache.get(key)
    if found is None:
        found = checksums.hash_file(path)
        cache.set(key, found, _CACHE_SECONDS)
    return found


def _is_weights(name: str) -> bool:
    return name.endswith(".safetensors") and name.split("/")[0] in _PARTS
