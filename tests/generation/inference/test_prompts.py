"""Words reach the model as they were meant: with their weights, and each picture's own in every batch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch

from generation.engine.protocol import ImageRequest, ModelSpec
from generation.inference import prompts
from generation.inference.loading import LoadedModel
from generation.word_weights import parse
from tests.generation.engine.asking import STARTER
from tests.generation.inference.conftest import load_model
from tests.generation.loras import lora_of, save_lora

Toy = Callable[[str], LoadedModel]
WEIGHING = ("stable-diffusion", "stable-diffusion-xl")


def pictures(*wanted: str, without: Sequence[str] = ()) -> list[ImageRequest]:
    negatives = [*without, *([""] * (len(wanted) - len(without)))]
    pairs = enumerate(zip(wanted, negatives, strict=True))
    return [ImageRequest(f"job:{index}", prompt, negative, index, "/x.npy") for index, (prompt, negative) in pairs]


def embeds(model: LoadedModel, *wanted: str, name: str = "prompt_embeds", without: Sequence[str] = ()) -> torch.Tensor:
    found = prompts.arguments(model, pictures(*wanted, without=without), 4.0)[name]
    assert isinstance(found, torch.Tensor)
    return found


def plain(model: LoadedModel, text: str) -> torch.Tensor:
    """Return what the stock pipeline makes of a text."""
    found: Any = model.pipeline.encode_prompt(
        text, device="cpu", num_images_per_prompt=1, do_classifier_free_guidance=False
    )[0]
    row: torch.Tensor = found[0]
    return row


@pytest.mark.parametrize("family", WEIGHING)
def test_a_weight_of_nearly_one_changes_nearly_nothing(family: str, toy_model: Toy) -> None:
    model = toy_model(family)
    (found,) = embeds(model, "a (red:1.0001) fox")
    assert torch.allclose(found, plain(model, "a red fox"), atol=1e-3)


@pytest.mark.parametrize("family", WEIGHING)
@pytest.mark.parametrize("weight", [0.0, 0.4, 1.5])
def test_a_weight_moves_the_words_it_stands_on(family: str, weight: float, toy_model: Toy) -> None:
    model = toy_model(family)
    (found,) = embeds(model, f"a (red:{weight}) fox")
    moved = (found - plain(model, "a red fox")).abs().amax(dim=1)
    # Of the toy's tokens, letters, the first is the beginning, the second `a`, then the three of `red`.
    assert moved[2:5].min() > 0.01
    if weight > 1:
        assert moved[:2].max() == 0
        assert moved[5:].max() == 0


@pytest.mark.parametrize("family", WEIGHING)
def test_weights_go_further_the_larger_they_are(family: str, toy_model: Toy) -> None:
    model = toy_model(family)
    distances = [
        (embeds(model, f"a (red:{weight}) fox")[0] - plain(model, "a red fox")).norm()
        for weight in (1.1, 1.4, 1.7, 2.0)
    ]
    assert distances == sorted(distances)


@pytest.mark.parametrize("family", WEIGHING)
def test_each_picture_gets_what_it_would_get_alone(family: str, toy_model: Toy) -> None:
    model = toy_model(family)
    wanted, without = ("a (red:1.4) fox", "a car", "[a] tree"), ("", "(dark:1.5)", "")
    for name, texts in (("prompt_embeds", wanted), ("negative_prompt_embeds", without)):
        together = embeds(model, *wanted, name=name, without=without)
        for index, text in enumerate(texts):
            alone = prompts.arguments(model, pictures(wanted[index], without=[without[index]]), 4.0)
            expected = alone[name][0] if name in alone else plain(model, text)
            assert torch.allclose(together[index], expected, atol=1e-5), (name, index)


@pytest.mark.parametrize("family", WEIGHING)
def test_a_negative_prompt_has_weights_too(family: str, toy_model: Toy) -> None:
    model = toy_model(family)
    (heavy,) = embeds(model, "a fox", without=["(dark:1.5)"], name="negative_prompt_embeds")
    assert (heavy - plain(model, "dark")).abs().max() > 0.01


def test_brackets_that_were_escaped_are_drawn_as_brackets(toy_model: Toy) -> None:
    found = prompts.arguments(toy_model("stable-diffusion"), pictures(r"a \(red\) fox"), 4.0)
    assert found["prompt"] == ["a (red) fox"]


@pytest.mark.parametrize("family", WEIGHING)
@pytest.mark.parametrize(
    "prompt",
    [
        "(:1.3)",
        "( :0.5) fox",
        "(\u200b:0.5) fox",
        "(🦊:0.5)",
        "(fox:0) (fox:0)",
        "((fox:0.4) (fox:0.4):0.3)",
        " ".join(f"(word {index}:0.7)" for index in range(60)),
        f"(start:1.4) {'long ' * 150}(end:0.3)",
    ],
)
def test_odd_prompts_are_drawn(family: str, prompt: str, toy_model: Toy) -> None:
    model = toy_model(family)
    found = prompts.arguments(model, pictures(prompt), 4.0)
    if "prompt_embeds" in found:
        assert found["prompt_embeds"].shape[:2] == (1, 77)
        assert torch.isfinite(found["prompt_embeds"]).all()


def test_no_guidance_needs_no_negative_words(toy_model: Toy) -> None:
    found = prompts.arguments(toy_model("stable-diffusion"), pictures("a (red:1.3) fox"), 0.0)
    assert found["negative_prompt_embeds"] is None


def test_where_a_model_takes_no_weights_brackets_are_text(toy_model: Toy) -> None:
    prompt = r"a (red:1.3) \(fox\)"
    assert prompts.arguments(toy_model("flux"), pictures(prompt), 4.0)["prompt"] == [prompt]
    starter = load_model(ModelSpec("starter", "stable-diffusion", str(STARTER), "float32", "minilm"))
    assert prompts.arguments(starter, pictures(prompt), 4.0)["prompt"] == [prompt]
    assert len(parse(prompt)) > 1


def test_what_is_left_out_is_embedded_once_and_like_the_stock_pipeline(toy_spec: Callable[[str], ModelSpec]) -> None:
    model = load_model(toy_spec("stable-diffusion"))
    asked: list[int] = []
    hook = model.pipeline.text_encoder.register_forward_pre_hook(lambda _, given: asked.append(len(given[0])))
    for _ in range(2):
        negative = embeds(
            model, "a fox", "a car", "a tree", name="negative_prompt_embeds", without=["dark", "", "dark"]
        )
    hook.remove()

    assert asked == [1, 1]
    for row, text in zip(negative, ["dark", "", "dark"], strict=True):
        assert torch.equal(row, plain(model, text))


def test_no_more_embeddings_are_remembered_than_a_few_dozen(toy_spec: Callable[[str], ModelSpec]) -> None:
    model = load_model(toy_spec("stable-diffusion"))
    for number in range(70):
        embeds(model, "a fox", name="negative_prompt_embeds", without=[f"{number}"])
    assert 0 < len(model.embeddings) <= 64


def test_what_a_lora_makes_of_words_is_not_remembered(toy_spec: Callable[[str], ModelSpec], tmp_path: Path) -> None:
    spec = toy_spec("stable-diffusion")
    model = load_model(spec)
    lora = lora_of(save_lora(tmp_path / "a.safetensors", Path(spec.folder), seed=1))
    model.adapters.use([lora])
    assert prompts.arguments(model, pictures("a fox"), 4.0) == {"prompt": ["a fox"], "negative_prompt": [""]}
    assert not model.embeddings
    model.adapters.use([])
    assert "negative_prompt_embeds" in prompts.arguments(model, pictures("a fox"), 4.0)
