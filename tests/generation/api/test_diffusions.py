import re

import pytest

from generation.models import Job
from tests.generation.api.calling import PROMPT, api_balance, make_program

pytestmark = pytest.mark.django_db


def test_a_post_is_answered_as_the_guide_says() -> None:
    program = make_program(credits=10)

    response = program.post("diffusions", PROMPT)

    answer = response.json()
    assert response.status_code == 201, answer
    assert answer["status"] == "NEW"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", answer["createdAt"])
    assert str(Job.objects.get().pk) == answer["id"]
    assert api_balance(program.user) == 9
