import pytest

from billing.models import FREE, Plan
from tests.visitors import visitor, words

pytestmark = pytest.mark.django_db


def test_the_day_of_the_credits_is_explained() -> None:
    page = words(visitor().get("/faq/"))

    assert "Signed up on the 15th? Then they come on the 15th." in page
    assert "Settings → Billing" in page


def test_a_site_without_free_credits_promises_none() -> None:
    Plan.objects.filter(pk=FREE).update(monthly_credits=0)

    assert "try it for free" not in words(visitor().get("/faq/"))
