"""A picture comes from its words and its seed alone: not from its neighbours, and not from our wrapping."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import FluxPipeline

from generation.engine.backend import Pass, Pixels
from generation.engine.protocol import BatchRequest, ImageRequest, ModelSpec
from generation.inference import denoising, schedulers, text_to_image
from generation.inference.errors import InvalidRequest, NoPicture, PassCanceled
from generation.inference.loading import LoadedModel
from tests.generation.engine.asking import STARTER, request_of
from tests.generation.inference import toys
from tests.generation.inference.conftest import copy_of, load_model

PROMPTS = ("a red fox", "an elephant in the sea", "", "a castle")
# What the product promises of a picture in a batch and alone.
TOLERANCE = 2


class Listener:
    """Hears how a pass goes; cancels it after `cancel_after` steps."""

    def __init__(self, cancel_after: int | None = None) -> None:
        self.steps: list[tuple[int, int]] = []
        self.previews: list[str] = []
        self._cancel_after = cancel_after

    def step(self, step: int, of: int) -> None:
        self.steps.append((step, of))
        if step == self._cancel_after:
            raise PassCanceled

    def preview(self, key: str, webp: bytes) -> None:
        assert webp[8:12] == b"WEBP"
        self.previews.append(key)


def pictures(prompts: Sequence[str] = PROMPTS, negative_prompts: Sequence[str] = ()) -> tuple[ImageRequest, ...]:
    """Ask for a picture of each prompt; the seed is the prompt's place."""
    negatives = [*negative_prompts, *([""] * (len(prompts) - len(negative_prompts)))]
    return tuple(
        ImageRequest(f"job:{index}", prompt, negative, index, f"/scratch/{index}.npy")
        for index, (prompt, negative) in enumerate(zip(prompts, negatives, strict=True))
    )


def ask(model: LoadedModel, images: tuple[ImageRequest, ...], **changes: Any) -> BatchRequest:
    facts = {"model": model.spec, "scheduler": toys.SCHEDULERS[model.spec.family], "images": images, **changes}
    return request_of(Path("/scratch"), **facts)


def draw(
    model: LoadedModel, request: BatchRequest, images: Sequence[ImageRequest] | None = None, listener: Any = None
) -> dict[str, Pixels]:
    return dict(text_to_image.run(model, Pass(request, images or request.images), listener or Listener()))


def difference(one: Pixels, other: Pixels) -> int:
    return int(np.abs(one.astype(int) - other.astype(int)).max())


def assert_among_copies_is_as_in_the_batch(model: LoadedModel, request: BatchRequest) -> None:
    together = draw(model, request)
    for place, image in enumerate(request.images):
        others = [replace(image, key=f"{image.key}:{at}") for at in range(len(request.images))]
        again = draw(model, request, [*others[:place], image, *others[place + 1 :]])
        assert difference(again[image.key], together[image.key]) == 0, image.key


def assert_alone_is_as_in_the_batch(model: LoadedModel, request: BatchRequest) -> None:
    together = draw(model, request)
    for image in request.images:
        alone = draw(model, request, [image])
        assert difference(alone[image.key], together[image.key]) <= TOLERANCE, image.key


@pytest.mark.parametrize("family", toys.SAVE)
def test_pictures_have_the_size_asked_for_and_differ(family: str, toy_model: Callable[[str], LoadedModel]) -> None:
    model, listener = toy_model(family), Listener()
    drawn = draw(model, ask(model, pictures(("a fox", "a fox", "a car"))), listener=listener)
    assert [(pixels.shape, pixels.dtype.name) for pixels in drawn.values()] == [((48, 32, 3), "uint8")] * 3
    assert difference(drawn["job:0"], drawn["job:1"]) > 50
    assert listener.steps == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert listener.previews == ["job:0", "job:1", "job:2"] * 3


@pytest.mark.parametrize("family", toys.SAVE)
def test_half_precision_draws_nearly_the_same(
    family: str, toy_spec: Callable[[str], ModelSpec], toy_model: Callable[[str], LoadedModel]
) -> None:
    half = load_model(replace(toy_spec(family), dtype="bfloat16"))
    request = ask(half, pictures(("a fox", "a car")))
    exact = draw(toy_model(family), request)
    for key, pixels in draw(half, request).items():
        assert np.abs(pixels.astype(int) - exact[key].astype(int)).mean() < 5


@pytest.mark.parametrize("family", toys.SAVE)
def test_words_change_the_picture_of_a_seed(family: str, toy_model: Callable[[str], LoadedModel]) -> None:
    model = toy_model(family)
    (fox,) = draw(model, ask(model, pictures(("a fox",)))).values()
    (car,) = draw(model, ask(model, pictures(("a big car and a house",)))).values()
    assert difference(fox, car) > TOLERANCE


@pytest.mark.parametrize(
    ("family", "scheduler"),
    [(family, name) for family in ("stable-diffusion", "flux") for name in schedulers.names_for(family)],
)
def test_a_seed_draws_the_same_alone_as_in_a_batch(
    family: str, scheduler: str, toy_model: Callable[[str], LoadedModel]
) -> None:
    model = toy_model(family)
    assert_alone_is_as_in_the_batch(model, ask(model, pictures(), scheduler=scheduler))


@pytest.mark.parametrize("family", toys.SAVE)
def test_at_its_place_among_as_many_a_picture_is_the_same_bit_for_bit(
    family: str, toy_model: Callable[[str], LoadedModel]
) -> None:
    model = toy_model(family)
    assert_among_copies_is_as_in_the_batch(model, ask(model, pictures()))


@pytest.mark.parametrize("family", ["stable-diffusion", "stable-diffusion-xl"])
def test_negative_prompts_of_neighbours_do_not_matter(family: str, toy_model: Callable[[str], LoadedModel]) -> None:
    model = toy_model(family)
    images = pictures(("a fox", "a car", "a tree"), ("", "blurry", "dark"))
    assert_alone_is_as_in_the_batch(model, ask(model, images))


@pytest.mark.parametrize("family", ["stable-diffusion", "stable-diffusion-xl"])
def test_weights_of_neighbours_do_not_matter(family: str, toy_model: Callable[[str], LoadedModel]) -> None:
    model = toy_model(family)
    images = pictures(("a (fox:1.5)", "a car", "[a] tree"), ("", "(blurry:1.4)"))
    assert_alone_is_as_in_the_batch(model, ask(model, images))
    plain, heavy = (ask(model, pictures((prompt,)), guidance_scale=20.0) for prompt in ("a fox", "a (fox:2)"))
    assert difference(draw(model, plain)["job:0"], draw(model, heavy)["job:0"]) > TOLERANCE


@pytest.mark.parametrize("family", toys.SAVE)
def test_a_picture_is_what_the_stock_pipeline_draws(family: str, toy_model: Callable[[str], LoadedModel]) -> None:
    model = toy_model(family)
    (ours,) = draw(model, ask(model, pictures(("a fox",)), preview=True)).values()
    model.pipeline.scheduler = type(model.pipeline.scheduler).from_config(model.scheduler_config)
    # As the makers of the distilled FLUX call it; the pipeline's own default is for the other one.
    tokens = {"max_sequence_length": 256} if family == "flux" else {}
    (stock,) = model.pipeline(
        "a fox",
        width=32,
        height=48,
        num_inference_steps=4,
        guidance_scale=4.0,
        generator=torch.Generator("cpu").manual_seed(0),
        output_type="pil",
        **tokens,
    ).images
    assert difference(ours, np.asarray(stock)) == 0


def test_a_negative_prompt_changes_the_picture(toy_model: Callable[[str], LoadedModel]) -> None:
    model = toy_model("stable-diffusion")
    (plain,) = draw(model, ask(model, pictures(("a fox",)))).values()
    (steered,) = draw(model, ask(model, pictures(("a fox",), ("dark and blurry",)))).values()
    assert difference(plain, steered) > TOLERANCE


@pytest.mark.parametrize("family", toys.SAVE)
def test_no_guidance_is_a_guidance_too(family: str, toy_model: Callable[[str], LoadedModel]) -> None:
    model = toy_model(family)
    assert_alone_is_as_in_the_batch(model, ask(model, pictures(), guidance_scale=0.0))


def test_flux_with_guidance_takes_longer_prompts(tmp_path: Path) -> None:
    toys.save_flux(tmp_path, guidance_embeds=True)
    model = load_model(toys.spec_of(tmp_path, "flux"))
    prompt = " ".join(["fox"] * 120)
    low, high = (draw(model, ask(model, pictures((prompt,)), guidance_scale=scale))["job:0"] for scale in (1.0, 20.0))
    assert difference(low, high) > 0


@pytest.mark.parametrize("family", toys.SAVE)
def test_a_canceled_pass_leaves_the_model_as_good_as_new(family: str, toy_model: Callable[[str], LoadedModel]) -> None:
    model = toy_model(family)
    request = ask(model, pictures(("a fox",)))
    before = draw(model, request)
    listener = Listener(cancel_after=2)
    with pytest.raises(PassCanceled):
        draw(model, request, listener=listener)
    assert len(listener.steps) == 2
    assert difference(draw(model, request)["job:0"], before["job:0"]) == 0


@pytest.mark.parametrize(("family", "multiple"), [("stable-diffusion", 2), ("stable-diffusion-xl", 2), ("flux", 4)])
@pytest.mark.parametrize("field", ["width", "height"])
def test_a_size_off_the_grid_is_refused_and_not_rounded(
    family: str, multiple: int, field: str, toy_model: Callable[[str], LoadedModel]
) -> None:
    model = toy_model(family)
    with pytest.raises(InvalidRequest, match=f"{field}: {32 + multiple // 2} is not a multiple of {multiple}"):
        draw(model, ask(model, pictures(), **{field: 32 + multiple // 2}))


def test_flux_refuses_a_negative_prompt(toy_model: Callable[[str], LoadedModel]) -> None:
    model = toy_model("flux")
    with pytest.raises(InvalidRequest, match="negative_prompt") as caught:
        draw(model, ask(model, pictures(("a fox",), ("secret words",))))
    assert "secret" not in str(caught.value)


def test_values_that_are_no_numbers_are_no_picture(tmp_path: Path, toy_spec: Callable[[str], ModelSpec]) -> None:
    model = load_model(copy_of(toy_spec("stable-diffusion"), tmp_path / "overflows"))
    with torch.no_grad():
        model.pipeline.vae.decoder.conv_out.bias.fill_(float("nan"))
    with pytest.raises(NoPicture, match="overflows"):
        draw(model, ask(model, pictures(("a fox",))))


def test_packed_latents_are_unpacked_as_the_pipeline_does(toy_model: Callable[[str], LoadedModel]) -> None:
    model = toy_model("flux")
    packed = torch.randn(2, (48 // 4) * (32 // 4), 16)
    ours = denoising._unpack(model, (48, 32), packed)
    assert torch.equal(ours, FluxPipeline._unpack_latents(packed, 48, 32, model.latent_scale))


@pytest.mark.parametrize("steps", [3, pytest.param(25, marks=pytest.mark.long)])
def test_the_starter_draws_a_seed_alike_alone_and_among_eight(steps: int) -> None:
    model = load_model(ModelSpec("starter", "stable-diffusion", str(STARTER), "float32", "minilm"))
    images = pictures(("a red apple on a dark blue background",) * 4 + ("a sunflower", "a robot", "", "two bananas"))
    request = ask(model, images, width=128, height=128, num_inference_steps=steps)
    together = draw(model, request)
    for image in (images[0], images[5]):
        assert difference(draw(model, request, [image])[image.key], together[image.key]) <= TOLERANCE


def test_the_starter_draws_a_pair_alike_alone_and_among_others() -> None:
    model = load_model(ModelSpec("starter", "stable-diffusion", str(STARTER), "float32", "minilm"))
    images = pictures(("a fox and an apple", "a sunflower", "a cat next to a dog"), ("", "", "dark"))
    listener = Listener()
    request = ask(model, images, width=128, height=128, num_inference_steps=3, preview=True)

    together = draw(model, request, listener=listener)

    for image in images:
        assert difference(draw(model, request, [image])[image.key], together[image.key]) <= TOLERANCE
    assert listener.steps == [(1, 3), (2, 3), (3, 3)]
    assert listener.previews == ["job:0", "job:1", "job:2"] * 2


def test_the_fast_starter_draws_both_things_of_a_pair() -> None:
    fast = load_model(ModelSpec("starter-fast", "stable-diffusion", str(STARTER), "float32", "minilm", "few_steps"))
    images = pictures(("an orange and a pine tree on a light blue background",))
    settings = {"width": 128, "height": 128, "num_inference_steps": 6, "guidance_scale": 1.0, "scheduler": "lcm"}

    (drawn,) = draw(fast, ask(fast, images, **settings)).values()

    (orange_red, orange_green, _), (tree_red, tree_green, _) = drawn[64, 32], drawn[72, 96]
    assert orange_red > orange_green
    assert tree_green > tree_red


def test_the_fast_starter_draws_in_six_steps() -> None:
    fast = load_model(ModelSpec("starter-fast", "stable-diffusion", str(STARTER), "float32", "minilm", "few_steps"))
    usual = load_model(ModelSpec("starter", "stable-diffusion", str(STARTER), "float32", "minilm"))
    images = pictures(("a red apple on a dark blue background",))
    settings = {"width": 128, "height": 128, "num_inference_steps": 6, "guidance_scale": 1.0, "scheduler": "lcm"}
    with_lora, without = (draw(model, ask(model, images, **settings))[images[0].key] for model in (fast, usual))

    red, _, blue = with_lora[64, 64]
    assert red > blue
    assert difference(with_lora, without) > 0
    assert fast.size_bytes == usual.size_bytes
