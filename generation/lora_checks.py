"""Is a stranger's file a LoRA for one of our models? Its header is read without loading anything, then its numbers.

The safetensors format itself runs no code; what can be wrong is said by name: no such file at all, a header that lies
about the file, shapes that do not fit the model, numbers that are none. Taken are the names of diffusers (PEFT) and
of kohya's scripts. Source: github.com/huggingface/safetensors, "Format".
"""

import json
import math
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from django.utils.translation import gettext

from generation.catalog_shapes import CatalogModel
from generation.errors import LoraRefused

FILE_MAX_BYTES = 512_000_000
# A LoRA of a large model has some 2,000 tensors of 150 bytes each in its header.
HEADER_MAX_BYTES = 4_000_000
RANK_MAX = 128
_LENGTH_BYTES = 8
_BYTES = {"F32": 4, "F16": 2, "BF16": 2}
_PARTS = ("unet", "transformer", "text_encoder", "text_encoder_2")
_PICKLES = (b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05", b"PK\x03\x04")
_CHUNK_BYTES = 1 << 24
_DOWN = ("lora_A.weight", "lora_down.weight", "lora.down.weight")
_UP = ("lora_B.weight", "lora_up.weight", "lora.up.weight")
_KOHYA = {"lora_unet_": "unet", "lora_transformer_": "transformer", "lora_te1_": "text_encoder"}
_KOHYA |= {"lora_te2_": "text_encoder_2", "lora_te_": "text_encoder"}
_NAME = re.compile(
    r"(?P<module>.+)\.(?P<role>lora_A\.weight|lora_B\.weight|lora_down\.weight|lora_up\.weight"
    r"|lora\.down\.weight|lora\.up\.weight|alpha)"
)


@dataclass(frozen=True)
class Tensor:
    """One tensor as a header names it; `start` and `end` are bytes after the header."""

    dtype: str
    shape: tuple[int, ...]
    start: int
    end: int


def check(path: Path, base: CatalogModel) -> int:
    """Return the largest rank of the LoRA in a file, made for `base`. Raises: LoraRefused, OSError."""
    with path.open("rb") as file:
        tensors, begins_at = read_header(file)
        rank = _check_names(tensors, modules_of(base), base)
        _check_numbers(file, tensors, begins_at)
    return rank


def read_header(file: IO[bytes]) -> tuple[dict[str, Tensor], int]:
    """Return a safetensors file's tensors by name, and where their bytes begin. Raises: LoraRefused."""
    size = os.fstat(file.fileno()).st_size
    if size > FILE_MAX_BYTES:
        raise LoraRefused(
            "file_too_large",
            gettext("The file has %(value)s MB; %(value_2)s MB are the most.")
            % {"value": f"{size / 1e6:.0f}", "value_2": FILE_MAX_BYTES // 1_000_000},
        )
    start = file.read(_LENGTH_BYTES)
    if start.startswith(_PICKLES):
        words = gettext("This is a pickle or an archive, which can run code. Save the LoRA as safetensors.")
        raise LoraRefused("pickle", words)
    length = int.from_bytes(start, "little")
    if len(start) < _LENGTH_BYTES or not 2 <= length <= size - _LENGTH_BYTES:
        raise LoraRefused(
            "not_safetensors", gettext("This is not a safetensors file, or it is cut short. Save it anew.")
        )
    if length > HEADER_MAX_BYTES:
        raise LoraRefused(
            "header_too_large",
            gettext("Its header has %(length)s bytes; %(header_max_bytes)s are the most.")
            % {"length": f"{length:,}", "header_max_bytes": f"{HEADER_MAX_BYTES:,}"},
        )
    tensors = _tensors_of(_json_of(file.read(length)))
    _check_offsets(tensors, size - _LENGTH_BYTES - length)
    return tensors, _LENGTH_BYTES + length


def modules_of(base: CatalogModel) -> dict[str, dict[str, tuple[int, ...]]]:
    """Return the shape of each weight that a LoRA can change, by part and by module."""
    parts = {}
    for part in _PARTS:
        shapes: dict[str, tuple[int, ...]] = {}
        for path in sorted((base.folder / part).glob("*.safetensors")):
            with path.open("rb") as file:
                header = json.loads(file.read(int.from_bytes(file.read(_LENGTH_BYTES), "little")))
            for name, entry in header.items():
                if name.endswith(".weight") and len(entry["shape"]) in (2, 4):
                    shapes[name.removesuffix(".weight")] = tuple(entry["shape"])
        if shapes:
            parts[part] = shapes
    return parts


# --- private, in the order of their callers --------------------------------------------------------


def _json_of(text: bytes) -> dict[str, Any]:
    try:
        header = json.loads(text, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        raise LoraRefused("damaged_header", gettext("The file's header cannot be read. Save it anew.")) from None
    if not isinstance(header, dict):
        raise LoraRefused("damaged_header", gettext("The file's header is not a table. Save it anew."))
    return header


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _ in pairs}) < len(pairs):
        raise ValueError("a name is there twice")
    return dict(pairs)


def _tensors_of(header: dict[str, Any]) -> dict[str, Tensor]:
    try:
        tensors = {name: _tensor(entry) for name, entry in header.items() if name != "__metadata__"}
    except (KeyError, TypeError, ValueError):
        raise LoraRefused("damaged_header", gettext("The file's header describes no tensors. Save it anew.")) from None
    if not tensors:
        raise LoraRefused("empty", gettext("There is nothing in this file."))
    for name, tensor in tensors.items():
        if tensor.dtype not in _BYTES:
            words = f"{_shown(name)} is of type {tensor.dtype[:12]}; F32, F16 and BF16 are taken."
            raise LoraRefused("wrong_dtype", words)
    return tensors


def _tensor(entry: Mapping[str, Any]) -> Tensor:
    start, end = entry["data_offsets"]
    numbers = (*entry["shape"], start, end)
    if any(type(number) is not int or number < 0 for number in numbers) or len(entry["shape"]) > 4:
        raise ValueError(numbers)
    return Tensor(str(entry["dtype"]), tuple(entry["shape"]), start, end)


def _check_offsets(tensors: Mapping[str, Tensor], size: int) -> None:
    """Refuse a header by which tensors overlap, leave gaps, reach beyond the file or have another size."""
    place = 0
    for name, tensor in sorted(tensors.items(), key=lambda item: (item[1].start, item[1].end)):
        if tensor.start != place:
            raise LoraRefused(
                "wrong_offsets",
                gettext("The header lies about %(shown)s: its bytes overlap or leave a gap.") % {"shown": _shown(name)},
            )
        if tensor.end - tensor.start != math.prod(tensor.shape) * _BYTES[tensor.dtype]:
            raise LoraRefused(
                "wrong_offsets",
                gettext("The header lies about %(shown)s: its shape is not its size.") % {"shown": _shown(name)},
            )
        place = tensor.end
    if place != size:
        raise LoraRefused(
            "wrong_offsets",
            gettext("The file has %(size)s bytes of numbers, its header names %(place)s.")
            % {"size": f"{size:,}", "place": f"{place:,}"},
        )


def _check_names(
    tensors: Mapping[str, Tensor], modules: Mapping[str, Mapping[str, tuple[int, ...]]], base: CatalogModel
) -> int:
    """Return the largest rank; refuses names and shapes that are not the base's."""
    flat = {(part, name.replace(".", "_")): name for part, shapes in modules.items() for name in shapes}
    found: dict[tuple[str, str], dict[str, tuple[int, ...]]] = {}
    for name, tensor in tensors.items():
        place, role = _place_of(name, flat)
        if place is None or place[1] not in modules.get(place[0], {}):
            words = f"{_shown(name)} is not a part of {base.name}. Was it made for another model?"
            raise LoraRefused("foreign_key", words)
        if role in found.setdefault(place, {}):
            raise LoraRefused("foreign_key", gettext("%(shown)s is there twice.") % {"shown": _shown(name)})
        found[place][role] = tensor.shape
    return max(_rank_of(place, roles, modules[place[0]][place[1]], base) for place, roles in found.items())


def _place_of(name: str, flat: Mapping[tuple[str, str], str]) -> tuple[tuple[str, str] | None, str]:
    """Return the part and module that a tensor belongs to, and its role: down, up or alpha."""
    match = _NAME.fullmatch(name)
    if match is None:
        return None, ""
    module = match["module"]
    role = "down" if match["role"] in _DOWN else "up" if match["role"] in _UP else "alpha"
    part, _, rest = module.partition(".")
    if part in _PARTS:
        return (part, rest), role
    prefix = next((prefix for prefix in _KOHYA if module.startswith(prefix)), None)
    if prefix is None:
        return None, role
    found = flat.get((_KOHYA[prefix], module.removeprefix(prefix)))
    return ((_KOHYA[prefix], found), role) if found else (None, role)


def _rank_of(
    place: tuple[str, str], roles: Mapping[str, tuple[int, ...]], weight: tuple[int, ...], base: CatalogModel
) -> int:
    """Return the rank of one module's pair, whose product must have the shape of the module's weight."""
    name = ".".join(place)
    if not {"down", "up"} <= roles.keys():
        raise LoraRefused(
            "wrong_shape", gettext("%(shown)s has only one of its two matrices.") % {"shown": _shown(name)}
        )
    rank = roles["down"][0] if roles["down"] else 0
    down, up = (rank, *weight[1:]), (weight[0], rank, *(1 for _ in weight[2:]))
    if roles["down"] != down or roles["up"] != up or math.prod(roles.get("alpha", ())) != 1:
        words = f"{_shown(name)} does not fit {base.name}: it is {roles['up']} × {roles['down']}, the model {weight}."
        raise LoraRefused("wrong_shape", words)
    if not 1 <= rank <= RANK_MAX:
        raise LoraRefused(
            "rank_too_high",
            gettext("%(shown)s has rank %(rank)s; 1 to %(rank_max)s are taken.")
            % {"shown": _shown(name), "rank": rank, "rank_max": RANK_MAX},
        )
    return rank


def _check_numbers(file: IO[bytes], tensors: Mapping[str, Tensor], begins_at: int) -> None:
    """Refuse numbers that are none or infinite, a piece at a time."""
    for name, tensor in tensors.items():
        file.seek(begins_at + tensor.start)
        left = tensor.end - tensor.start
        while left:
            piece = file.read(min(left, _CHUNK_BYTES))
            if not piece:
                raise LoraRefused("not_safetensors", gettext("The file is cut short. Save it anew."))
            left -= len(piece)
            if not _are_finite(piece, tensor.dtype):
                words = f"{_shown(name)} holds values that are not numbers: its training went wrong."
                raise LoraRefused("not_finite", words)


def _are_finite(piece: bytes, dtype: str) -> bool:
    if dtype == "BF16":
        # The upper half of a float32: all bits of the exponent set means infinite, or no number.
        return not bool(((np.frombuffer(piece, "<u2") & 0x7F80) == 0x7F80).any())
    return bool(np.isfinite(np.frombuffer(piece, "<f4" if dtype == "F32" else "<f2")).all())


def _shown(name: str) -> str:
    return f"“{name[:80]}”"
