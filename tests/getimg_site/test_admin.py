import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse

from accounts.models import User
from billing import ledger
from tests.generation.runs import finished, make_person

pytestmark = pytest.mark.django_db


def test_people_are_listed_with_balance_and_runs(client: Client) -> None:
    client.force_login(User.objects.create_superuser("root@example.com", "correct horse battery"))
    finished(make_person(credits=57), num_images=4)

    page = client.get(reverse("admin:accounts_user_changelist"), {"q": "ada@"}).content.decode()

    assert "ada@example.com" in page
    assert ">53</a>" in page
    assert "user__id__exact" in page


def test_a_person_can_be_opened_and_changed(client: Client) -> None:
    client.force_login(User.objects.create_superuser("root@example.com", "correct horse battery"))
    user = make_person()
    url = reverse("admin:accounts_user_change", args=[user.pk])

    assert client.get(url).status_code == 200
    client.post(url, {"email": user.email, "display_name": "Ada", "time_zone": "Europe/Berlin", "is_active": "on"})

    user.refresh_from_db()
    assert (user.display_name, user.time_zone) == ("Ada", "Europe/Berlin")


def test_the_page_of_a_person_leads_to_their_wallet_and_runs(client: Client) -> None:
    client.force_login(User.objects.create_superuser("root@example.com", "correct horse battery"))
    user = make_person(credits=57)

    page = client.get(reverse("admin:accounts_user_change", args=[user.pk])).content.decode()

    wallet = reverse("admin:billing_wallet_change", args=[ledger.wallet_of(user).pk])
    assert f'<a href="{wallet}">57</a>' in page
    assert f"{reverse('admin:generation_job_changelist')}?user__id__exact={user.pk}" in page


def test_visitors_and_people_do_not_get_in(client: Client) -> None:
    url = reverse("admin:accounts_user_changelist")
    assert client.get(url).status_code == 302
    client.force_login(make_person())
    assert client.get(url).status_code in (302, 403)


@pytest.mark.parametrize("page", ["index", "billing_wallet_money", "billing_plan_changelist"])
def test_a_test_shop_is_marked_on_the_pages_of_operators_too(client: Client, settings: LazySettings, page: str) -> None:
    client.force_login(User.objects.create_superuser("root@example.com", "correct horse battery"))
    assert "no real money" not in client.get(reverse(f"admin:{page}")).content.decode()
    settings.TEST_SHOP = True
    assert "Test shop: no real money." in client.get(reverse(f"admin:{page}")).content.decode()
