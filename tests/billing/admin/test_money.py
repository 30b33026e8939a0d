"""The page about money: for those who may see payments, as plots, table and file."""

import csv

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from accounts.models import User
from tests.billing.books import make_payment
from tests.factories import make_user, make_wallet
from tests.visitors import visitor, words

pytestmark = pytest.mark.django_db

PAGE = "/admin/billing/wallet/money/"


def test_who_may_open_the_page(clerk: Client) -> None:
    assert visitor().get(PAGE).status_code == 302
    assert visitor(make_user()).get(PAGE).status_code == 302
    assert clerk.get(PAGE).status_code == 403
    user = make_user(is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_payment"))
    assert visitor(User.objects.get(pk=user.pk)).get(PAGE).status_code == 200


def test_the_index_leads_there_for_those_who_may(operator: Client, clerk: Client) -> None:
    assert PAGE in words(operator.get("/admin/"))
    assert PAGE not in words(clerk.get("/admin/"))


def test_it_shows_plots_and_the_figures(operator: Client) -> None:
    make_payment(make_wallet(), refunded_cents=500)
    text = words(operator.get(PAGE))
    assert text.count('class="plot-bars"') == 6
    for found in ("$20.00", "$5.00", "15.00", "5,000"):
        assert found in text


@pytest.mark.parametrize(("asked", "days"), [("", 30), ("90", 90), ("365", 365), ("7", 30), ("x", 30), ("9" * 30, 30)])
def test_the_span_is_one_of_three(operator: Client, asked: str, days: int) -> None:
    assert len(operator.get(PAGE, {"days": asked}).context["figures"].days) == days


def test_each_currency_has_its_own_page(operator: Client) -> None:
    make_payment(make_wallet())
    make_payment(make_wallet(), currency="eur")
    assert operator.get(PAGE).context["figures"].currency == "usd"
    assert "€20.00" in words(operator.get(PAGE, {"currency": "eur"}))
    assert operator.get(PAGE, {"currency": "xxx"}).context["figures"].currency == "usd"


def test_the_figures_come_as_a_file(operator: Client) -> None:
    make_payment(make_wallet())
    response = operator.get(PAGE, {"as": "csv", "days": "90"})
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    lines = list(csv.DictReader(words(response).splitlines()))
    assert len(lines) == 90
    assert (lines[-1]["revenue"], lines[-1]["granted"], lines[-1]["liability"]) == ("20.00", "5000", "5000")
