"""The engine's backend that draws with diffusers: warm models on one device, and the tasks they can do."""

from __future__ import annotations

import hashlib
import importlib.metadata
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import diffusers
import transformers

from generation.engine.backend import Pass, Pixels, TrainingWatch, Watch
from generation.engine.families import DTYPES
from generation.engine.protocol import BatchRequest, Loaded, ModelSpec
from generation.engine.training import Trained, TrainingRequest
from generation.inference import device as devices
from generation.inference import dreambooth
from generation.inference.compiling import Compiling
from generation.inference.errors import InvalidRequest, OutOfMemory
from generation.inference.loading import LoadedModel
from generation.inference.pipeline_cache import PipelineCache
from generation.inference.tasks import TASKS, Task
from generation.inference.tool_loading import LoadedTool

_PACKAGES = ("torch", "diffusers", "transformers", "numpy")


class DiffusersBackend:
    """See `generation.engine.backend.Backend`."""

    def __init__(
        self,
        device: str = "auto",
        threads: int = 0,
        cache_bytes: int = 0,
        memory_bytes: int = 0,
        compiling: Compiling | None = None,
    ) -> None:
        self._device = devices.choose_device(device)
        devices.prepare(self._device, threads)
        if memory_bytes:
            devices.bound_memory(self._device, memory_bytes)
        cache_bytes = cache_bytes or devices.default_cache_bytes(self._device, memory_bytes)
        self._cache = PipelineCache(self._device, cache_bytes)
        self._compiling = compiling or Compiling()
        _silence_libraries()

    @property
    def device(self) -> str:
        """Where it draws, in words."""
        return devices.describe(self._device)

    @property
    def lease_name(self) -> str:
        """The device's name, the same in every process that uses it."""
        return devices.lease_name(self._device)

    @property
    def keeps_memory(self) -> bool:
        """Whether warm models lie in the device's own memory."""
        return self._device.type == "cuda"

    @property
    def versions(self) -> dict[str, str]:
        """What it is made of: package → version; of the code here, a checksum of what draws, and what is compiled."""
        packages = {name: importlib.metadata.version(name) for name in _PACKAGES}
        return {**packages, "engine": _source_checksum(), **self._compiling.versions}

    @property
    def dtypes(self) -> dict[str, str]:
        """In which precision it draws: what a model asks for → what it gets here."""
        return {name: str(devices.choose_dtype(name, self._device)).removeprefix("torch.") for name in DTYPES}

    @property
    def loads(self) -> tuple[int, int]:
        """How many models, and how many LoRAs, were read from disk so far."""
        return self._cache.model_loads, self._cache.lora_loads

    def load(self, spec: ModelSpec) -> Loaded | None:
        """Make a model warm. Raises: ModelMissing, ModelDamaged, OutOfMemory."""
        loaded = self._cache.load(spec)
        if loaded is not None and isinstance(model := self._cache.get(spec), LoadedModel):
            self._compiling.prepare(model)
        return loaded

    def draw(self, work: Pass, watch: Watch) -> Iterator[tuple[str, Pixels]]:
        """Draw one pass of a warm model, with its LoRAs.

        Raises: InvalidRequest, ModelDamaged, OutOfMemory, PassCanceled, NoPicture.
        """
        task = TASKS.get(work.request.task)
        if task is None:
            raise InvalidRequest("task", work.request.task, f"one of {', '.join(TASKS)}")
        try:
            yield from self._draw(task, work, watch)
            return
        except (RuntimeError, MemoryError) as error:
            again = self._compiling.gives_up(work.request.model, error)
            if not again and not devices.is_out_of_memory(error):
                raise
        # Outside of the handler: chained to the first error, what follows would keep the tensors that have to go.
        if not again:
            raise OutOfMemory("the pass does not fit into memory")
        yield from self._draw(task, work, watch)

    def _draw(self, task: Task, work: Pass, watch: Watch) -> Iterator[tuple[str, Pixels]]:
        model = self._at_hand(work.request)
        if not isinstance(model, LoadedModel):
            yield from task(model, work, watch)
            return
        model.adapters.use(work.request.loras)
        devices.round_convolutions(devices.choose_dtype(model.spec.dtype, self._device))
        with self._compiling.used_for(model):
            yield from task(model, work, watch)

    def look(self, spec: ModelSpec, pixels: Pixels) -> dict[str, float]:
        """Return a safety checker's scores. Raises: OutOfMemory, ModelMissing, ModelDamaged."""
        self._cache.load(spec)  # it may have had to leave for the model
        checker = self._cache.get(spec)
        assert isinstance(checker, LoadedTool)
        try:
            scores: dict[str, float] = checker.tool.scores(pixels)
            return scores
        except (RuntimeError, MemoryError) as error:
            if not devices.is_out_of_memory(error):
                raise
        raise OutOfMemory("looking at the picture does not fit into memory")  # outside of the handler: as in `draw`

    def train(self, spec: ModelSpec, request: TrainingRequest, watch: TrainingWatch) -> Trained:
        """Learn a subject on a base model, in a precision that gradients bear.

        Raises: ModelMissing, ModelDamaged, InvalidRequest, OutOfMemory, PassCanceled, NotLearned; OSError.
        """
        spec = replace(spec, dtype=devices.TRAINING_DTYPES[self._device.type])
        self._cache.load(spec)
        model = self._cache.get(spec)
        assert isinstance(model, LoadedModel)
        try:
            return dreambooth.train(model, request, watch)
        except (RuntimeError, MemoryError) as error:
            if not devices.is_out_of_memory(error):
                raise
        raise OutOfMemory(f"training {spec.slug} does not fit into memory")  # outside of the handler: as in `draw`

    def let_go(self) -> None:
        """Forget every warm model, so that others can have the device's memory."""
        self._cache.clear()

    def _at_hand(self, request: BatchRequest) -> LoadedModel | LoadedTool:
        """Return the request's model or tool, with what it brings beside it."""
        model = self._cache.get(request.model)
        tools = {}
        for spec in request.tools:
            # A tool may have had to leave for the model, which is held here and may be forgotten in its turn.
            self._cache.load(spec)
            tool = self._cache.get(spec)
            assert isinstance(tool, LoadedTool)
            tools[spec.family] = tool
        return replace(model, tools=tools)

    def make_room(self, spec: ModelSpec) -> bool:
        """Give back memory after a pass that did not fit; whether other models had to leave."""
        return self._cache.drop_others(spec)


@cache
def _source_checksum() -> str:
    """Return the beginning of a checksum of the code that draws, which changes when anything in it does."""
    folder = Path(__file__).parent
    digest = hashlib.sha256()
    for path in sorted([*folder.glob("*.py"), *(folder.parent / "starter").glob("*.py")]):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def _silence_libraries() -> None:
    """Keep prompts out of the log: the pipelines warn of long ones by quoting them."""
    for library in (diffusers, transformers):
        library.utils.logging.set_verbosity_error()
        library.utils.logging.disable_progress_bar()
