"""What `make reliability` may be asked for, and a small history in `make test`."""

import random

import pytest
from django.conf import LazySettings

from tests.flows.test_event_histories import run_history, shuffled
from tests.reliability.__main__ import PROOFS, main, reads_seed, reads_size
from tests.reliability.size import seed
from tests.second_tries import may_be_the_load

OF_SEVERAL_SIZES = {"outages", "points", "slow", "api", "forms", "soak", "export"}
WITHOUT_DICE = {"credit", "export", "files", "keys", "messages", "months", "sweep", "trainings"}


def test_a_size_is_for_the_proofs_that_have_several_and_a_seed_for_those_whose_dice_it_begins() -> None:
    assert {name for name in PROOFS if reads_size(name)} == OF_SEVERAL_SIZES
    assert {name for name in PROOFS if not reads_seed(name)} == WITHOUT_DICE


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["--only", "ledger", "--size", "500"], "ledger has one size alone"),
        (["--only", "ledger,credit,keys", "--seed", "7"], "credit, keys: one seed alone, or none"),
    ],
)
def test_what_a_proof_does_not_read_is_refused(asked: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(asked)
    assert said in capsys.readouterr().err


def test_a_proof_has_a_second_try_for_the_load_alone(request: pytest.FixtureRequest) -> None:
    mark = request.node.get_closest_marker("flaky")
    assert mark.kwargs == {"reruns": 1, "condition": may_be_the_load}


def test_each_letter_comes_three_times_in_another_order() -> None:
    letters = [{"id": number} for number in range(9)]
    post = shuffled(letters, random.Random(1))
    assert sorted(event["id"] for event in post) == sorted([*range(9)] * 3)
    assert post[:9] != letters


@pytest.mark.django_db
@pytest.mark.usefixtures("embedded")
def test_a_small_history_shuffled_and_repeated_ends_as_in_order(settings: LazySettings) -> None:
    run_history(seed(0), orders=1, secret=settings.STRIPE_WEBHOOK_SECRETS[0], steps=5)
