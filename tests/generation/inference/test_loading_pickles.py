"""Pickles are planted wherever weights are read from: none is opened beside weights, and none is taken for them."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from pickle import UnpicklingError

import numpy as np
import pytest
import torch

from generation.engine import scratch
from generation.engine.protocol import Lora, ModelSpec
from generation.inference import loading, tool_loading
from generation.inference.dreambooth import CHECKPOINT, CLASS, RESULT, train
from generation.inference.errors import ModelDamaged, ModelMissing
from generation.inference.loading import LoadedModel
from generation.starter import classifier, upscaler
from generation.starter import loading as starter_loading
from generation.starter.training import Plan, Trainer
from tests.generation import pickles
from tests.generation.inference import toy_tools, toy_videos, toys
from tests.generation.inference.conftest import CPU, load_model
from tests.generation.inference.trainings import Notes, request_of

Specs = Callable[[str], ModelSpec]
MODELS = ("stable-diffusion", "stable-diffusion-xl", "flux", "stable-video-diffusion", "ltx-video", "starter")
TOOLS = (*toy_tools.SAVE, "compact-upscaler", "controlnet", "ip-adapter")


@pytest.fixture
def mark(tmp_path: Path) -> Path:
    """Return the folder that a pickle makes once it runs."""
    return tmp_path / "sprung"


@pytest.fixture
def model_of(tmp_path: Path, toy_spec: Specs) -> Specs:
    """Return what gives a copy of a family's toy, whose files may be damaged; the starter is the real one."""

    def copy(family: str) -> ModelSpec:
        folder = tmp_path / "model"
        if family == "starter":
            shutil.copytree(starter_loading.WEIGHTS_FOLDER, folder, copy_function=os.symlink)
            (folder / "checksums.json").unlink()  # they would name a file that is missing before anything is looked at
            return ModelSpec(
                "starter", "stable-diffusion", str(folder), "float32", text_encoder="minilm", adapter="few_steps"
            )
        if family in toy_videos.SAVE:
            toy_videos.SAVE[family](folder)
        else:
            shutil.copytree(toy_spec(family).folder, folder)
        return toys.spec_of(folder, family, "model")

    return copy


@pytest.fixture
def tool_of(tmp_path: Path, toy_model: Callable[[str], LoadedModel]) -> Specs:
    """Return what gives a tool at toy size."""

    def save(family: str) -> ModelSpec:
        folder = tmp_path / "tool"
        if family == "compact-upscaler":
            upscaler.save_upscaler(upscaler.CompactUpscaler(8, 1), folder / "upscaler.safetensors")
            return ModelSpec("tool", "upscaler", str(folder), "float32")
        if family == "controlnet":
            toy_tools.save_controlnet(folder, toy_model("stable-diffusion"))
        elif family == "ip-adapter":
            toy_tools.save_ip_adapter(folder, toy_model("stable-diffusion"))
        else:
            toy_tools.SAVE[family](folder)
        return ModelSpec("tool", family, str(folder), "float32")

    return save


def weights_of(spec: ModelSpec) -> list[Path]:
    """Return a model's files of weights."""
    return sorted(Path(spec.folder).rglob("*.safetensors"))


@pytest.mark.parametrize("is_archive", [False, True])
def test_the_trap_springs_where_pickles_are_run(tmp_path: Path, mark: Path, is_archive: bool) -> None:
    path = tmp_path / "trap.bin"
    path.write_bytes(pickles.trap(mark, is_archive=is_archive))

    with pickles.opened(tmp_path) as opened, suppress(RuntimeError, UnpicklingError):
        torch.load(path, weights_only=False)

    assert pickles.has_sprung(mark)
    assert set(opened) == {str(path)}


@pytest.mark.parametrize("family", MODELS)
def test_pickles_beside_a_models_weights_are_not_opened(model_of: Specs, mark: Path, family: str) -> None:
    spec = model_of(family)
    pickles.plant(Path(spec.folder), mark)

    with pickles.opened(Path(spec.folder)) as opened:
        assert load_model(spec).size_bytes > 0

    assert (opened, pickles.has_sprung(mark)) == ([], False)


@pytest.mark.parametrize("family", MODELS)
def test_pickles_in_place_of_a_models_weights_are_refused_and_not_opened(
    model_of: Specs, mark: Path, family: str
) -> None:
    spec = model_of(family)
    files, _ = loading.inspect(spec, CPU)
    pickles.plant(Path(spec.folder), mark)
    for part in sorted({path.parent for path in weights_of(spec)}):
        away = part.with_name("away")
        away.mkdir()
        for path in part.glob("*.safetensors*"):
            path.rename(away / path.name)
        with pickles.opened(Path(spec.folder)) as opened:
            if part.name != spec.adapter:
                with pytest.raises(ModelDamaged, match="is a pickle"):
                    loading.inspect(spec, CPU)
            with pytest.raises(ModelDamaged):  # changed after they were looked at
                loading.load(spec, files, CPU)
        assert (opened, pickles.has_sprung(mark)) == ([], False)
        for path in away.iterdir():
            path.rename(part / path.name)
        away.rmdir()


@pytest.mark.parametrize("family", TOOLS)
def test_pickles_beside_a_tools_weights_are_not_opened(tool_of: Specs, mark: Path, family: str) -> None:
    spec = tool_of(family)
    pickles.plant(Path(spec.folder), mark)

    with pickles.opened(Path(spec.folder)) as opened:
        tool_loading.inspect(spec, CPU)
        assert loading.load_tool(spec, CPU).size_bytes > 0

    assert (opened, pickles.has_sprung(mark)) == ([], False)


@pytest.mark.parametrize("family", TOOLS)
def test_pickles_in_place_of_a_tools_weights_are_refused_and_not_opened(
    tool_of: Specs, mark: Path, family: str
) -> None:
    spec = tool_of(family)
    pickles.plant(Path(spec.folder), mark)
    for path in weights_of(spec):
        content = path.read_bytes()
        path.unlink()
        with pickles.opened(Path(spec.folder)) as opened:
            with pytest.raises((ModelDamaged, ModelMissing)):
                tool_loading.inspect(spec, CPU)
            with pytest.raises(ModelDamaged):  # changed after they were looked at
                loading.load_tool(spec, CPU)
        assert (opened, pickles.has_sprung(mark)) == ([], False)
        path.write_bytes(content)


@pytest.mark.parametrize("content", ["trap", "archive"])
def test_pickles_that_bear_the_name_of_weights_are_refused(
    model_of: Specs, tool_of: Specs, mark: Path, content: str
) -> None:
    planted = pickles.trap(mark, is_archive=content == "archive")
    model, tool = model_of("stable-diffusion"), tool_of("safety-checker")
    for path in (*weights_of(model), *weights_of(tool)):
        path.write_bytes(planted)

    for load in (load_model, lambda spec: tool_loading.inspect(spec, CPU), lambda spec: loading.load_tool(spec, CPU)):
        with pytest.raises(ModelDamaged):
            load(model if load is load_model else tool)

    assert not pickles.has_sprung(mark)


@pytest.mark.parametrize("named", ["weights.bin", "../weights.pt", 7])
def test_a_list_of_shards_that_names_pickles_is_refused(
    model_of: Specs, tool_of: Specs, mark: Path, named: object
) -> None:
    model, tool = model_of("stable-diffusion"), tool_of("depth-estimator")
    stems = (Path(model.folder) / "unet" / "diffusion_pytorch_model", Path(tool.folder) / "model")
    for spec, path in zip((model, tool), stems, strict=True):
        for place in (path.parent, path.parent.parent):
            pickles.plant(place, mark)
            for suffix in (".bin", ".pt"):
                (place / f"weights{suffix}").write_bytes(pickles.trap(mark))
        weights = path.with_name(f"{path.name}.safetensors")
        weights.rename(path.with_name(f"{path.name}-00001-of-00002.safetensors"))
        index = path.with_name(f"{path.name}.safetensors.index.json")
        index.write_text(json.dumps({"metadata": {}, "weight_map": {"weight": named}}))
        with pickles.opened(mark.parent) as opened, pytest.raises(ModelDamaged) as caught:
            load_model(spec) if spec is model else tool_loading.inspect(spec, CPU)
        assert caught.value.path == index
        assert (opened, pickles.has_sprung(mark)) == ([], False)


@pytest.mark.parametrize("is_archive", [False, True])
def test_a_pickle_as_a_lora_is_refused(
    toy_model: Callable[[str], LoadedModel], tmp_path: Path, mark: Path, is_archive: bool
) -> None:
    content = pickles.trap(mark, is_archive=is_archive)
    adapters = toy_model("stable-diffusion").adapters
    for suffix in (".safetensors", *pickles.SUFFIXES):
        path = tmp_path / f"lora{suffix}"
        path.write_bytes(content)
        with pytest.raises(ModelDamaged):
            adapters.use((Lora(str(path), hashlib.sha256(content).hexdigest(), 1.0),))

    assert (adapters.kept, pickles.has_sprung(mark)) == ((), False)


@pytest.mark.parametrize("is_archive", [False, True])
def test_a_training_starts_over_where_pickles_lie_in_its_folder(
    toy_model: Callable[[str], LoadedModel], tmp_path: Path, mark: Path, is_archive: bool
) -> None:
    request = request_of(tmp_path)
    folder = Path(request.folder)
    folder.mkdir()
    pickles.plant(folder, mark)
    for name in (CHECKPOINT, CLASS):
        (folder / name).write_bytes(pickles.trap(mark, is_archive=is_archive))

    with pickles.opened(folder) as opened:
        trained = train(toy_model("stable-diffusion"), request, Notes())

    assert (Path(trained.path).name, len(trained.losses)) == (RESULT, request.recipe.steps)
    assert (opened, pickles.has_sprung(mark)) == ([], False)


def test_the_text_encoder_of_the_package_is_never_a_pickle(
    tmp_path: Path, mark: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "planted_encoder"
    shutil.copytree(starter_loading._text_encoder_folder(), package / "model", copy_function=os.symlink)
    (package / "__init__.py").write_text("")
    pickles.plant(package, mark)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(starter_loading, "TEXT_ENCODER_PACKAGE", package.name)

    with pickles.opened(package) as opened:
        starter_loading.load_text_encoder()
        (package / "model" / "model.safetensors").unlink()
        monkeypatch.setattr(starter_loading, "TEXT_ENCODER_SHA256", {})
        with pytest.raises(OSError, match=r"model\.safetensors"):
            starter_loading.load_text_encoder()

    assert (opened, pickles.has_sprung(mark)) == ([], False)


@pytest.mark.parametrize("is_archive", [False, True])
def test_the_starters_own_training_runs_no_pickle(tmp_path: Path, mark: Path, is_archive: bool) -> None:
    path = tmp_path / "kept.pt"
    path.write_bytes(pickles.trap(mark, is_archive=is_archive))
    network = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.Linear(2, 2))

    with pytest.raises(UnpicklingError):
        Trainer(network, [network[1]], Plan(steps=1), path)
    with pytest.raises(UnpicklingError):
        classifier.load_or_train((), None, path, 1)  # type: ignore[arg-type]

    assert not pickles.has_sprung(mark)


def test_pixels_are_never_a_pickle(tmp_path: Path, mark: Path) -> None:
    path = tmp_path / "pixels.npy"
    np.save(path, np.array([pickles._Trap(mark)]), allow_pickle=True)

    with pytest.raises(ValueError, match="allow_pickle"):
        scratch.read_input(path)

    assert not pickles.has_sprung(mark)
