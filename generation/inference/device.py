"""Where to draw and in which precision. Nothing is probed at import; the engine asks once, when it starts."""

from __future__ import annotations

import errno
import os
import resource
import sys
from pathlib import Path

import torch

from generation.starter.precision import has_bfloat16

_CGROUP_LIMIT = Path("/sys/fs/cgroup/memory.max")
# A model's activations need room beside the weights that are kept warm.
_GPU_SHARE, _CPU_SHARE = 0.7, 0.5
_OUT_OF_MEMORY_PHRASES = (
    *("out of memory", "not enough memory", "allocate memory", "bad_alloc", "alloc_failed"),
    *("could not create a primitive", "could not create a memory", "could not execute a primitive"),
)
# By kind of device. Half precision's gradients vanish; bfloat16 has float32's range.
TRAINING_DTYPES = {"cpu": "float32", "cuda": "bfloat16"}
_DTYPES = {"float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16}


def choose_device(name: str) -> torch.device:
    """Return the device called `name`: auto, cpu, cuda or cuda:N. Raises: ValueError when it is not there."""
    if name == "auto":
        return numbered(torch.device("cuda" if torch.cuda.is_available() else "cpu"))
    device = numbered(torch.device(name))
    if device.type == "cuda" and device.index >= torch.cuda.device_count():
        raise ValueError(f"device {name}: this machine has {torch.cuda.device_count()} CUDA devices")
    return device


def numbered(device: torch.device) -> torch.device:
    """Return a GPU with its number, the first where none was said: some of torch's functions refuse it without."""
    return torch.device("cuda", device.index or 0) if device.type == "cuda" else device


def choose_dtype(wanted: str, device: torch.device) -> torch.dtype:
    """Return the precision to load weights in.

    A CPU draws in float32, in which a picture alone and in a batch are alike to a 255th. Only a model that asks for
    bfloat16 gets it where the CPU has instructions for it: half the memory, a third to a half less time, and
    pictures that come within two 255ths of each other.
    """
    if device.type == "cpu":
        return torch.bfloat16 if wanted == "bfloat16" and has_bfloat16(torch.device("cpu")) else torch.float32
    return torch.float16 if wanted == "auto" else _DTYPES[wanted]


def prepare(device: torch.device, threads: int) -> None:
    """Set what holds for the whole process: the number of CPU threads, and float32 that is float32."""
    torch.set_num_threads(threads or len(os.sched_getaffinity(0)))
    round_convolutions(torch.float32)
    if device.type == "cuda":
        torch.cuda.set_device(device)


def round_convolutions(dtype: torch.dtype) -> None:
    """Let the float32 convolutions of a model of this precision be rounded to TF32, unless the model is float32 itself.

    A float32 model is one that was chosen for exactness: its seeds mean the same picture in any batch. An autoencoder
    that half precision's range is too small for is brought to float32 to decode; TF32 has its range and half
    precision's digits.
    """
    torch.backends.cudnn.allow_tf32 = dtype is not torch.float32


def bound_memory(device: torch.device, bound_bytes: int) -> None:
    """Let this process have at most so much of the device's memory; more is refused as if there were none left.

    On a CPU it is all that the process may write to, torch itself included. Raises: ValueError.
    """
    if device.type == "cuda":
        total = torch.cuda.get_device_properties(device).total_memory
        torch.cuda.set_per_process_memory_fraction(min(1.0, bound_bytes / total), device)
        return
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (bound_bytes, hard))


def describe(device: torch.device) -> str:
    """Return the device in words, for logs."""
    if device.type == "cuda":
        return f"{device} {torch.cuda.get_device_name(device)}"
    return f"{device} {torch.get_num_threads()} threads {torch.backends.cpu.get_cpu_capability()}"


def lease_name(device: torch.device) -> str:
    """Return a name for the device itself, the same in every process, whatever number it has there."""
    if device.type != "cuda":
        return device.type
    return f"cuda-{torch.cuda.get_device_properties(device).uuid}"


def default_cache_bytes(device: torch.device, bound_bytes: int = 0) -> int:
    """Return how many bytes of weights may be kept warm where nobody said; `bound_bytes` as in `bound_memory`."""
    share = _GPU_SHARE if device.type == "cuda" else _CPU_SHARE
    return int(min(_memory_of(device), bound_bytes or sys.maxsize) * share)


def _memory_of(device: torch.device) -> int:
    """Return how many bytes there are in all."""
    if device.type == "cuda":
        return int(torch.cuda.get_device_properties(device).total_memory)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limit = _CGROUP_LIMIT.read_text().strip() if _CGROUP_LIMIT.is_file() else "max"
    return min(memory, int(limit)) if limit.isdecimal() else memory


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error means that memory ran out; the CPU's allocators say so in words only.

    oneDNN's words name what it could not create, not why; sizes that it cannot do at all are refused before.
    """
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    if isinstance(error, OSError):
        return error.errno == errno.ENOMEM
    words = str(error).lower()
    return isinstance(error, RuntimeError) and any(phrase in words for phrase in _OUT_OF_MEMORY_PHRASES)
