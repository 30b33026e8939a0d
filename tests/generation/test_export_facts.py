"""What an export says, in words; that it says all of it, and of nobody else: `tests/getimg_site/test_leaving.py`."""

from collections.abc import Iterator

import pytest

from generation import export_facts, folders, shelving
from generation.models import Image
from tests.generation.pictures import draw
from tests.generation.runs import finished, make_person

pytestmark = pytest.mark.django_db


def test_a_picture_says_where_it_lies_and_that_it_lies_in_no_folder() -> None:
    user = make_person()
    filed, loose = draw(user), draw(user)
    shelving.move(Image.objects.filter(pk=filed.pk), folders.make(user, "Foxes"))

    lies_in = [export_facts.of_picture(Image.objects.get(pk=image.pk))["library"]["folder"] for image in (filed, loose)]

    assert lies_in == ["Foxes", None]


def test_long_lists_are_read_as_they_are_written() -> None:
    user, other = make_person(), make_person("bob@example.com")
    mine = [finished(user, prompt=f"fox {number}") for number in range(2)]
    finished(other)

    runs = export_facts.of_runs(user)["runs"]

    assert isinstance(runs, Iterator)
    assert [run["id"] for run in runs] == [job.pk for job in mine]
