"""The few-step student comes nearer to what its teacher draws, and its file loads through the pipeline."""

from __future__ import annotations

from pathlib import Path

import torch

from generation.checksums import verify_checksums
from generation.starter.distillation import (
    ADAPTER,
    distil,
    draw_with_teacher,
    few_step_timesteps,
    save_adapter,
    to_finished,
)
from generation.starter.loading import load_pipeline, load_text_encoder
from generation.starter.networks import TOY, make_scheduler, make_unet, make_vae
from generation.starter.train import export
from generation.starter.training import Plan
from generation.starter.unet_training import CaptionEncoder

SIDE = 8


def test_a_student_learns_its_teachers_drawings_and_is_loaded(tmp_path: Path) -> None:
    unet = make_unet(TOY, SIDE)
    # An untrained UNet draws nothing; its last layer is zero.
    torch.nn.init.normal_(unet.conv_out.weight, std=0.1)
    captions = CaptionEncoder(*load_text_encoder())
    drawings = draw_with_teacher(unet, captions, ["an apple", "a leaf", "a drop"], steps=4, guidance=2.0, seed=1)
    export(tmp_path, make_vae(TOY, SIDE * 8), unet)

    losses = distil(unet, drawings, Plan(steps=120, batch=8, learning_rate=1e-2))
    save_adapter(unet, tmp_path)

    assert sum(losses[-20:]) < 0.8 * sum(losses[:20])
    verify_checksums(tmp_path)
    noisy, words = drawings.noise, drawings.embeddings
    with torch.no_grad():
        trained = unet(noisy, 999, words).sample
        plain, merged = (load_pipeline(tmp_path, adapter=name).unet(noisy, 999, words).sample for name in ("", ADAPTER))
    # Half precision on disk is the only difference between what was trained and what is loaded.
    assert (merged - trained).abs().max() < 0.05 * (plain - trained).abs().max()


def test_the_same_noise_gives_the_teacher_the_same_drawing() -> None:
    unet = make_unet(TOY, SIDE)
    captions = CaptionEncoder(*load_text_encoder())
    once, again = (draw_with_teacher(unet, captions, ["a leaf"], steps=2, guidance=2.0, seed=seed) for seed in (3, 3))

    assert torch.equal(once.latents, again.latents)


def test_a_velocity_leads_back_to_what_was_noised() -> None:
    scheduler = make_scheduler()
    latents, noise = torch.randn(5, 4, 2, 2), torch.randn(5, 4, 2, 2)
    timesteps = torch.tensor([0, 200, 500, 800, 999])
    noisy = scheduler.add_noise(latents, noise, timesteps)
    velocity = scheduler.get_velocity(latents, noise, timesteps)

    assert torch.allclose(to_finished(scheduler, noisy, velocity, timesteps), latents, atol=1e-4)


def test_the_first_of_the_few_steps_is_pure_noise() -> None:
    assert few_step_timesteps().max() == 999
