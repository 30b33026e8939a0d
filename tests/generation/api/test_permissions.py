import pytest

from accounts.models import Scope
from tests.generation.api.calling import PROMPT, make_program
from tests.generation.api.reading import code_of, read

pytestmark = pytest.mark.django_db


def test_a_reading_key_reads_and_makes_nothing() -> None:
    program = make_program(scopes=[Scope.READ])

    assert program.get("account").status_code == 200
    refused = program.post("diffusions", PROMPT)
    assert (refused.status_code, code_of(refused)) == (403, "missing_scope")
    assert "generate" in read(refused)["detail"]


def test_a_making_key_makes_and_reads_nothing() -> None:
    program = make_program(scopes=[Scope.GENERATE])

    assert program.post("diffusions", PROMPT).status_code == 201
    refused = program.get("account")
    assert (refused.status_code, code_of(refused)) == (403, "missing_scope")
