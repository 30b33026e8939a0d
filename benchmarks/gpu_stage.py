"""What the GPU benchmark's sections share: models on disk, engines, the bare side, encoding, and time that runs out.

This process never touches the GPU itself: whatever hangs or dies there is a child's, and costs one section.
"""

from __future__ import annotations

import os
import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image as Pillow

from benchmarks.children import Child
from benchmarks.errors import BenchmarkFailed
from generation import picture_encoding
from generation.engine.client import Engine, EngineOptions
from generation.engine.errors import EngineError
from generation.engine.protocol import BatchRequest, Event, ImageDone, ImageRequest, ModelSpec, Step

SD, SDXL, FLUX = "stable-diffusion", "stable-diffusion-xl", "flux"
PROMPT = "a red fox in the snow"
# As the catalogue has them.
SCHEDULERS = {SD: "dpmpp-2m-karras", SDXL: "dpmpp-2m-karras", FLUX: "flow-euler"}
GUIDANCE = {SD: 7.5, SDXL: 7.0, FLUX: 0.0}
DTYPES = {SD: "float16", SDXL: "float16", FLUX: "bfloat16"}

# The C library keeps most of what is freed, so that a pass that did not fit would leave no room for half of it.
_GIVING_BACK = {"MALLOC_MMAP_THRESHOLD_": str(1 << 20), "MALLOC_ARENA_MAX": "1"}


@dataclass(frozen=True)
class Scale:
    """How large everything is: as it is meant for a GPU, or so small that a CPU gets through all of it."""

    name: str
    device: str
    compiler: str
    small: int
    large: int
    steps: dict[str, int]
    small_batches: tuple[int, ...]
    large_batches: tuple[int, ...]
    compiled_batches: tuple[int, ...]
    matrix_sides: tuple[int, ...]
    pairs: int
    # Pictures of a turn, and passes over which memory must not grow.
    pictures: int
    passes: int
    # The side of the pictures that are not to fit.
    unfitting: int

    def side(self, family: str) -> int:
        """Return how wide and high the pictures of a family are."""
        return self.small if family == SD else self.large


FULL = Scale(
    name="full",
    device="cuda",
    compiler="inductor",
    small=512,
    large=1024,
    steps={SD: 25, SDXL: 30, FLUX: 4},
    small_batches=(1, 2, 4, 8, 16),
    large_batches=(1, 2, 4, 8),
    compiled_batches=(1, 8),
    matrix_sides=(4096, 8192, 16384),
    pairs=7,
    pictures=3,
    passes=24,
    unfitting=512,
)
TOY = Scale(
    name="toy",
    device="cpu",
    compiler="eager",
    small=32,
    large=64,
    steps={SD: 2, SDXL: 2, FLUX: 2},
    small_batches=(1, 2),
    large_batches=(1, 2),
    compiled_batches=(1, 2),
    matrix_sides=(64,),
    pairs=2,
    pictures=1,
    passes=6,
    unfitting=160,
)


@dataclass(frozen=True)
class Turn:
    """What the worker did: seconds until the last file was written, and the keys that shared each pass."""

    wall_seconds: float
    passes: list[int]
    paths: list[Path] = field(default_factory=list)


class Stage:
    """Starts what is asked for, keeps it for the sections that follow, and ends all of it."""

    def __init__(self, scale: Scale, folder: Path, models: Path) -> None:
        self.scale = scale
        self.folder = folder
        self._models = models
        self._side: Child | None = None
        self._engines: dict[tuple[str, int], Engine] = {}
        self._ceilings: dict[str, Any] = {}
        self._requests = 0
        self.deadline = time.monotonic()
        if scale.device == "cpu":
            os.environ.update(_GIVING_BACK)  # the children's, too

    def close(self) -> None:
        """End every process."""
        self.forget_side()
        for engine in self._engines.values():
            engine.kill()

    def remaining(self) -> float:
        """Return for how many seconds the section may go on. Raises: BenchmarkFailed when that is over."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise BenchmarkFailed("its time was over")
        return left

    # --- The bare side ---------------------------------------------------------------------------------------

    def ask(self, what: str, **question: Any) -> dict[str, Any]:
        """Ask the process with the bare loop; one that failed is not asked again, the next question gets a new one."""
        if self._side is None:
            self._side = Child("benchmarks.gpu_side", _environment(), self.folder / "side.log", self.scale.device)
            self._guarded(lambda side: side.hear(self.remaining()))
        return self._guarded(lambda side: side.ask(self.remaining(), what=what, **question))

    def forget_side(self) -> None:
        """End that process."""
        side, self._side = self._side, None
        if side is not None:
            side.__exit__(None, None, None)

    def _guarded(self, use: Callable[[Child], dict[str, Any]]) -> dict[str, Any]:
        assert self._side is not None
        try:
            return use(self._side)
        except BenchmarkFailed:
            self.forget_side()
            raise

    def spec(self, family: str) -> ModelSpec:
        """Return a model of a family; it is written when it is first asked for."""
        folder = self._models / f"{self.scale.name}-{family}"
        if not (folder / "written").exists():
            self.ask("save", family=family, folder=str(folder), size=self.scale.name, dtype=DTYPES[family])
            (folder / "written").touch()
        return ModelSpec(f"random-{family}", family, str(folder), DTYPES[family])

    def ceiling(self, dtype: str) -> dict[str, Any]:
        """Return how many operations a second matrix products reach in a precision: `best` and `by_side`."""
        if not self._ceilings:
            self._ceilings = self.ask("ceiling", sides=list(self.scale.matrix_sides))
        found: dict[str, Any] = self._ceilings[dtype]
        return found

    def drawing(self, family: str, seeds: Sequence[int]) -> dict[str, Any]:
        """Return what the bare loop is asked for: one picture after the other."""
        return {
            "seeds": list(seeds),
            "prompt": PROMPT,
            "num_inference_steps": self.scale.steps[family],
            "guidance_scale": GUIDANCE[family],
            "width": self.scale.side(family),
            "height": self.scale.side(family),
        }

    # --- The worker's side -----------------------------------------------------------------------------------

    def engine(self, compile: str = "", memory_bytes: int = 0) -> Engine:  # noqa: A002
        """Return an engine as the worker starts it, in a process of its own."""
        key = (compile, memory_bytes)
        if key not in self._engines:
            options = EngineOptions(
                self._log(key),
                device=self.scale.device,
                compile=compile,
                compiler=self.scale.compiler,
                memory_bytes=memory_bytes,
            )
            self._engines[key] = Engine(options)
        return self._engines[key]

    def end_engine(self, compile: str = "", memory_bytes: int = 0) -> None:  # noqa: A002
        """End an engine's process, and with it what it holds."""
        engine = self._engines.pop((compile, memory_bytes), None)
        if engine is not None:
            engine.kill()

    def request(self, family: str, side: int, seeds: Sequence[int], batch: int = 1, steps: int = 0) -> BatchRequest:
        """Ask for square pictures, `batch` a pass."""
        self._requests += 1
        name = f"request-{self._requests}"
        images = tuple(
            ImageRequest(f"{name}:{index}", PROMPT, "", seed, str(self.folder / name / f"{index}.npy"))
            for index, seed in enumerate(seeds)
        )
        return BatchRequest(
            id=name,
            task="text-to-image",
            model=self.spec(family),
            width=side,
            height=side,
            num_inference_steps=steps or self.scale.steps[family],
            guidance_scale=GUIDANCE[family],
            scheduler=SCHEDULERS[family],
            images=images,
            max_batch=batch,
        )

    def draw(
        self, engine: Engine, *requests: BatchRequest, store: Storing | None = None, is_whole: bool = True
    ) -> Turn:
        """Have the worker's engine draw requests, one after the other; files are encoded by `store`, if any.

        `is_whole`: no picture may be missing; else whoever asks counts the turn's paths. Raises: BenchmarkFailed where
        one is, or a model was not compiled that should have been.
        """
        events: list[Event] = []

        def hear(event: Event) -> None:
            events.append(event)
            if store is not None and isinstance(event, ImageDone):
                store.put(Path(event.path))

        started = time.perf_counter()
        try:
            for request in requests:
                engine.run(request, hear, lambda: (), self.remaining())
        except (EngineError, OSError) as error:
            raise BenchmarkFailed(f"the engine failed: {type(error).__name__}: {error}") from error
        if store is not None:
            store.wait()
        wall_seconds = time.perf_counter() - started
        written = [Path(event.path) for event in events if isinstance(event, ImageDone)]
        asked = [Path(image.path) for request in requests for image in request.images]
        if is_whole and sorted(written) != sorted(asked):
            raise BenchmarkFailed(f"{len(asked)} pictures were asked for and {len(written)} written")
        self._check_compiled(engine)
        passes = [len(event.keys) for event in events if isinstance(event, Step) and event.step == event.of]
        return Turn(wall_seconds, passes, sorted(set(written), key=asked.index))

    def _check_compiled(self, engine: Engine) -> None:
        if engine.options.compile and "cannot be compiled" in engine.options.log_path.read_text(errors="replace"):
            raise BenchmarkFailed(f"the engine could not compile: see {engine.options.log_path}")

    def _log(self, key: tuple[str, int]) -> Path:
        return self.folder / f"engine-{key[0] or 'eager'}-{key[1]}.log"


class Storing:
    """Turns raw pictures into files as the worker's storing thread does: beside the drawing, or holding it up."""

    def __init__(self, *, pipelined: bool) -> None:
        self._arrivals: queue.Queue[Path] = queue.Queue()
        self._pipelined = pipelined
        self._errors: list[Exception] = []
        if pipelined:
            threading.Thread(target=self._work, daemon=True).start()

    def put(self, path: Path) -> None:
        """Take a picture."""
        if self._pipelined:
            self._arrivals.put(path)
        else:
            encode(path)

    def wait(self) -> None:
        """Wait until everything is written. Raises: BenchmarkFailed."""
        self._arrivals.join()
        if self._errors:
            raise BenchmarkFailed(f"a picture could not be stored: {self._errors[0]}")

    def _work(self) -> None:
        while True:
            path = self._arrivals.get()
            try:
                encode(path)
            except Exception as error:  # noqa: BLE001 - said by `wait`
                self._errors.append(error)
            finally:
                self._arrivals.task_done()


def encode(path: Path) -> None:
    """Write a raw picture's original and thumbnails beside it, and their checksums' cost with them."""
    picture = Pillow.fromarray(np.load(path, allow_pickle=False))
    contents = [picture_encoding.png_of(picture, {}), *picture_encoding.thumbnails_of(picture)]
    picture_encoding.placeholder_of(picture)
    picture_encoding.pixels_sha256_of(picture)
    for name, content in zip(("png", "320.webp", "640.webp"), contents, strict=True):
        path.with_suffix(f".{name}").write_bytes(content)


def _environment() -> dict[str, str]:
    shared = {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false", "OMP_WAIT_POLICY": "PASSIVE"}
    return {**shared, **os.environ}
