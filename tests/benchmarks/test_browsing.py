from urllib.parse import parse_qsl, urlsplit

from benchmarks import bare_pages, browsing
from benchmarks.library_rows import Library
from generation import library_filters

PERSON = "0174876e-8000-7000-8000-000000000000"


def queries() -> list[dict[str, str]]:
    library = Library(PERSON, PERSON, PERSON, PERSON)
    addresses = [address for asked in browsing.addresses_of(library).values() for address in asked]
    return [dict(parse_qsl(urlsplit(address).query)) for address in addresses]


def test_every_field_of_the_library_is_asked_for() -> None:
    asked = {name for query in queries() for name in query}

    assert asked == {*library_filters.FIELDS, "before"}


def test_each_address_has_a_statement_with_all_its_values() -> None:
    for query in queries():
        sql, values = bare_pages.statement(PERSON, query)
        assert sql % dict.fromkeys(values, "x")
        assert sql.count(" AND ") >= len(query) + 1


def test_days_end_at_midnight() -> None:
    _, values = bare_pages.statement(PERSON, {"until": "2023-12-31"})

    assert values["until"] == "2024-01-01"
