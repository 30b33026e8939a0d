"""What operators may write into the rules of moderation."""

import pytest

from generation.models import PolicyRule
from generation.policy_forms import PolicyRuleForm

pytestmark = pytest.mark.django_db


def form_of(category: str, **values: str) -> PolicyRuleForm:
    return PolicyRuleForm(values, instance=PolicyRule(category=category))


@pytest.mark.parametrize(
    ("category", "values", "objection"),
    [
        ("minors", {"action": "flag"}, "always blocked"),
        ("minors", {"threshold": "1.2"}, "at most"),
        ("minors", {"image_threshold": "0.5"}, "at most"),
        ("minors", {"left_out": "loli"}, "Nothing is left out"),
        ("harmless", {"terms": "young girl"}, "endangers children"),
        ("harmless", {"terms": "nude"}, "endangers children"),
        ("sexual", {"terms": "Ünude"}, "small letters without accents: “unude”"),
        ("sexual", {"terms": "ab"}, "too short"),
        ("sexual", {"terms": "x" * 101}, "too long"),
        ("sexual", {"terms": "a*b nude"}, "neither letter nor digit"),
        ("sexual", {"terms": "\n".join(f"word{number}" for number in range(501))}, "501 lines"),
        ("sexual", {"threshold": "0"}, "above 0 and at most 100"),
        ("sexual", {"image_threshold": "1.1"}, "above 0 and at most 1."),
        ("gore", {"image_threshold": "0.5"}, "No classifier"),
    ],
)
def test_what_makes_no_sense_is_refused(category: str, values: dict[str, str], objection: str) -> None:
    form = form_of(category, **values)

    assert not form.is_valid()
    assert objection in str(form.errors)


def test_lines_are_kept_once_and_without_blanks_around_them() -> None:
    form = form_of("sexual", terms="  blorb*\r\n\r\nnude  lipstick/heels\nblorb*\n", threshold="0.8")

    assert form.is_valid(), form.errors
    assert form.cleaned_data["terms"] == "blorb*\nnude lipstick/heels"


def test_what_endangers_children_may_be_made_stricter() -> None:
    assert form_of("minors", terms="blorbling", threshold="0.4", image_threshold="0.2").is_valid()
