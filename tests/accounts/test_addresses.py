import pytest

from accounts import addresses
from accounts.models import User
from tests.factories import make_user


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("email", "mailbox"),
    [
        ("ada@example.com", "ada@example.com"),
        ("ada+x@example.com", "ada@example.com"),
        ("ada+x+y@example.com", "ada@example.com"),
        ("a.d.a@example.com", "a.d.a@example.com"),
        ("a.d.a+x.y@gmail.com", "ada@gmail.com"),
        ("a.da@googlemail.com", "ada@gmail.com"),
        ("ada@mail.gmail.com", "ada@mail.gmail.com"),
        ("ada@notgmail.com", "ada@notgmail.com"),
        ("+x@example.com", "@example.com"),
        ("grüße.@exämple.com", "grüße.@exämple.com"),
    ],
)
def test_an_address_leads_into_a_mailbox(email: str, mailbox: str) -> None:
    assert User.objects.get(pk=make_user(email=email).pk).mailbox == mailbox


@pytest.mark.django_db
def test_the_mailbox_follows_the_address_however_it_is_changed() -> None:
    user = make_user(email="ada@example.com")
    User.objects.filter(pk=user.pk).update(email="Bob+x@Example.com")
    assert User.objects.get().mailbox == "bob@example.com"


@pytest.mark.parametrize(
    ("email", "is_disposable"),
    [
        ("ada@mailinator.com", True),
        ("ada@Mailinator.COM", True),
        ("ada@a.b.mailinator.com", True),
        ("ada@mailinator.com.example.com", False),
        ("ada@gmail.com", False),
        ("ada@com", False),
    ],
)
def test_a_disposable_domain_is_known_with_all_below_it(email: str, is_disposable: bool) -> None:
    assert addresses.is_disposable(email) is is_disposable


def test_others_see_the_first_letter_and_the_domain() -> None:
    assert addresses.masked("ada.lovelace@example.com") == "a…@example.com"
