"""Look at a model's files before anything reads them: are they there, whole, and of the one kind that is read?

What belongs here: a diffusers folder on disk. What does not: building a pipeline from it (`loading.py`).
Loaders name a folder or nothing at all when a file is bad; a person who has to mend it needs the file.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generation.checksums import CHECKSUMS_NAME, DamagedWeights, verify_checksums
from generation.inference.errors import ModelDamaged, ModelMissing

INDEX_NAME = "model_index.json"
# The parts of a pipeline that carry weights, in all families.
WEIGHT_COMPONENTS = ("unet", "transformer", "vae", "text_encoder", "text_encoder_2", "image_encoder")
PICKLE_SUFFIXES = frozenset({".bin", ".ckpt", ".pt", ".pth", ".pkl"})
HALF_VARIANT = "fp16"
# Source: safetensors' format: 8 bytes of header length, little endian, then at most 100 MB of JSON.
_LENGTH_BYTES = 8
_HEADER_MAX_BYTES = 100_000_000


@dataclass(frozen=True)
class WeightFiles:
    """What a check found: `variant` to ask the loader for, and how many numbers all parts hold together."""

    variant: str | None
    num_values: int


def check_weights(folder: Path, *, outside: frozenset[str] = frozenset()) -> WeightFiles:
    """Check a model's folder; `outside` names parts that come from elsewhere.

    Raises: ModelMissing when there is no model, ModelDamaged with the file that is bad.
    """
    index_path = folder / INDEX_NAME
    if not index_path.is_file():
        raise ModelMissing(folder)
    index = _read_json(index_path)
    _verify(folder)
    variants: set[str | None] = set()
    num_values = 0
    for name in WEIGHT_COMPONENTS:
        if name in outside or not _is_used(index.get(name)):
            continue
        variant, files = _choose_files(folder / name)
        variants.add(variant)
        num_values += sum(_count_values(path) for path in files)
    return WeightFiles(HALF_VARIANT if HALF_VARIANT in variants else None, num_values)


def check_part(folder: Path) -> WeightFiles:
    """Check the folder of one network, a part of a model or a tool. Raises: ModelMissing, ModelDamaged."""
    if not folder.is_dir():
        raise ModelMissing(folder)
    _verify(folder)
    variant, files = _choose_files(folder)
    return WeightFiles(variant, sum(_count_values(path) for path in files))


def _verify(folder: Path) -> None:
    """Compare a folder's files with the checksums it came with, if any. Raises: ModelDamaged."""
    if (folder / CHECKSUMS_NAME).is_file():
        try:
            verify_checksums(folder)
        except DamagedWeights as error:
            raise ModelDamaged(error.path, str(error).removeprefix(f"{error.path} ")) from error


def _is_used(entry: object) -> bool:
    """Whether an entry of the index names a class; `[null, null]` stands for a part the model does without."""
    return isinstance(entry, list) and len(entry) == 2 and entry[1] is not None


def _choose_files(folder: Path) -> tuple[str | None, list[Path]]:
    """Return the part's weight files: the plain ones, else the half-precision variant."""
    if not folder.is_dir():
        raise ModelDamaged(folder, "is missing")
    for path in sorted(folder.glob("*.safetensors.index*.json")):
        _check_shards(path)
    by_variant: dict[str | None, list[Path]] = {None: [], HALF_VARIANT: []}
    for path in sorted(folder.glob("*.safetensors")):
        # "model.fp16.safetensors", or in shards "model.fp16-00001-of-00002.safetensors".
        words = path.name.removesuffix(".safetensors").partition(".")[2].partition("-")[0]
        by_variant.setdefault(words or None, []).append(path)
    for variant in (None, HALF_VARIANT):
        if by_variant[variant]:
            return variant, by_variant[variant]
    for path in sorted(folder.iterdir()):
        if path.suffix in PICKLE_SUFFIXES:
            raise ModelDamaged(path, "is a pickle, which can run code; only safetensors are read")
    raise ModelDamaged(folder, "holds no safetensors")


def _check_shards(index_path: Path) -> None:
    """Refuse a list of shards that names other files: loaders read whatever it names. Raises: ModelDamaged."""
    weight_map = _read_json(index_path).get("weight_map")
    if not isinstance(weight_map, dict):
        raise ModelDamaged(index_path, "has no weight_map")
    for name in sorted({str(name) for name in weight_map.values()}):
        if not name.endswith(".safetensors"):
            raise ModelDamaged(index_path, f"names {name!r}; only safetensors are read")


def _count_values(path: Path) -> int:
    """Return how many numbers a safetensors file holds. Raises: ModelDamaged when it is not whole."""
    size = path.stat().st_size
    with path.open("rb") as file:
        length = int.from_bytes(file.read(_LENGTH_BYTES), "little")
        if not 0 < length <= min(size - _LENGTH_BYTES, _HEADER_MAX_BYTES):
            raise ModelDamaged(path, "is not a safetensors file, or is cut short")
        try:
            header = json.loads(file.read(length))
            tensors = [entry for name, entry in header.items() if name != "__metadata__"]
            expected = _LENGTH_BYTES + length + max((entry["data_offsets"][1] for entry in tensors), default=0)
            num_values = sum(_product(entry["shape"]) for entry in tensors)
        except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
            raise ModelDamaged(path, "its header cannot be read") from error
    if size != expected:
        raise ModelDamaged(path, f"has {size} bytes, {expected} are expected")
    return num_values


def _product(shape: list[int]) -> int:
    product = 1
    for side in shape:
        product *= side
    return product


def _read_json(path: Path) -> dict[str, Any]:
    try:
        body = json.loads(path.read_text())
    except ValueError as error:
        raise ModelDamaged(path, "is not JSON") from error
    if not isinstance(body, dict):
        raise ModelDamaged(path, "is not a JSON object")
    return body
