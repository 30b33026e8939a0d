"""Pictures as prompts, with an IP-Adapter for each family that has one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from generation.engine.options import BLEND_ROLES, BlendOptions
from generation.engine.protocol import ModelSpec
from generation.inference.errors import InvalidRequest, ModelMissing
from generation.inference.loading import LoadedModel
from generation.inference.tool_loading import inspect
from tests.generation.inference import toy_tools
from tests.generation.inference.conftest import CPU
from tests.generation.inference.passes import TOLERANCE, alone, difference, disc, edit, request_for

RED, GREEN, BLUE = disc(40, 40), disc(32, 48, (10, 220, 40)), disc(64, 40, (20, 20, 160), (240, 240, 200))
FAMILIES = ("stable-diffusion", "stable-diffusion-xl")


@pytest.fixture
def seeing(toy_model: Callable[[str], LoadedModel], tmp_path: Path) -> Callable[[str], LoadedModel]:
    """Return what gives a family's toy with an adapter of its own."""

    def make(family: str) -> LoadedModel:
        model = toy_model(family)
        toy_tools.save_ip_adapter(tmp_path / "adapter", model)
        return replace(model, tools={"ip-adapter": toy_tools.tool_of(tmp_path / "adapter", "ip-adapter")})

    return make


def _inputs(*orders: tuple[object, ...]) -> list[dict[str, object]]:
    return [dict(zip(BLEND_ROLES, pictures, strict=False)) for pictures in orders]


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("guidance_scale", [1.0, 5.0])
def test_what_the_pictures_are_of_changes_the_blend_alone_as_in_a_batch(
    family: str, guidance_scale: float, seeing: Callable[[str], LoadedModel], tmp_path: Path
) -> None:
    model = seeing(family)
    inputs = _inputs((RED, GREEN, BLUE), (BLUE, RED, GREEN))
    options = BlendOptions((0.5, 0.3, 0.2), 0.5, sees_pictures=True)
    request = request_for(model, "blend", options, inputs, tmp_path, guidance_scale=guidance_scale)  # type: ignore[arg-type]
    together = edit(model, request)
    # The adapter being there is not enough: a run that was sent without one is drawn as it was sent.
    blind = edit(model, replace(request, options=replace(options, sees_pictures=False)))
    for index in range(2):
        assert difference(alone(model, request, index), together[index]) <= TOLERANCE
        assert difference(together[index], blind[index]) > TOLERANCE


def test_the_model_itself_stays_as_it_was(seeing: Callable[[str], LoadedModel], tmp_path: Path) -> None:
    model = seeing("stable-diffusion")
    unet = model.pipeline.unet
    kinds = {name: type(one) for name, one in unet.attn_processors.items()}
    seen, blind = (
        request_for(model, "blend", BlendOptions((0.5, 0.5), 0.5, sees), _inputs((RED, BLUE)), tmp_path)  # type: ignore[arg-type]
        for sees in (True, False)
    )
    before = edit(model, blind)
    edit(model, seen)
    assert difference(edit(model, blind)[0], before[0]) == 0
    assert {name: type(one) for name, one in unet.attn_processors.items()} == kinds
    assert unet.encoder_hid_proj is None


def test_a_copy_shares_the_denoisers_weights(seeing: Callable[[str], LoadedModel]) -> None:
    model = seeing("stable-diffusion")
    unet = model.pipeline.unet
    prompted = model.tools["ip-adapter"].tool.prompted(unet)
    assert prompted.conv_in.weight.data_ptr() == unet.conv_in.weight.data_ptr()


def test_a_mix_is_nearer_to_what_weighs_more_and_as_long_as_one(seeing: Callable[[str], LoadedModel]) -> None:
    prompter = seeing("stable-diffusion").tools["ip-adapter"].tool
    red, blue, mixed = (prompter.mix([RED, BLUE], weights)[0] for weights in ((1.0, 0.0), (0.0, 1.0), (0.8, 0.2)))
    near = torch.nn.functional.cosine_similarity
    assert near(mixed, red, dim=0) > near(mixed, blue, dim=0)
    assert mixed.norm().item() == pytest.approx(0.8 * red.norm().item() + 0.2 * blue.norm().item(), rel=1e-4)


def test_an_adapter_of_another_model_is_refused(
    seeing: Callable[[str], LoadedModel], toy_model: Callable[[str], LoadedModel], tmp_path: Path
) -> None:
    other = replace(toy_model("stable-diffusion-xl"), tools=seeing("stable-diffusion").tools)
    request = request_for(other, "blend", BlendOptions((0.5, 0.5), 0.5, True), _inputs((RED, BLUE)), tmp_path)  # type: ignore[arg-type]
    with pytest.raises(InvalidRequest, match="one that toy-ip-adapter was made for"):
        edit(other, request)
    with pytest.raises(InvalidRequest, match="one that an IP-Adapter is installed for"):
        edit(replace(other, tools={}), request)


def test_its_bytes_are_foretold_and_a_folder_without_one_is_missing(
    seeing: Callable[[str], LoadedModel], tmp_path: Path
) -> None:
    tool = seeing("stable-diffusion").tools["ip-adapter"]
    assert inspect(tool.spec, CPU) <= tool.size_bytes <= 1.1 * inspect(tool.spec, CPU)
    with pytest.raises(ModelMissing):
        inspect(ModelSpec("none", "ip-adapter", str(tmp_path / "none"), "float32"), CPU)
