"""Pickles for tests that make a folder once they are read: whoever reads them runs what is in them."""

import functools
import io
import json
import os
import pickle
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SUFFIXES = (".bin", ".ckpt", ".pt", ".pth", ".pkl")
# What the libraries look for in a folder where nobody names a file, and what trainers leave beside weights.
NAMES = (
    *("pytorch_model", "diffusion_pytorch_model", "model", "pytorch_lora_weights", "learned_embeds", "ip-adapter"),
    *("pytorch_model.fp16", "diffusion_pytorch_model.fp16", "optimizer", "scheduler", "training_args", "checkpoint"),
)
_opened: list[str] = []


class _Trap:
    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.mark),)


def trap(mark: Path, *, is_archive: bool = False) -> bytes:
    """Return a pickle that makes the folder `mark`; `is_archive`: as torch saves them, in a zip."""
    content = pickle.dumps(_Trap(mark), protocol=2)  # as torch writes them
    if not is_archive:
        return content
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("archive/data.pkl", content)
        archive.writestr("archive/version", "3\n")
    return buffer.getvalue()


def has_sprung(mark: Path) -> bool:
    """Return whether a pickle was opened."""
    return mark.exists()


def plant(folder: Path, mark: Path) -> None:
    """Put traps into a folder and all in it, by names that libraries pick up and those of its weights."""
    for place in (folder, *(path for path in folder.rglob("*") if path.is_dir())):
        stems = {path.name.removesuffix(".safetensors") for path in place.glob("*.safetensors")}
        for stem in sorted({*NAMES, *stems}):
            for suffix in SUFFIXES:
                (place / f"{stem}{suffix}").write_bytes(trap(mark, is_archive=suffix != ".pkl"))
            shards = {"metadata": {}, "weight_map": {"weight": f"{stem}.bin"}}
            (place / f"{stem}.bin.index.json").write_text(json.dumps(shards))


@contextmanager
def opened(folder: Path) -> Iterator[list[str]]:
    """Yield the paths of a folder's pickles that this process opens meanwhile, even if it runs nothing of them."""
    _listen()
    before, found = len(_opened), list[str]()
    yield found
    found += [path for path in _opened[before:] if path.startswith(str(folder))]


@functools.cache
def _listen() -> None:
    def hear(event: str, arguments: tuple[object, ...]) -> None:
        if event == "open" and str(arguments[0]).endswith(SUFFIXES):
            _opened.append(str(arguments[0]))

    sys.addaudithook(hear)
