import pytest

from generation import base_weights, catalog, environments
from generation.engine.protocol import Ready
from generation.models import Environment

pytestmark = pytest.mark.django_db
READY = Ready(7, "cpu 2 threads", {"torch": "2.13.0", "engine": "aa"}, {"auto": "float32", "float32": "float32"})


def facts(ready: Ready = READY) -> environments.Facts:
    return environments.facts_of(ready, catalog.MODELS[catalog.DEFAULT_SLUG], (), environments.Weights())


def test_facts_name_weights_versions_device_and_precision() -> None:
    found = facts()

    assert found["model"]["id"] == catalog.DEFAULT_SLUG
    assert len(found["model"]["weights_sha256"]) == 64
    assert (found["device"], found["dtype"]) == ("cpu 2 threads", "float32")
    assert found["versions"]["torch"] == "2.13.0"


def test_the_same_facts_are_one_row() -> None:
    assert environments.keep(facts()) == environments.keep(facts())
    assert Environment.objects.count() == 1


def test_changes_say_what_was_and_what_is() -> None:
    later = Ready(8, "cuda:0 H100", {"torch": "2.14.0", "engine": "aa"}, READY.dtypes)

    assert environments.changes(facts(), facts(later)) == [
        ("device", "cpu 2 threads", "cuda:0 H100"),
        ("version of torch", "2.13.0", "2.14.0"),
    ]


def test_weights_are_looked_at_again_when_the_engine_has_read_them_again(monkeypatch: pytest.MonkeyPatch) -> None:
    model, weights, sums = catalog.MODELS[catalog.DEFAULT_SLUG], environments.Weights(), iter("abc")
    monkeypatch.setattr(base_weights, "all_of", lambda _: next(sums))

    first = [weights.checksum_of(model, 7), weights.checksum_of(model, 7)]
    weights.forget(model.slug)

    assert first == ["a", "a"]
    assert [weights.checksum_of(model, 7), weights.checksum_of(model, 8)] == ["b", "c"]
