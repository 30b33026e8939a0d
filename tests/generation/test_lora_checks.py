"""Hostile and broken files, made by a script, are refused with a reason; whole ones of both spellings are taken."""

import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

from generation import catalog, lora_checks
from generation.errors import LoraRefused
from tests.generation.loras import save_lora, tensors_of

BASE = catalog.MODELS["starter"]
FOLDER = BASE.folder


def written(path: Path, header: Any, body: bytes = b"") -> Path:
    """Write a file with any header at all."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + body)
    return path


def entry(shape: list[int], start: int, end: int, dtype: str = "F32") -> dict[str, Any]:
    return {"dtype": dtype, "shape": shape, "data_offsets": [start, end]}


def refusal(path: Path) -> tuple[str, str]:
    with pytest.raises(LoraRefused) as refused:
        lora_checks.check(path, BASE)
    return refused.value.code, str(refused.value)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "lora.safetensors"


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
@pytest.mark.parametrize("rank", [1, 8, 128])
def test_a_lora_of_the_base_is_taken_with_its_rank(path: Path, rank: int, dtype: Any) -> None:
    assert lora_checks.check(save_lora(path, FOLDER, rank=rank, dtype=dtype), BASE) == rank


def test_convolutions_are_taken_and_those_of_another_shape_are_not(path: Path) -> None:
    assert lora_checks.check(save_lora(path, FOLDER, rank=8, convolutions=True), BASE) == 8
    tensors = tensors_of(FOLDER, convolutions=True)
    name = next(name for name, value in tensors.items() if value.ndim == 4 and "lora_A" in name)
    save_file({**tensors, name: tensors[name][..., :1]}, path)
    assert refusal(path)[0] == "wrong_shape"


def test_the_studios_own_few_step_lora_is_taken() -> None:
    assert lora_checks.check(FOLDER / "few_steps" / "pytorch_lora_weights.safetensors", BASE) >= 1


def test_names_as_kohyas_scripts_write_them_are_taken_with_their_alphas(path: Path) -> None:
    renamed: dict[str, np.ndarray] = {}
    for name, value in tensors_of(FOLDER, rank=2).items():
        module, _, role = name.removeprefix("unet.").partition(".lora_")
        flat = "lora_unet_" + module.replace(".", "_")
        renamed[f"{flat}.{'lora_down' if role.startswith('A') else 'lora_up'}.weight"] = value
        renamed[f"{flat}.alpha"] = np.array(1.0, np.float32)
    save_file(renamed, path)
    assert lora_checks.check(path, BASE) == 2


def test_metadata_does_not_matter(path: Path) -> None:
    save_file(tensors_of(FOLDER), path, metadata={"format": "pt", "prompt": "x" * 1000})
    assert lora_checks.check(path, BASE) == 4


def _no_number(value: float, dtype: Any = np.float32) -> Callable[[Path], object]:
    def write(path: Path) -> None:
        tensors = tensors_of(FOLDER, dtype=dtype)
        next(iter(tensors.values()))[0, 0] = value
        save_file(tensors, path)

    return write


def _changed(change: Callable[[dict[str, np.ndarray]], object]) -> Callable[[Path], object]:
    def write(path: Path) -> None:
        tensors = tensors_of(FOLDER)
        change(tensors)
        save_file(tensors, path)

    return write


def _first(tensors: dict[str, np.ndarray]) -> str:
    return next(name for name in tensors if "lora_A" in name)


def _doubled(tensors: dict[str, np.ndarray]) -> None:
    tensors[_first(tensors)] = np.ones((4, 7777), np.float32)


def _of_rank(rank: int) -> Callable[[Path], object]:
    return lambda path: save_lora(path, FOLDER, rank=rank)


HOSTILE: dict[str, tuple[str, Callable[[Path], object]]] = {
    "a pickle with another name": ("pickle", lambda path: path.write_bytes(b"\x80\x04\x95" + bytes(100))),
    "an archive, as torch saves": ("pickle", lambda path: path.write_bytes(b"PK\x03\x04" + bytes(100))),
    "nothing": ("not_safetensors", lambda path: path.write_bytes(b"")),
    "seven bytes": ("not_safetensors", lambda path: path.write_bytes(bytes(7))),
    "text": ("not_safetensors", lambda path: path.write_bytes(b"<html>hello there</html>")),
    "a header of 2 GB": ("not_safetensors", lambda path: path.write_bytes(struct.pack("<Q", 2 << 30) + bytes(100))),
    "a header of 2^63": ("not_safetensors", lambda path: path.write_bytes(struct.pack("<Q", 1 << 63) + bytes(100))),
    "a header that is there and too long": ("header_too_large", lambda path: written(path, b" " * 4_000_001 + b"{}")),
    "a header that is no JSON": ("damaged_header", lambda path: written(path, b"{nothing}")),
    "a header nested too deep": ("damaged_header", lambda path: written(path, b"[" * 200_000)),
    "a header that is a list": ("damaged_header", lambda path: written(path, [1])),
    "a name that is there twice": ("damaged_header", lambda path: written(path, b'{"a": {}, "a": {}}')),
    "a tensor that is a number": ("damaged_header", lambda path: written(path, {"a": 7})),
    "a tensor without offsets": ("damaged_header", lambda path: written(path, {"a": {"dtype": "F32", "shape": [1]}})),
    "a shape below zero": ("damaged_header", lambda path: written(path, {"a": entry([-1], 0, 4)}, bytes(4))),
    "a shape of true": ("damaged_header", lambda path: written(path, {"a": entry([True], 0, 4)}, bytes(4))),
    "a shape of nine sides": ("damaged_header", lambda path: written(path, {"a": entry([1] * 9, 0, 4)}, bytes(4))),
    "no tensors": ("empty", lambda path: written(path, {"__metadata__": {"a": "b"}})),
    "whole numbers": ("wrong_dtype", lambda path: written(path, {"a": entry([1], 0, 8, "I64")}, bytes(8))),
    "overlapping offsets": (
        "wrong_offsets",
        lambda path: written(path, {"a": entry([2], 0, 8), "b": entry([2], 4, 12)}, bytes(12)),
    ),
    "a gap": ("wrong_offsets", lambda path: written(path, {"a": entry([1], 4, 8)}, bytes(8))),
    "offsets beyond the end": ("wrong_offsets", lambda path: written(path, {"a": entry([2], 0, 8)}, bytes(4))),
    "bytes behind the end": ("wrong_offsets", lambda path: written(path, {"a": entry([1], 0, 4)}, bytes(400))),
    "a shape that is not its size": ("wrong_offsets", lambda path: written(path, {"a": entry([9], 0, 4)}, bytes(4))),
    "a shape of 2^62": ("wrong_offsets", lambda path: written(path, {"a": entry([1 << 62], 0, 4)}, bytes(4))),
    "names of another model": (
        "foreign_key",
        _changed(lambda tensors: tensors.update({"unet.elsewhere.lora_A.weight": np.ones((4, 4), np.float32)})),
    ),
    "whole weights": (
        "foreign_key",
        _changed(lambda tensors: tensors.update({"unet.conv_in.weight": np.ones((4, 4), np.float32)})),
    ),
    "a part that the base has not": (
        "foreign_key",
        _changed(lambda tensors: tensors.update({"text_encoder.x.lora_A.weight": np.ones((4, 4), np.float32)})),
    ),
    "a shape of another model": ("wrong_shape", _changed(_doubled)),
    "half of a pair": ("wrong_shape", _changed(lambda tensors: tensors.pop(_first(tensors)))),
    "a rank of 129": ("rank_too_high", _of_rank(129)),
    "no number": ("not_finite", _no_number(float("nan"))),
    "an infinite number": ("not_finite", _no_number(float("-inf"), np.float16)),
}


@pytest.mark.parametrize(("code", "write"), HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_file_is_refused_with_its_reason(path: Path, code: str, write: Callable[[Path], object]) -> None:
    write(path)
    found, message = refusal(path)
    assert found == code
    assert message


def test_no_number_is_found_in_bfloat16_as_well(path: Path) -> None:
    tensors = tensors_of(FOLDER, rank=1)
    header, body = {}, b""
    for name, value in tensors.items():
        halves = (value.view(np.uint32) >> 16).astype("<u2").tobytes()
        header[name] = entry(list(value.shape), len(body), len(body) + len(halves), "BF16")
        body += halves
    assert lora_checks.check(written(path, header, body), BASE) == 1
    assert refusal(written(path, header, body[:-2] + b"\xc0\x7f"))[0] == "not_finite"


def test_a_file_that_is_too_large_is_not_even_read(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(lora_checks.FILE_MAX_BYTES + 1)  # a hole: it takes no room on the disk
    assert refusal(path)[0] == "file_too_large"


def test_a_refusal_names_the_tensor_shortened(path: Path) -> None:
    written(path, {"x" * 5000: entry([1], 0, 4)}, bytes(4))
    code, message = refusal(path)
    assert code == "foreign_key"
    assert "Was it made for another model?" in message
    assert len(message) < 200
