"""Every sampler keeps to the schedule that the model was trained for."""

from __future__ import annotations

import pytest
import torch
from diffusers import DDIMScheduler, FlowMatchEulerDiscreteScheduler

from generation.inference.errors import InvalidRequest
from generation.inference.schedulers import make_scheduler, names_for

# As the starter's: predicts velocity and ends in pure noise.
VELOCITY = DDIMScheduler(
    beta_start=0.00085,
    beta_end=0.012,
    beta_schedule="scaled_linear",
    prediction_type="v_prediction",
    rescale_betas_zero_snr=True,
    timestep_spacing="trailing",
    clip_sample=False,
).config
NOISE = DDIMScheduler(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", clip_sample=False).config
FLOW = FlowMatchEulerDiscreteScheduler(shift=3.0).config


@pytest.mark.parametrize("name", [name for name in names_for("stable-diffusion") if name != "dpmpp-2m-karras"])
def test_a_sampler_takes_over_what_the_model_predicts_and_how_noise_grows(name: str) -> None:
    scheduler = make_scheduler(name, "stable-diffusion", VELOCITY)
    assert scheduler.config.prediction_type == "v_prediction"
    assert scheduler.config.timestep_spacing == "trailing"
    own = DDIMScheduler.from_config(VELOCITY)
    # All but the very last value, which samplers that divide by it keep off zero.
    assert torch.allclose(scheduler.alphas_cumprod[:-1], own.alphas_cumprod[:-1], atol=1e-6)


def test_a_sampler_is_fresh_each_time() -> None:
    assert make_scheduler("ddim", "stable-diffusion", NOISE) is not make_scheduler("ddim", "stable-diffusion", NOISE)


def test_karras_spacing_is_the_only_difference_between_its_two_namesakes() -> None:
    plain, karras = (make_scheduler(name, "stable-diffusion-xl", NOISE) for name in ("dpmpp-2m", "dpmpp-2m-karras"))
    assert type(plain) is type(karras)
    assert (plain.config.use_karras_sigmas, karras.config.use_karras_sigmas) == (False, True)


def test_karras_spacing_is_refused_where_noise_has_no_bound() -> None:
    with pytest.raises(InvalidRequest, match="dpmpp-2m-karras"):
        make_scheduler("dpmpp-2m-karras", "stable-diffusion", VELOCITY)


def test_flux_has_its_own_alone() -> None:
    assert make_scheduler("flow-euler", "flux", FLOW).config.shift == 3.0
    with pytest.raises(InvalidRequest, match="flow-euler"):
        make_scheduler("ddim", "flux", FLOW)


@pytest.mark.parametrize("name", ["flow-euler", "DDIM", "", "dpm++"])
def test_an_unknown_sampler_is_refused_with_those_there_are(name: str) -> None:
    with pytest.raises(InvalidRequest, match="euler-a"):
        make_scheduler(name, "stable-diffusion", NOISE)
