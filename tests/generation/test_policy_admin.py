"""Operators change the rules of moderation in the admin: at once in this process, within seconds in the others."""

import re
from collections.abc import Iterator

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from accounts.models import AuditLine, User
from generation import image_check, moderation, policy_rules
from generation.models import PolicyRule
from tests.factories import make_user
from tests.visitors import visitor, words

pytestmark = pytest.mark.django_db

LIST = "/admin/generation/policyrule/"
EMPTY = {"action": "", "threshold": "", "image_threshold": "", "terms": "", "hints": "", "left_out": ""}


@pytest.fixture(autouse=True)
def as_shipped() -> Iterator[None]:
    """Leave no rule to the next test."""
    policy_rules.memory.forget()
    yield
    policy_rules.memory.keep((), float("inf"))


@pytest.fixture
def operator() -> Client:
    """Return the browser of somebody who may change them, with a row for each category."""
    client = visitor(make_user(is_staff=True, is_superuser=True))
    assert client.get(LIST).status_code == 200
    return client


def change(client: Client, category: str, **values: str) -> str:
    """Save a form; returns what it objects to."""
    answer = client.post(f"{LIST}{category}/change/", {**EMPTY, **values})
    return "" if answer.status_code == 302 else " ".join(re.findall(r"errorlist[^>]*>(.*?)</ul>", words(answer)))


def verdict(text: str) -> str:
    return moderation.policy().verdict(text)[0]


def test_words_are_added_and_shipped_ones_left_out_and_a_line_says_so(operator: Client) -> None:
    assert (verdict("a blorbish fox"), verdict("a topless man")) == ("allow", "block")

    assert change(operator, "sexual", terms="Blorb*".lower() + "\n\n", left_out="topless", threshold="1.0") == ""

    assert (verdict("a blorbish fox"), verdict("a topless man")) == ("block", "allow")
    [line] = AuditLine.objects.filter(kind="generation.policyrule", object_id="sexual")
    assert line.changes == {"left_out": ["", "…"], "terms": ["", "…"], "threshold": [None, 1.0]} | {
        name: line.changes[name] for name in line.changes if name == "changed_at"
    }
    assert "blorb" not in str(line.changes)


def test_action_and_thresholds_are_an_operators(operator: Client) -> None:
    assert change(operator, "gore", action="flag") == ""
    assert verdict("a gory scene") == "flag"
    assert change(operator, "gore", action="block", threshold="1.5") == ""
    assert verdict("a gory scene") == "allow"
    assert image_check.verdict({"sexual": 0.6}) is not None
    assert change(operator, "sexual", image_threshold="0.7") == ""
    assert image_check.verdict({"sexual": 0.6}) is None


def test_a_harmless_phrase_is_taken_out(operator: Client) -> None:
    assert verdict("a nude mouse in a lab") == "block"

    assert change(operator, "harmless", terms="nude mouse/mice") == ""

    assert verdict("a nude mouse in a lab") == "allow"
    assert verdict("a nude woman") == "block"


def test_what_makes_no_sense_is_said_at_the_field(operator: Client) -> None:
    assert "always blocked" in change(operator, "minors", action="flag")
    assert PolicyRule.objects.get(category="minors").change == ("minors", "", None, None, (), (), ())


def test_a_row_written_by_hand_makes_nothing_looser_for_children() -> None:
    PolicyRule.objects.create(category="minors", action="allow", threshold=50)

    assert verdict("loli") == "block"


def test_a_text_can_be_tried_and_is_not_kept(operator: Client) -> None:
    page = words(operator.post(LIST, {"try": "1", "tried": "a n u d e woman, sexy"}))
    assert "Block: refused" in page
    assert "nude, sexy" in page
    assert "No rule hits it." in words(operator.post(LIST, {"try": "1", "tried": "a red fox"}))
    assert not AuditLine.objects.filter(note__contains="fox").exists()


def test_who_may_not_see_them_tries_nothing(operator: Client) -> None:
    clerk, reader = make_user(is_staff=True), make_user(is_staff=True)
    reader.user_permissions.add(Permission.objects.get(codename="view_policyrule"))

    assert visitor(clerk).post(LIST, {"try": "1", "tried": "a fox"}).status_code == 403
    browser = visitor(User.objects.get(pk=reader.pk))
    assert "No rule hits it." in words(browser.post(LIST, {"try": "1", "tried": "a fox"}))
    assert browser.post(f"{LIST}sexual/change/", {**EMPTY, "action": "allow"}).status_code == 403
