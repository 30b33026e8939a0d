import pytest
import torch

from generation.starter import precision
from generation.starter.precision import half_precision

CPU = torch.device("cpu")


@pytest.mark.parametrize(("capabilities", "wanted"), [({"avx512_bf16": True}, True), ({"avx512": True}, False)])
def test_a_cpu_multiplies_halves_where_it_has_instructions_for_it(
    capabilities: dict[str, bool], wanted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: capabilities)

    assert precision.has_bfloat16(CPU) is wanted
    with half_precision(CPU):
        product = torch.ones(2, 2) @ torch.ones(2, 2)
    assert product.dtype == (torch.bfloat16 if wanted else torch.float32)


def test_a_gpu_does() -> None:
    assert precision.has_bfloat16(torch.device("cuda"))
