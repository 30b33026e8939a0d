"""Where to draw, in which precision, and what it looks like when memory runs out."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
import torch

from generation.inference import device

GPU = torch.device("cuda")
CPU = torch.device("cpu")


def test_a_device_is_found_by_its_name() -> None:
    assert device.choose_device("cpu") == CPU
    assert device.choose_device("auto").type == ("cuda" if torch.cuda.is_available() else "cpu")
    with pytest.raises(ValueError, match="cuda:99"):
        device.choose_device("cuda:99")


@pytest.mark.parametrize("wanted", ["auto", "float32", "float16"])
def test_a_cpu_draws_in_float32(wanted: str) -> None:
    assert device.choose_dtype(wanted, CPU) is torch.float32


def test_a_cpu_draws_in_bfloat16_where_it_can_and_is_asked_to() -> None:
    flags = Path("/proc/cpuinfo").read_text().split()
    expected = torch.bfloat16 if {"avx512_bf16", "amx_bf16"} & set(flags) else torch.float32
    assert device.choose_dtype("bfloat16", CPU) is expected


def test_a_gpu_draws_in_what_the_model_asks_for() -> None:
    assert device.choose_dtype("auto", GPU) is torch.float16
    assert device.choose_dtype("bfloat16", GPU) is torch.bfloat16
    assert device.choose_dtype("float32", GPU) is torch.float32


def test_the_cpus_way_to_say_that_memory_ran_out_is_understood() -> None:
    with pytest.raises(RuntimeError) as caught:
        torch.empty(2**50)
    assert device.is_out_of_memory(caught.value)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (MemoryError(), True),
        (torch.OutOfMemoryError("CUDA out of memory"), True),
        (OSError(errno.ENOMEM, os.strerror(errno.ENOMEM)), True),
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), False),
        (RuntimeError("mat1 and mat2 shapes cannot be multiplied"), False),
        (ValueError("out of memory"), False),
    ],
)
def test_other_errors_are_told_apart(error: Exception, expected: bool) -> None:
    assert device.is_out_of_memory(error) is expected


def test_warm_models_leave_room_for_the_rest() -> None:
    assert 0 < device.default_cache_bytes(CPU) <= os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2


def test_threads_are_set() -> None:
    before = torch.get_num_threads()
    try:
        device.prepare(CPU, 1)
        assert device.describe(CPU).startswith("cpu 1 threads ")
        device.prepare(CPU, 0)
        assert torch.get_num_threads() == len(os.sched_getaffinity(0))
    finally:
        torch.set_num_threads(before)
