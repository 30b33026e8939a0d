import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from pytest_django import Settings

from accounts import places


def network(address: str, *, forwarded_for: str = "") -> str:
    headers = {"X-Forwarded-For": forwarded_for} if forwarded_for else {}
    return places.network_of(RequestFactory().get("/", headers=headers, REMOTE_ADDR=address))


def test_one_address_is_one_network_and_another_is_another() -> None:
    assert network("93.184.216.34") == network("93.184.216.34") != network("93.184.216.35")


def test_ipv6_addresses_of_one_house_are_one_network() -> None:
    assert network("2606:4700:1:2::1") == network("2606:4700:1:2:ffff::9") != network("2606:4700:1:3::1")


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.7", "192.168.1.1", "::1", "fd00::1", "", "nonsense"])
def test_an_address_that_is_not_public_says_nothing(address: str) -> None:
    assert network(address) == ""


def test_behind_a_proxy_the_visitor_counts(settings: Settings) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert network("10.0.0.7", forwarded_for="1.1.1.1, 93.184.216.34") == network("93.184.216.34")


def test_the_address_itself_is_not_kept_and_the_key_matters(settings: Settings) -> None:
    before = network("93.184.216.34")
    assert "93.184" not in before
    settings.SECRET_KEY = "another" * 10
    assert network("93.184.216.34") != before


def test_a_browser_is_named_once_and_recognised() -> None:
    request = RequestFactory().get("/")
    assert places.device_of(request) == ""
    response = HttpResponse()
    places.name_device(request, response)
    request.COOKIES["device"] = response.cookies["device"].value
    assert places.device_of(request)
    again = HttpResponse()
    places.name_device(request, again)
    assert "device" not in again.cookies


def test_a_name_that_we_did_not_give_is_none() -> None:
    request = RequestFactory().get("/")
    request.COOKIES["device"] = "mine:forged:signature"
    assert places.device_of(request) == ""
