import pytest
from django.http import QueryDict

from generation.api import listing
from generation.api.problems import Problem


@pytest.mark.parametrize(
    ("query", "param"),
    [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=ten", "limit"),
        ("limit=1&limit=2", "limit"),
        ("after=7", "after"),
        ("status=DONE", "status"),
        ("status=", "status"),
        ("ref=%00", "ref"),
        ("model=" + "m" * 65, "model"),
        ("createdAfter=yesterday", "createdAfter"),
        ("createdAfter=2026-13-01T00:00:00Z", "createdAfter"),
        ("createdAfter=2026-01-01T00:00:00", "createdAfter"),
        ("page=2", "page"),
    ],
)
def test_what_is_out_of_bounds_is_refused_by_name(query: str, param: str) -> None:
    with pytest.raises(Problem) as caught:
        listing.read(QueryDict(query))

    assert caught.value.param == param


@pytest.mark.parametrize("text", ["2026-01-31T12:00:00Z", "2026-01-31T13:00:00%2B01:00", "2026-01-31T13:00:00+01:00"])
def test_a_moment_has_a_zone(text: str) -> None:
    found = listing.read(QueryDict(f"createdAfter={text}")).filters["created_at__gt"]

    assert found.isoformat() == "2026-01-31T12:00:00+00:00"


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00%2B23:00", "9999-12-31T23:59:59-23:00"])
def test_a_moment_at_the_edge_of_time_is_the_edge(text: str) -> None:
    assert listing.read(QueryDict(f"createdAfter={text}")).filters["created_at__gt"].year in {1, 9999}


def test_without_a_query_it_is_the_first_page() -> None:
    assert listing.read(QueryDict("")) == listing.Listing({}, None, listing.LIMIT_DEFAULT)
