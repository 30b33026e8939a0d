import pytest
from django.urls import reverse

from accounts import api_keys
from tests.factories import make_user
from tests.visitors import visitor, words

pytestmark = pytest.mark.django_db


def test_operators_see_keys_without_their_hashes_and_revoke_them() -> None:
    operator = visitor(make_user(is_staff=True, is_superuser=True))
    key, _ = api_keys.create(make_user(email="ada@example.com"), "Laptop")
    listing = reverse("admin:accounts_apikey_changelist")

    assert key.prefix in words(operator.get(listing, {"q": "ada@example.com"}))
    page = words(operator.get(reverse("admin:accounts_apikey_change", args=[key.pk])))
    assert key.digest not in page
    assert "deletelink" not in page
    assert operator.get(reverse("admin:accounts_apikey_add")).status_code == 403

    operator.post(listing, {"action": "revoke", "_selected_action": [str(key.pk)]})
    key.refresh_from_db()
    assert key.is_revoked
