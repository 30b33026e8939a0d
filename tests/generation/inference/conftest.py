"""Toy models, saved and loaded once a session: to make one costs less than to import what makes it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
import torch

from generation.engine.protocol import ModelSpec
from generation.inference import loading
from generation.inference.loading import LoadedModel
from tests.generation.inference import toys

CPU = torch.device("cpu")
# Tests run side by side: threads that wait for each other on cores that others use cost more than they give.
torch.set_num_threads(1)


@pytest.fixture(scope="session")
def toy_spec(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], ModelSpec]:
    """Return what gives the saved toy of a family. Its files are shared: copy them before you damage them."""
    folder = tmp_path_factory.mktemp("toys")

    @cache
    def save(family: str) -> ModelSpec:
        toys.SAVE[family](folder / family)
        return toys.spec_of(folder / family, family)

    return save


@pytest.fixture(scope="session")
def toy_model(toy_spec: Callable[[str], ModelSpec]) -> Callable[[str], LoadedModel]:
    """Return what gives the loaded toy of a family."""

    @cache
    def load(family: str) -> LoadedModel:
        return load_model(toy_spec(family))

    return load


def load_model(spec: ModelSpec) -> LoadedModel:
    """Load a model onto the CPU."""
    return loading.load(spec, loading.inspect(spec, CPU)[0], CPU)


def copy_of(spec: ModelSpec, folder: Path) -> ModelSpec:
    """Copy a toy's files, so that they can be damaged."""
    shutil.copytree(spec.folder, folder)
    return toys.spec_of(folder, spec.family, folder.name)
