"""A pass says how far it is and shows what is coming, a few times, and not where it would be too late."""

from __future__ import annotations

import pytest
import torch

from generation.inference.progress import PREVIEWS_A_PASS, follow_denoised, is_preview_step
from generation.inference.schedulers import make_scheduler, names_for
from tests.generation.inference.test_schedulers import FLOW, NOISE

STEPS = 6


@pytest.mark.parametrize("of", [1, 2, 3, 4, 7, 8, 25, 50, 1000])
def test_previews_are_few_and_never_the_last_step(of: int) -> None:
    shown = [step for step in range(1, of + 1) if is_preview_step(step, of)]
    assert len(shown) <= PREVIEWS_A_PASS
    assert of not in shown
    assert len(shown) >= min(of - 1, PREVIEWS_A_PASS // 2)


@pytest.mark.parametrize("name", names_for("stable-diffusion"))
def test_the_guess_behind_a_step_is_the_finished_latents(name: str) -> None:
    """A model that knows the answer says which noise there is; each step's guess is then the answer itself."""
    answer = torch.linspace(-1, 1, 4 * 8 * 8).reshape(1, 4, 8, 8)
    scheduler = make_scheduler(name, "stable-diffusion", NOISE)
    recall = follow_denoised(scheduler)
    assert recall() is None
    scheduler.set_timesteps(STEPS)
    generator = torch.Generator("cpu").manual_seed(0)
    noise = torch.randn(answer.shape, generator=generator)
    latents = noise * scheduler.init_noise_sigma
    for index, timestep in enumerate(scheduler.timesteps):
        scheduler.scale_model_input(latents, timestep)
        predicted = (latents - _signal(scheduler, name, index, timestep) * answer) / _noise(
            scheduler, name, index, timestep
        )
        latents = scheduler.step(predicted, timestep, latents, return_dict=False)[0]
        guess = recall()
        assert guess is not None
        assert torch.allclose(guess, answer, atol=0.05), f"step {index + 1}"


def test_the_guess_behind_a_step_of_flow_matching_is_the_finished_latents() -> None:
    answer = torch.linspace(-1, 1, 6 * 16).reshape(1, 6, 16)
    scheduler = make_scheduler("flow-euler", "flux", FLOW)
    recall = follow_denoised(scheduler)
    scheduler.set_timesteps(STEPS)
    latents = torch.randn(answer.shape, generator=torch.Generator("cpu").manual_seed(0))
    for index, timestep in enumerate(scheduler.timesteps):
        velocity = (latents - answer) / scheduler.sigmas[index]
        latents = scheduler.step(velocity, timestep, latents, return_dict=False)[0]
        guess = recall()
        assert guess is not None
        assert torch.allclose(guess, answer, atol=1e-4)


def _signal(scheduler: object, name: str, index: int, timestep: torch.Tensor) -> torch.Tensor:
    """Return how much of the answer is in the latents before a step."""
    if name.startswith("euler"):
        return torch.tensor(1.0)
    return _alpha(scheduler, name, index, timestep).sqrt()


def _noise(scheduler: object, name: str, index: int, timestep: torch.Tensor) -> torch.Tensor:
    """Return how much noise is in the latents before a step."""
    if name.startswith("euler"):
        sigma: torch.Tensor = scheduler.sigmas[index]  # type: ignore[attr-defined]
        return sigma
    return (1 - _alpha(scheduler, name, index, timestep)).sqrt()


def _alpha(scheduler: object, name: str, index: int, timestep: torch.Tensor) -> torch.Tensor:
    if name in ("ddim", "lcm"):
        alpha: torch.Tensor = scheduler.alphas_cumprod[timestep]  # type: ignore[attr-defined]
        return alpha
    sigma: torch.Tensor = scheduler.sigmas[index]  # type: ignore[attr-defined]
    return 1 / (sigma**2 + 1)
