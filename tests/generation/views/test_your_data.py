import pytest

from generation import export_worker, exports
from tests.generation.runs import make_person
from tests.visitors import HTMX, assert_sent_to_login, visitor, words

pytestmark = pytest.mark.django_db

PAGE = "/settings/your-data/"


def test_anonymous_people_log_in_first() -> None:
    assert_sent_to_login(visitor().get(PAGE), PAGE)


def test_whoever_has_none_is_offered_one() -> None:
    page = words(visitor(make_person()).get(PAGE))
    assert "those in the trash too" in page

    assert "Export everything</button>" in page
    assert "hx-trigger" not in page.partition('id="export"')[2].partition(">")[0]


def test_one_on_its_way_is_followed() -> None:
    user = make_person()
    export = exports.claim(exports.order(user).pk)
    assert export is not None
    exports.advance(export, pictures=10_000, done=2_500, skipped=0)

    part = words(visitor(user).get(PAGE, headers=HTMX))

    assert "2,500 of 10,000 pictures" in part
    assert 'hx-trigger="every 2s"' in part
    assert "<html" not in part


def test_one_that_is_ready_can_be_fetched_by_its_owner_alone() -> None:
    user = make_person()
    export = exports.order(user)
    export_worker.write(export.pk)

    address = f"{PAGE}export/{export.pk}/"
    assert address in words(visitor(user).get(PAGE))
    assert address not in words(visitor(make_person("bob@example.com")).get(PAGE))


def test_why_one_failed_is_said() -> None:
    user = make_person()
    export = exports.claim(exports.order(user).pk)
    assert export is not None
    exports.fail(export, "There was no room.")

    assert "There was no room." in words(visitor(user).get(PAGE))
