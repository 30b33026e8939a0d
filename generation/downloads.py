"""Fetches a model's files from the hub: safetensors only, the commit and checksums recorded and pinned."""

import fnmatch
import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

from huggingface_hub import HfApi, hf_hub_download

from generation.catalog import CatalogModel
from generation.models import InstalledModel

# What a diffusers folder needs to run, and what a single network's. Pickles (.bin, .ckpt, .pt) can execute code and are
# refused.
_WANTED = ("model_index.json", "*/*.json", "*/*.txt", "*/*.model", "*/*.safetensors")
_WANTED_OF_ONE = ("config.json", "preprocessor_config.json", "*.safetensors", "*.safetensors.index.json")
# A safetensors file: the length of its header, the header as JSON, the numbers.
_LENGTH_BYTES, _HEADER_MAX_BYTES = 8, 100_000_000
_REFUSED = (".bin", ".ckpt", ".pt", ".pth", ".pkl", ".msgpack", ".h5", ".onnx")


class NoSafetensors(Exception):
    """The hub has this model as pickles only."""

    def __init__(self, hub_id: str) -> None:
        super().__init__(f"{hub_id} has no safetensors weights; pickles can run code and are refused.")


class ChecksumMismatch(Exception):
    """A file is not the one that was pinned."""

    def __init__(self, name: str, expected: str, found: str) -> None:
        super().__init__(f"{name} has the sha256 {found}; pinned is {expected}.")


class NotAModel(Exception):
    """A folder does not hold what the catalogue says of the model."""

    def __init__(self, folder: str, name: str) -> None:
        super().__init__(f"{folder}: {name} is missing or is not such a file.")


def files_of(model: CatalogModel, names: list[str]) -> list[str]:
    """Return what to fetch for a model of a repository's files."""
    if model.hub_files:
        return [name for name in names if name in model.hub_files]
    if model.index_file == "model_index.json":
        return choose_files(names, model.variant)
    # One network: its own file where the repository holds others too, else what stands beside its config.
    wanted = _WANTED_OF_ONE if model.index_file == "config.json" else (model.index_file,)
    found = [name for name in names if "/" not in name and any(fnmatch.fnmatch(name, each) for each in wanted)]
    return [name for name in found if not name.endswith(".safetensors") or not _variant_of(name)]


def choose_files(names: list[str], variant: str) -> list[str]:
    """Return what to fetch of a repository's files.

    Where a `variant` (such as fp16) of a weights file exists, it is taken instead of the full one.
    """
    # fnmatch's star reaches over slashes; a pipeline's parts lie one folder deep, copies for other programs deeper.
    wanted = [name for name in names if name.count("/") <= 1 and not name.endswith(_REFUSED)]
    wanted = [name for name in wanted if any(fnmatch.fnmatch(name, pattern) for pattern in _WANTED)]
    weights = [name for name in wanted if name.endswith(".safetensors")]
    marked = [name for name in weights if variant and _variant_of(name) == variant]
    folders = {name.split("/")[0] for name in marked}
    keep = marked + [name for name in weights if name.split("/")[0] not in folders and not _variant_of(name)]
    return [name for name in wanted if not name.endswith(".safetensors")] + keep


def download(model: CatalogModel, report: Callable[[int, int, str], None]) -> InstalledModel:
    """Fetch a model into its folder and pin what was fetched.

    `report(done, of, name)` hears of every file. A model that is pinned is fetched at that commit, and each
    file must have the pinned checksum. The folder appears only when it is whole.

    Raises: NoSafetensors, ChecksumMismatch, and the hub client's errors.
    """
    pinned = InstalledModel.objects.filter(slug=model.slug).first()
    info = HfApi().model_info(model.hub_id, revision=pinned.revision if pinned else None)
    names = files_of(model, [sibling.rfilename for sibling in info.siblings or ()])
    if not any(name.endswith(".safetensors") for name in names):
        raise NoSafetensors(model.hub_id)
    partial = model.folder.with_name(model.folder.name + ".partial")
    checksums: dict[str, str] = {}
    for place, name in enumerate(names, start=1):
        report(place, len(names), name)
        path = Path(hf_hub_download(model.hub_id, name, revision=info.sha, local_dir=partial))
        checksums[name] = sha256_of(path)
        _compare(name, checksums[name], pinned)
    shutil.rmtree(partial / ".cache", ignore_errors=True)
    return _put(model, partial, checksums, str(info.sha))


def copy(model: CatalogModel, source: Path, report: Callable[[int, int, str], None]) -> InstalledModel:
    """Copy a model's files from a folder into its own and pin what was copied, as `download` does.

    Raises: NoSafetensors, ChecksumMismatch, NotAModel, OSError.
    """
    pinned = InstalledModel.objects.filter(slug=model.slug).first()
    root = source.resolve()
    there = [path for path in root.rglob("*") if path.is_file() and path.resolve().is_relative_to(root)]
    names = files_of(model, sorted(path.relative_to(root).as_posix() for path in there))
    if not any(name.endswith(".safetensors") for name in names):
        raise NoSafetensors(source.name)
    if model.index_file not in names:
        raise NotAModel(source.name, model.index_file)
    partial = model.folder.with_name(model.folder.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    checksums: dict[str, str] = {}
    for place, name in enumerate(names, start=1):
        report(place, len(names), name)
        path = partial / name
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(root / name, path)
        _check_weights(path)
        checksums[name] = sha256_of(path)
        _compare(name, checksums[name], pinned)
    return _put(model, partial, checksums, pinned.revision if pinned else "")


def sha256_of(path: Path) -> str:
    """Return a file's sha256, read in pieces."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _put(model: CatalogModel, partial: Path, checksums: dict[str, str], revision: str) -> InstalledModel:
    (partial / "checksums.json").write_text(json.dumps(checksums, indent=1, sort_keys=True))
    shutil.rmtree(model.folder, ignore_errors=True)
    partial.rename(model.folder)
    return _pin(model, revision, checksums)


def _check_weights(path: Path) -> None:
    """Refuse what only calls itself safetensors. Raises: NotAModel."""
    if path.suffix != ".safetensors":
        return
    with path.open("rb") as file:
        length = int.from_bytes(file.read(_LENGTH_BYTES), "little")
        # A pickle's first bytes are read as a length that no file has.
        is_whole = 2 <= length <= min(path.stat().st_size - _LENGTH_BYTES, _HEADER_MAX_BYTES)
        header = file.read(length) if is_whole else b""
    try:
        is_header = isinstance(json.loads(header or b"null"), dict)
    except ValueError:
        is_header = False
    if not is_header:
        raise NotAModel(path.parent.name, path.name)


def _variant_of(name: str) -> str:
    """Return `fp16` of `model.fp16.safetensors` and of its shard `model.fp16-00001-of-00002.safetensors`, else ""."""
    return name.rsplit("/", 1)[-1].removesuffix(".safetensors").partition(".")[2].partition("-")[0]


def _compare(name: str, found: str, pinned: InstalledModel | None) -> None:
    expected = pinned.checksums.get(name) if pinned else None
    if expected and expected != found:
        raise ChecksumMismatch(name, expected, found)


def _pin(model: CatalogModel, revision: str, checksums: dict[str, str]) -> InstalledModel:
    size_bytes = sum((model.folder / name).stat().st_size for name in checksums)
    installed, _ = InstalledModel.objects.update_or_create(
        slug=model.slug,
        defaults={
            "hub_id": model.hub_id,
            "revision": revision,
            "checksums": checksums,
            "size_bytes": size_bytes,
        },
    )
    return installed
