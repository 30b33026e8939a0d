"""LoRAs are switched on a warm model: read once each, no picture of another's changed, and a bad one leaves nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from generation.engine.backend import Pass, Pixels
from generation.engine.protocol import Lora, ModelSpec
from generation.inference import lora_adapters
from generation.inference.backend import DiffusersBackend
from generation.inference.errors import ModelDamaged, ModelMissing
from tests.generation.engine.asking import request_of
from tests.generation.inference import toys
from tests.generation.inference.conftest import load_model
from tests.generation.inference.passes import Listener, difference
from tests.generation.loras import lora_of, save_lora, tensors_of

FAMILY = "stable-diffusion"


@pytest.fixture
def spec(toy_spec: Callable[[str], ModelSpec]) -> ModelSpec:
    return toy_spec(FAMILY)


@pytest.fixture
def backend(spec: ModelSpec) -> DiffusersBackend:
    drawing = DiffusersBackend("cpu", threads=1)
    drawing.load(spec)
    return drawing


@pytest.fixture
def loras(spec: ModelSpec, tmp_path: Path) -> list[Lora]:
    """Return LoRAs that differ."""
    folder = Path(spec.folder)
    return [lora_of(save_lora(tmp_path / f"{seed}.safetensors", folder, seed=seed)) for seed in range(3)]


def draw(backend: DiffusersBackend, spec: ModelSpec, folder: Path, *loras: Lora) -> Pixels:
    request = request_of(folder, model=spec, scheduler=toys.SCHEDULERS[FAMILY], loras=loras)
    ((_, pixels),) = list(backend.draw(Pass(request, request.images[:1]), Listener()))
    return pixels


def test_switching_between_loras_reads_each_once_and_the_model_once(
    backend: DiffusersBackend, spec: ModelSpec, loras: list[Lora], tmp_path: Path
) -> None:
    first, second = (draw(backend, spec, tmp_path, lora) for lora in loras[:2])
    assert difference(first, second) > 0
    assert backend.loads == (1, 2)

    for lora, pixels in ((loras[0], first), (loras[1], second), (loras[0], first)):
        assert difference(draw(backend, spec, tmp_path, lora), pixels) == 0
    assert backend.loads == (1, 2)


def test_without_a_lora_the_model_draws_what_it_drew_before(
    backend: DiffusersBackend, spec: ModelSpec, loras: list[Lora], tmp_path: Path
) -> None:
    plain = draw(backend, spec, tmp_path)
    assert difference(draw(backend, spec, tmp_path, loras[0]), plain) > 0
    assert difference(draw(backend, spec, tmp_path), plain) == 0


def test_weights_scale_and_a_weight_of_none_changes_nothing(
    backend: DiffusersBackend, spec: ModelSpec, loras: list[Lora], tmp_path: Path
) -> None:
    plain = draw(backend, spec, tmp_path)
    whole, less, against, none = (
        draw(backend, spec, tmp_path, replace(loras[0], weight=weight)) for weight in (1.0, 0.5, -1.0, 0.0)
    )
    assert difference(none, plain) == 0
    assert len({pixels.tobytes() for pixels in (whole, less, against, plain)}) == 4


def test_two_loras_count_together(
    backend: DiffusersBackend, spec: ModelSpec, loras: list[Lora], tmp_path: Path
) -> None:
    both = draw(backend, spec, tmp_path, *loras[:2])
    assert all(difference(both, draw(backend, spec, tmp_path, lora)) > 0 for lora in loras[:2])
    assert difference(draw(backend, spec, tmp_path, loras[1], loras[0]), both) <= 1


def test_convolutions_are_changed_and_brought_back_as_well(
    backend: DiffusersBackend, spec: ModelSpec, loras: list[Lora], tmp_path: Path
) -> None:
    whole = lora_of(save_lora(tmp_path / "whole.safetensors", Path(spec.folder), convolutions=True))
    plain = draw(backend, spec, tmp_path)
    changed = draw(backend, spec, tmp_path, whole)
    assert difference(changed, plain) > 0
    draw(backend, spec, tmp_path, loras[0])
    assert difference(draw(backend, spec, tmp_path, whole), changed) == 0
    assert difference(draw(backend, spec, tmp_path), plain) == 0


@pytest.mark.parametrize("family", ["stable-diffusion-xl", "flux"])
def test_every_family_takes_one(toy_spec: Callable[[str], ModelSpec], family: str, tmp_path: Path) -> None:
    model = load_model(toy_spec(family))
    part = "transformer" if family == "flux" else "unet"
    lora = lora_of(save_lora(tmp_path / "lora.safetensors", Path(model.spec.folder), part=part))
    request = request_of(tmp_path, model=model.spec, scheduler=toys.SCHEDULERS[family])
    backend = DiffusersBackend("cpu", threads=1)
    backend.load(model.spec)

    def drawn(*loras: Lora) -> Pixels:
        work = Pass(replace(request, loras=loras), request.images[:1])
        return next(iter(backend.draw(work, Listener())))[1]

    plain = drawn()
    assert difference(drawn(lora), plain) > 0
    assert difference(drawn(), plain) == 0


def test_what_was_used_longest_ago_leaves_and_is_read_again(
    spec: ModelSpec, loras: list[Lora], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lora_adapters, "KEPT_MAX", 2)
    adapters = load_model(spec).adapters
    for lora in (loras[0], loras[1], loras[0], loras[2]):
        adapters.use([lora])
    assert adapters.kept == (loras[0].sha256, loras[2].sha256)
    assert adapters.loads == 3
    adapters.use([loras[1]])
    assert adapters.loads == 4


def test_a_file_that_changed_since_it_was_checked_is_refused(
    backend: DiffusersBackend, spec: ModelSpec, loras: list[Lora], tmp_path: Path
) -> None:
    plain = draw(backend, spec, tmp_path)
    path = Path(loras[0].path)
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(ModelDamaged, match="expected the sha256"):
        draw(backend, spec, tmp_path, loras[0])
    path.unlink()
    with pytest.raises(ModelMissing):
        draw(backend, spec, tmp_path, loras[0])
    assert difference(draw(backend, spec, tmp_path), plain) == 0


@pytest.mark.parametrize("how", ["shapes", "names", "pickle"])
def test_a_file_that_does_not_fit_is_refused_and_leaves_the_model_as_it_was(
    backend: DiffusersBackend, spec: ModelSpec, loras: list[Lora], tmp_path: Path, how: str
) -> None:
    plain = draw(backend, spec, tmp_path)
    draw(backend, spec, tmp_path, loras[0])
    path = tmp_path / "bad.safetensors"
    if how == "pickle":
        path.write_bytes(b"\x80\x04\x95\x00\x00\x00\x00\x00\x00\x00\x00.")
    else:
        _save_bad(path, Path(spec.folder), how)

    with pytest.raises(ModelDamaged):
        draw(backend, spec, tmp_path, lora_of(path))

    assert difference(draw(backend, spec, tmp_path), plain) == 0
    assert difference(draw(backend, spec, tmp_path, loras[0]), plain) > 0


def _save_bad(path: Path, folder: Path, how: str) -> None:
    from safetensors.numpy import save_file

    tensors = tensors_of(folder)
    if how == "names":
        save_file({name.replace("unet.", "other."): value for name, value in tensors.items()}, path)
        return
    save_file(
        {name: np.concatenate([value, value], axis=1 if "lora_A" in name else 0) for name, value in tensors.items()},
        path,
    )
