from pathlib import Path

import torch

from generation.starter.loading import load_pipeline, load_text_encoder
from generation.starter.networks import TOY, make_scheduler, make_unet, make_vae
from generation.starter.train import export
from generation.starter.training import Plan
from generation.starter.unet_training import (
    FRAMES,
    CaptionEncoder,
    LatentPool,
    blur_captions,
    make_pools,
    sample_timesteps,
    snr_weights,
    train_unet,
)
from tests.generation.starter.conftest import Toys

SIZE = 64


def test_unet_training_lowers_its_loss_and_resumes(toy_set: Toys, tmp_path: Path) -> None:
    stream, shelf = toy_set
    pools, captions = _make_pools((stream, shelf))
    checkpoint = tmp_path / "unet.pt"
    arguments = (make_scheduler(), pools, captions.encode([""]))
    first = train_unet(
        make_unet(TOY, SIZE // 8), *arguments, Plan(steps=110, batch=16), checkpoint, prefill=64
    )  # fmt: skip
    more = train_unet(
        make_unet(TOY, SIZE // 8), *arguments, Plan(steps=130, batch=16), checkpoint, prefill=64
    )  # fmt: skip
    assert sum(first[-10:]) < 0.75 * sum(first[:10])
    assert len(more) == 20
    assert sum(more[:10]) < 0.85 * sum(first[:10])


def test_captions_are_encoded_as_the_pipeline_does(tmp_path: Path) -> None:
    export(tmp_path / "model", make_vae(TOY, SIZE), make_unet(TOY, SIZE // 8))
    pipeline = load_pipeline(tmp_path / "model")
    fed, empty = pipeline.encode_prompt("two red foxes", "cpu", 1, do_classifier_free_guidance=True)
    ours = CaptionEncoder(*load_text_encoder()).encode(["two red foxes", ""])
    assert torch.allclose(fed[0], ours[0], atol=1e-5)
    assert torch.allclose(empty[0], ours[1], atol=1e-5)


def test_half_of_the_steps_come_from_the_noisiest_quarter() -> None:
    timesteps = sample_timesteps(1000, 1000)

    assert timesteps.min() >= 0
    assert timesteps.max() <= 999
    assert abs(int((timesteps >= 750).sum()) - 500) <= 10


def test_no_step_weighs_less_than_a_half_or_more_than_the_bound() -> None:
    weights = snr_weights(make_scheduler(), torch.arange(1000))

    assert weights.min() == 0.5
    assert weights.max() <= 1.0


def test_every_shape_has_a_pool_of_its_own(toy_set: Toys) -> None:
    pools, _ = _make_pools(toy_set)
    for pool in pools:
        pool.fill(2, chunk=2)
    shapes = [tuple(pool.sample(1)[0].shape[2:]) for pool in pools]

    assert shapes == [(8, 8), (6, 8), (8, 6), (8, 10), (10, 8), (6, 10)]
    assert len(FRAMES) == 5


def _make_pools(toys: Toys) -> tuple[list[LatentPool], CaptionEncoder]:
    captions = CaptionEncoder(*load_text_encoder())
    return make_pools(make_vae(TOY, SIZE).eval(), captions, *toys, SIZE, capacity=128, start=0), captions


def test_half_of_the_captions_are_blurred_within_bounds() -> None:
    captions = torch.zeros(400, 20, 384)
    spread = blur_captions(captions).std((1, 2))

    assert abs(int((spread == 0).sum()) - 200) <= 50
    assert 0.3 < spread.max() < 0.42
