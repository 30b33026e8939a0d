"""How each base model is trained, and by which words: numbers and prompts, no rule of money or state.

The numbers for large models are diffusers' own (DreamBooth with LoRA); those for the starter were tried on it
(docs/training.md).
"""

from dataclasses import replace

from generation.catalog_shapes import CatalogModel
from generation.engine.training import Recipe, Sampling

_STARTER = Recipe(
    resolution=128,
    rank=32,
    learning_rate=3e-3,
    steps=500,
    batch_size=8,
    class_pictures=48,
    # It attends to words where its maps are smallest alone; shapes are the convolutions'.
    layers="all",
    noisy_share=0.5,
)
_STABLE_DIFFUSION = Recipe(
    resolution=512, rank=16, learning_rate=1e-4, steps=1200, batch_size=2, class_pictures=96, warmup_steps=50
)
_STABLE_DIFFUSION_XL = Recipe(
    resolution=1024,
    rank=16,
    learning_rate=1e-4,
    steps=1000,
    batch_size=1,
    class_pictures=96,
    warmup_steps=50,
    gradient_checkpointing=True,
)
_BY_FAMILY = {"stable-diffusion": _STABLE_DIFFUSION, "stable-diffusion-xl": _STABLE_DIFFUSION_XL}

_NOUNS = {"person": "person", "pet": "animal", "object": "object"}
# Prior preservation shows the class, and much else: what the base model knows beside it is to stay as it is.
_ELSE = (
    *("a fox", "a red apple", "a house", "a blue car", "a smiling face", "a robot", "a tree on grass", "a cat"),
    *("a sunflower", "a boat", "two bananas", "a girl", "a castle", "a dog on a yellow background"),
    *("a rocket", "a cake"),
)
_CLASS_EVERY = 4


def recipe_for(model: CatalogModel, checkpoint_seconds: float = 120.0, steps: int = 0) -> Recipe | None:
    """Return how a model is trained; None where it is not: distilled models forget what made them quick.

    `steps`: so many, for trying out, with no more pictures of the class than that; 0 is the model's own number.
    """
    if "text-to-image" not in model.tasks or model.adapter or model.default_guidance <= 1:
        return None
    recipe = _STARTER if model.is_starter else _BY_FAMILY.get(model.family)
    if recipe is None:
        return None
    steps = steps or recipe.steps
    beside = min(recipe.class_pictures, steps)
    return replace(recipe, steps=steps, class_pictures=beside, checkpoint_seconds=checkpoint_seconds)


def sampling_of(model: CatalogModel) -> Sampling:
    """Return how pictures are drawn while a model is trained: by its defaults."""
    return Sampling(model.schedulers[0], model.default_steps, model.default_guidance)


def subject_prompt(subject_class: str, trigger_word: str, caption: str = "") -> str:
    """Return the words for a picture of the subject; a caption says what else is to be seen."""
    if subject_class == "style":
        return f"{caption or 'a picture'} in {trigger_word} style"
    words = f"a {trigger_word} {_NOUNS[subject_class]}"
    return f"{words}, {caption}" if caption else words


def class_prompts(subject_class: str) -> tuple[str, ...]:
    """Return what prior preservation draws, in turn."""
    own = "a picture" if subject_class == "style" else f"a {_NOUNS[subject_class]}"
    groups = [_ELSE[place : place + _CLASS_EVERY] for place in range(0, len(_ELSE), _CLASS_EVERY)]
    return tuple(prompt for group in groups for prompt in (own, *group))


def sample_prompts(subject_class: str, trigger_word: str) -> tuple[str, ...]:
    """Return what is drawn at each quarter, always from the same seeds."""
    if subject_class == "style":
        return tuple(f"{what} in {trigger_word} style" for what in ("a fox", "a house"))
    plain = subject_prompt(subject_class, trigger_word)
    return plain, f"{plain} on grass"
