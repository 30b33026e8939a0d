import re
from datetime import datetime

import pytest

from tests.visitors import visitor, words

pytestmark = pytest.mark.django_db


def test_the_changelog_is_a_page_with_one_title() -> None:
    page = words(visitor().get("/changelog/"))

    assert page.count("<h1") == 1
    assert re.search(r"<h2>\d+ [A-Z][a-z]+ 20\d\d</h2>\n<ul>\n<li>", page)


def test_it_speaks_to_customers_and_not_of_the_engineering() -> None:
    page = words(visitor().get("/changelog/"))

    for word in ("Unreleased", "make reliability", "migration", "PostgreSQL"):
        assert word not in page


def test_the_days_are_in_order_the_newest_first() -> None:
    found = re.findall(r"<h2>(\d+ [A-Z][a-z]+ \d{4})</h2>", words(visitor().get("/changelog/")))
    days = [datetime.strptime(f"{day} +0000", "%d %B %Y %z") for day in found]

    assert days
    assert days == sorted(days, reverse=True)
