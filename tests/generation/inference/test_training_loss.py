"""The right answer is no mistake, whatever the base predicts; weights are the paper's; chance comes from the seed."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from diffusers import DDIMScheduler

from generation.inference.errors import InvalidRequest
from generation.inference.training_loss import Noised, Schedule

LATENTS = torch.linspace(-1, 1, 8 * 4 * 4 * 4).reshape(8, 4, 4, 4)


def schedule_of(**changes: Any) -> Schedule:
    return Schedule(DDIMScheduler(beta_schedule="scaled_linear", **changes).config)


def noised_by(schedule: Schedule, *, seed: int = 1, noisy_share: float = 0.0) -> Noised:
    generator = torch.Generator().manual_seed(seed)
    return schedule.noise(LATENTS, generator, noisy_share=noisy_share, snr_gamma=5.0)


@pytest.mark.parametrize("prediction_type", ["epsilon", "v_prediction"])
def test_the_right_answer_costs_nothing_and_a_wrong_one_its_weight(prediction_type: str) -> None:
    noised = noised_by(schedule_of(prediction_type=prediction_type))
    assert noised.loss(noised.target).max() == 0
    torch.testing.assert_close(noised.loss(noised.target + 1), noised.weights)


def test_the_target_is_what_gives_the_picture_back() -> None:
    schedule = schedule_of(prediction_type="v_prediction")
    noised = noised_by(schedule)
    alphas = schedule._scheduler.alphas_cumprod[noised.timesteps][:, None, None, None]
    torch.testing.assert_close(alphas.sqrt() * noised.latents - (1 - alphas).sqrt() * noised.target, LATENTS)


def test_weights_are_capped_where_little_noise_is() -> None:
    schedule = schedule_of()
    alphas = schedule._scheduler.alphas_cumprod
    snr = alphas / (1 - alphas)
    weights = schedule.weights(torch.arange(1000), 5.0)
    torch.testing.assert_close(weights, snr.clamp(max=5.0) / snr)
    assert weights[0] < 0.01 < weights[-1]


def test_pure_noise_still_counts_where_the_schedule_ends_in_it() -> None:
    schedule = schedule_of(prediction_type="v_prediction", rescale_betas_zero_snr=True)
    assert schedule.weights(torch.tensor([999]), 5.0).item() == 0.5


def test_the_same_seed_is_the_same_step() -> None:
    one, again, other = (noised_by(schedule_of(), seed=seed) for seed in (1, 1, 2))
    assert torch.equal(one.latents, again.latents)
    assert not torch.equal(one.latents, other.latents)


def test_the_noisiest_quarter_gets_its_share() -> None:
    noised = noised_by(schedule_of(), noisy_share=0.5)
    assert (noised.timesteps >= 750).sum() == 4


def test_a_base_that_predicts_something_else_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="prediction_type"):
        schedule_of(prediction_type="sample")
