import re

import pytest

from accounts import api_keys
from accounts.models import ApiKey
from billing import ledger
from billing.models import Product
from tests.factories import add_lot, make_user
from tests.visitors import assert_sent_to_login, visitor, words

pytestmark = pytest.mark.django_db

PAGE = "/settings/api-keys/"
FILLED = {"name": "Server", "kind": "live", "scopes": ["generate", "read"]}


def test_anonymous_people_log_in_first() -> None:
    assert_sent_to_login(visitor().get(PAGE), PAGE)


def test_a_person_sees_their_own_keys_alone() -> None:
    user = make_user()
    mine, _ = api_keys.create(user, "Mine")
    theirs, _ = api_keys.create(make_user(), "Theirs")

    page = words(visitor(user).get(PAGE))

    assert mine.prefix in page
    assert theirs.prefix not in page
    assert "Theirs" not in page


def test_without_a_key_the_page_leads_to_the_first_picture() -> None:
    page = words(visitor(make_user()).get(PAGE))
    assert "Make your first key" in page
    assert page.count('class="command-title"') == 3
    assert "curl -X POST http://localhost:8000/v1/diffusions" in page


def test_a_new_key_is_shown_once_and_no_cache_may_keep_it() -> None:
    user = make_user()
    client = visitor(user)

    answer = client.post(PAGE, {**FILLED, "daily_cap": "50", "networks": "203.0.113.7, 2001:db8::/32"})

    found = re.search(r'id="key-text" value="(gi_live_\w{40})"', words(answer))
    assert found is not None
    assert answer["Cache-Control"] == "no-store"
    key = api_keys.verify(found[1], "203.0.113.7")
    assert (key.user, key.name, key.scopes, key.daily_cap) == (user, "Server", ["generate", "read"], 50)
    assert key.allowed_networks == ["203.0.113.7/32", "2001:db8::/32"]
    assert found[1] not in words(client.get(PAGE))


def test_the_commands_have_the_new_key_filled_in() -> None:
    page = words(visitor(make_user()).post(PAGE, {**FILLED, "kind": "test"}))
    assert re.search(r"Authorization: Bearer gi_test_\w{40}", page)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("name", "  ", "Give the key a name."),
        ("name", "M" * 61, "at most 60"),
        ("kind", "gold", "Select a valid choice"),
        ("scopes", [], "Choose at least one"),
        ("scopes", ["admin"], "Select a valid choice"),
        ("daily_cap", "0", "greater than or equal to 1"),
        ("monthly_cap", "many", "Enter a whole number"),
        ("networks", "203.0.113.7/24", "did you mean 203.0.113.0/24?"),
        ("expires_on", "2020-01-01", "from today on"),
        ("expires_on", "9999-12-31", "within ten years"),
    ],
)
def test_what_is_refused_stands_beside_its_field_and_makes_no_key(field: str, value: object, message: str) -> None:
    answer = visitor(make_user()).post(PAGE, {**FILLED, field: value})

    assert answer.status_code == 422
    assert message in words(answer)
    assert not ApiKey.objects.exists()


def test_the_51st_key_is_refused() -> None:
    user = make_user()
    for number in range(50):
        api_keys.create(user, f"Key {number}")

    answer = visitor(user).post(PAGE, FILLED)

    assert answer.status_code == 422
    assert "which is the most" in words(answer)


def test_a_name_is_shown_as_text() -> None:
    user = make_user()
    api_keys.create(user, "<script>alert(1)</script>")
    assert "<script>alert" not in words(visitor(user).get(PAGE))


def test_the_balance_is_the_apis() -> None:
    user = make_user()
    add_lot(ledger.wallet_of(user, Product.API), 1234)
    add_lot(ledger.wallet_of(user), 77)
    assert '<strong class="api-credits-number">1,234</strong>' in words(visitor(user).get(PAGE))


def test_a_key_that_may_do_nothing_is_refused_where_the_focus_can_go() -> None:
    page = words(visitor(make_user()).post(PAGE, {**FILLED, "scopes": []}))

    assert 'aria-invalid="true" aria-describedby="scopes-error" tabindex="-1"' in page
