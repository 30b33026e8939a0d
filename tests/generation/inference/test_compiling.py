"""What compiling does to a picture: nothing. And to a picture whose model cannot be compiled: nothing either."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from generation.engine.backend import Pass, Pixels
from generation.engine.protocol import BatchRequest, Lora, ModelSpec
from generation.inference.backend import DiffusersBackend
from generation.inference.compiling import Compiling
from tests.generation.engine.asking import request_of
from tests.generation.inference import toys
from tests.generation.inference.passes import TOLERANCE, Listener, difference
from tests.generation.loras import lora_of, save_lora


class Compiler:
    """One of torch's backends that counts what it is given and runs it as it is, or fails over it."""

    def __init__(self, *, fails: bool = False) -> None:
        self.graphs = 0
        self._fails = fails

    def __call__(self, graph: torch.fx.GraphModule, _inputs: Any) -> Any:
        self.graphs += 1
        if self._fails:
            raise RuntimeError("there is no compiler on this machine")
        return graph.forward


@pytest.fixture(autouse=True)
def _nothing_compiled_before() -> Iterator[None]:
    torch._dynamo.reset()
    yield
    torch._dynamo.reset()


def backend_with(way: str, compiler: Compiler | None = None) -> DiffusersBackend:
    return DiffusersBackend("cpu", threads=1, compiling=Compiling(way, compiler or Compiler()))


def drawn(backend: DiffusersBackend, spec: ModelSpec, folder: Path, *loras: Lora) -> Pixels:
    request: BatchRequest = request_of(folder, model=spec, scheduler=toys.SCHEDULERS[spec.family], loras=loras)
    backend.load(spec)
    ((_, pixels),) = backend.draw(Pass(request, request.images), Listener())
    return pixels


@pytest.mark.parametrize(("way", "family"), [("blocks", "flux"), ("whole", "stable-diffusion")])
def test_a_compiled_model_draws_the_same(
    way: str, family: str, toy_spec: Callable[[str], ModelSpec], tmp_path: Path
) -> None:
    spec, compiler = toy_spec(family), Compiler()
    backend = backend_with(way, compiler)
    compiled = drawn(backend, spec, tmp_path)
    assert compiler.graphs > 0
    graphs = compiler.graphs
    assert difference(drawn(backend, spec, tmp_path), compiled) == 0
    assert compiler.graphs == graphs  # the second picture of a size finds it compiled
    assert difference(drawn(backend_with("", compiler), spec, tmp_path), compiled) <= TOLERANCE
    assert compiler.graphs == graphs
    assert backend.versions["compiled"].startswith(way)


def test_a_pass_with_a_lora_is_not_compiled(toy_spec: Callable[[str], ModelSpec], tmp_path: Path) -> None:
    spec, compiler = toy_spec("stable-diffusion"), Compiler()
    lora = lora_of(save_lora(tmp_path / "lora.safetensors", Path(spec.folder)))
    backend = backend_with("whole", compiler)
    changed = drawn(backend, spec, tmp_path, lora)
    plain = drawn(backend, spec, tmp_path)
    assert compiler.graphs == 0
    assert not np.array_equal(changed, plain)


def test_a_compiler_that_fails_costs_no_picture_and_is_not_asked_again(
    toy_spec: Callable[[str], ModelSpec], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    spec, compiler = toy_spec("stable-diffusion"), Compiler(fails=True)
    backend = backend_with("whole", compiler)
    picture = drawn(backend, spec, tmp_path)
    assert "cannot be compiled" in caplog.text
    tries = compiler.graphs
    assert tries > 0
    assert np.array_equal(drawn(backend, spec, tmp_path), picture)
    assert compiler.graphs == tries
    assert difference(drawn(backend_with(""), spec, tmp_path), picture) == 0


def test_other_ways_are_refused() -> None:
    with pytest.raises(ValueError, match="some"):
        Compiling("some")
