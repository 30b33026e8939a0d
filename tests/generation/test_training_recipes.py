"""Each base has numbers that the engine takes, and each kind of subject its words."""

import pytest

from generation import catalog
from generation.models import CustomModel
from generation.training_recipes import class_prompts, recipe_for, sample_prompts, sampling_of, subject_prompt


@pytest.mark.parametrize("slug", ["starter", "stable-diffusion-1-5", "dreamshaper-8", "stable-diffusion-xl"])
def test_a_base_is_trained_at_its_own_size(slug: str) -> None:
    model = catalog.MODELS[slug]
    recipe = recipe_for(model, 7.0)
    assert recipe is not None
    assert (recipe.resolution, recipe.checkpoint_seconds) == (model.default_size.width, 7.0)
    assert recipe.class_pictures >= len(class_prompts("object"))
    assert sampling_of(model).guidance_scale == model.default_guidance


@pytest.mark.parametrize("slug", ["starter-fast", "sdxl-turbo", "flux-1-schnell"])
def test_what_was_distilled_is_not_trained(slug: str) -> None:
    assert recipe_for(catalog.MODELS[slug]) is None


def test_large_models_save_memory() -> None:
    recipe = recipe_for(catalog.MODELS["stable-diffusion-xl"])
    assert recipe is not None
    assert recipe.gradient_checkpointing


@pytest.mark.parametrize("subject", CustomModel.Subject.values)
def test_every_subject_is_called_by_its_word_and_its_class_is_not(subject: str) -> None:
    assert "zorb" in subject_prompt(subject, "zorb")
    assert all("zorb" in prompt for prompt in sample_prompts(subject, "zorb"))
    assert not any("zorb" in prompt for prompt in class_prompts(subject))


@pytest.mark.parametrize(
    ("subject", "caption", "words"),
    [
        ("pet", "", "a zorb animal"),
        ("pet", "on a sofa", "a zorb animal, on a sofa"),
        ("style", "", "a picture in zorb style"),
        ("style", "a house", "a house in zorb style"),
    ],
)
def test_a_caption_says_what_else_is_to_be_seen(subject: str, caption: str, words: str) -> None:
    assert subject_prompt(subject, "zorb", caption) == words


def test_fewer_steps_for_trying_out_take_fewer_pictures_of_the_class() -> None:
    recipe = recipe_for(catalog.MODELS["starter"], steps=12)
    assert recipe is not None
    assert (recipe.steps, recipe.class_pictures) == (12, 12)
    usual = recipe_for(catalog.MODELS["starter"], steps=0)
    assert usual is not None
    assert (usual.steps, usual.class_pictures) == (500, 48)
