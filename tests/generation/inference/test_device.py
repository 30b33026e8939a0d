"""Where to draw, in which precision, and what it looks like when memory runs out."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from generation.inference import device
from tests.rules.tree import ROOT

GPU = torch.device("cuda")
CPU = torch.device("cpu")


def test_a_device_is_found_by_its_name() -> None:
    assert device.choose_device("cpu") == CPU
    assert device.choose_device("auto").type == ("cuda" if torch.cuda.is_available() else "cpu")
    with pytest.raises(ValueError, match="cuda:99"):
        device.choose_device("cuda:99")


def test_a_gpu_has_a_number_without_which_torch_refuses_it() -> None:
    with pytest.raises(ValueError, match="specified index"):
        torch.cuda.set_device(GPU)
    assert device.numbered(GPU) == torch.device("cuda:0")
    assert device.numbered(torch.device("cuda:1")) == torch.device("cuda:1")
    assert device.numbered(CPU) == CPU


def test_only_a_model_in_half_precision_has_its_float32_convolutions_rounded() -> None:
    device.round_convolutions(torch.float16)
    assert torch.backends.cudnn.allow_tf32
    device.round_convolutions(torch.float32)
    assert not torch.backends.cudnn.allow_tf32


def test_a_process_with_bounded_memory_runs_out_of_it() -> None:
    program = """
import torch
from generation.inference import device
bound = 4 << 30
device.bound_memory(torch.device("cpu"), bound)
assert device.default_cache_bytes(torch.device("cpu"), bound) <= bound // 2
assert torch.zeros(1 << 20).numel() == 1 << 20
try:
    torch.zeros(bound // 4)
except RuntimeError as error:
    assert device.is_out_of_memory(error), error
    print("refused")
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout == "refused\n", done.stderr


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
