import pytest

from generation import lifecycle
from tests.generation.api.calling import PROMPT, make_program
from tests.generation.runs import claim, pictures

pytestmark = pytest.mark.django_db


def test_a_finished_run_lists_its_pictures() -> None:
    program = make_program()
    made = program.post("diffusions", {**PROMPT, "numImages": 2}).json()
    job = claim().jobs[0]
    lifecycle.finish(job, job.attempt, pictures(job, 0, 1))

    answer = program.get(f"diffusions/{made['id']}").json()

    assert answer["status"] == "FINISHED", answer
    assert answer["images"] == [output["url"] for output in answer["outputs"]]
    assert len(answer["images"]) == 2
    assert answer["cost"] == {"credits": 2, "charged": 2, "perImage": 1}
