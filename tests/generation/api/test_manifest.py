import pytest

from tests.generation.api.calling import PROMPT, make_program
from tests.generation.api.test_diffusion import draw, order

pytestmark = pytest.mark.django_db


def test_a_run_links_the_manifests_of_its_pictures() -> None:
    program = make_program()
    made = order(program, numImages=2, seed=9)
    draw(1, 0)

    url = program.get(f"diffusions/{made}").json()["manifestUrl"]
    answer = program.get(url.partition("/v1/")[2]).json()

    assert url.endswith(f"/v1/diffusions/{made}/manifest")
    assert answer["id"] == made
    assert [(one["seed"], one["prompt"]) for one in answer["manifests"]] == [
        (9, PROMPT["prompt"]),
        (10, PROMPT["prompt"]),
    ]


def test_another_persons_manifest_is_not_there() -> None:
    made = order(make_program())

    assert make_program().get(f"diffusions/{made}/manifest").status_code == 404
