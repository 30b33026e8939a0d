import pytest

from generation import params
from tests.generation.runs import make_person
from tests.generation.trained import ready

pytestmark = pytest.mark.django_db


def test_a_run_without_loras_is_stored_as_runs_always_were_and_one_with_names_their_checksums() -> None:
    model = ready(make_person())
    plain, changed = (
        params.parse("text-to-image", {"prompt": "a zwerg", "model": name}, model.owner)
        for name in ("starter", str(model.pk))
    )

    assert "loras" not in plain.as_dict()
    assert changed.as_dict()["loras"] == [
        {"id": str(model.pk), "weight": 1.0, "sha256": model.sha256, "name": "My toy"}
    ]
    assert plain.fingerprint() != changed.fingerprint()
