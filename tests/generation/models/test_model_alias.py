import pytest
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks

from generation.models import ModelAlias

pytestmark = pytest.mark.django_db


def test_aliases_are_read_once(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    ModelAlias.objects.update_or_create(slug="dream", defaults={"target": "starter"})

    with django_assert_num_queries(1):
        assert ModelAlias.targets()["dream"] == "starter"
        assert ModelAlias.targets()["dream"] == "starter"


def test_a_change_is_heard_at_once(django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks) -> None:
    ModelAlias.targets()

    with django_capture_on_commit_callbacks(execute=True):
        alias = ModelAlias.objects.create(slug="dream", target="starter")
    assert ModelAlias.targets()["dream"] == "starter"

    with django_capture_on_commit_callbacks(execute=True):
        alias.delete()
    assert "dream" not in ModelAlias.targets()
