from pathlib import Path

from generation.starter.classifier import load_or_train, measure_classifier, train_classifier
from generation.starter.dataset import Noun
from tests.generation.starter.conftest import Toys


def test_it_learns_to_tell_sprites_apart(toy_set: Toys, toy_nouns: list[Noun]) -> None:
    _, shelf = toy_set

    judge = train_classifier(toy_nouns, shelf, steps=30, batch=16)

    assert measure_classifier(judge, shelf, count=50) > 0.8


def test_what_was_trained_is_loaded_again_for_the_same_names(
    toy_set: Toys, toy_nouns: list[Noun], tmp_path: Path
) -> None:
    _, shelf = toy_set
    path = tmp_path / "judge" / "classifier.pt"
    first = load_or_train(toy_nouns, shelf, path, steps=2)

    again = load_or_train(toy_nouns, shelf, path, steps=2)

    assert again.names == first.names
    assert all((a == b).all() for a, b in zip(first.state_dict().values(), again.state_dict().values(), strict=True))
    assert load_or_train(toy_nouns[:2], shelf, path, steps=2).names == ["apple", "leaf"]
