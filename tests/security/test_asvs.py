"""docs/security.md: each requirement answered once, by tests that are there; what it says of the site is so."""

import re
from collections import Counter

from allauth.account import app_settings
from allauth.mfa import app_settings as mfa_settings
from django.apps import apps
from django.conf import settings

from accounts.models import User
from tests.rules import tree

DOCUMENT = (tree.ROOT / "docs" / "security.md").read_text()
LINE = re.compile(r"^\| (\d+\.\d+\.\d+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
# Of OWASP ASVS 5.0.0, levels 1 and 2, by chapter. Source: github.com/OWASP/ASVS, 5.0/docs_en/, the CSV of 5.0.0.
REQUIREMENTS = {1: 27, 2: 11, 3: 19, 4: 10, 5: 9, 6: 35, 7: 18, 8: 7, 9: 7, 10: 29, 11: 14, 12: 9, 13: 13, 14: 9}
REQUIREMENTS |= {15: 13, 16: 16, 17: 7}
OTHER_ANSWERS = ("not applicable: ", "by settings: ", "not done: ")
ENOUGH = 0.70


def section(title: str) -> str:
    """Return what stands below a heading."""
    return DOCUMENT.split(f"\n## {title}\n")[1].split("\n## ")[0]


def test_the_document_answers_each_requirement_once() -> None:
    numbers = [number for number, _, _ in LINE.findall(DOCUMENT)]

    assert len(numbers) == len(set(numbers)) == sum(REQUIREMENTS.values()) == 253
    assert Counter(int(number.split(".")[0]) for number in numbers) == REQUIREMENTS


def test_every_answer_names_a_test_that_is_there_or_a_reason() -> None:
    wrong = []
    for number, _, answer in LINE.findall(DOCUMENT):
        found = re.fullmatch(r"`(tests/[\w/]+\.py)::(test_\w+)`", answer)
        if found is None:
            wrong += [] if answer.startswith(OTHER_ANSWERS) else [f"{number}: {answer}"]
        elif not (path := tree.ROOT / found[1]).exists() or f"def {found[2]}(" not in path.read_text():
            wrong.append(f"{number}: {answer}")
    assert wrong == []


def test_so_many_are_answered_by_tests_as_is_said() -> None:
    answers = [answer for _, _, answer in LINE.findall(DOCUMENT)]
    applicable = [answer for answer in answers if not answer.startswith("not applicable: ")]
    tested = [answer for answer in applicable if answer.startswith("`tests/")]

    assert len(tested) >= ENOUGH * len(applicable)
    assert f"{len(applicable)} apply here; {len(tested)} of them ({len(tested) / len(applicable):.0%})" in DOCUMENT


def test_limits_are_written_down() -> None:
    bounds = {name for name in tree.variables_read() if re.search(r"_MAX|_A_DAY|_A_PERSON|_RATE_|_QUOTA", name)}
    text = section("Limits")

    assert len(bounds) > 15
    assert {name for name in bounds if f"`{name}`" not in text} == set()
    for action in ("login", "login_failed", "signup", "reset_password", "reauthenticate", "verify", "upload"):
        assert f"`{action}` {app_settings.RATE_LIMITS[action]}" in text


def test_ways_in_and_sessions_are_as_written_down() -> None:
    text = section("Ways in and sessions")

    assert f"{settings.SESSION_COOKIE_AGE // 86400} days" in text
    assert f"{app_settings.REAUTHENTICATION_TIMEOUT} seconds" in text
    assert f"{mfa_settings.RECOVERY_CODE_COUNT} recovery codes" in text
    for way in (*mfa_settings.SUPPORTED_TYPES, *settings.VOUCHER_PAGES, *settings.AUTHENTICATION_BACKENDS):
        assert f"`{way}`" in text


def test_every_key_is_in_the_inventory() -> None:
    secret = re.compile(r"_KEYS?$|_KEY_|SECRET|PASSWORD|_TOKEN$|CERTIFICATE")
    keys = {name for name in tree.variables_read() if secret.search(name)} - {"API_RATE_KEY"}
    text = section("Keys and ciphers")

    assert len(keys) > 12
    assert {name for name in keys if f"`{name}`" not in text} == set()
    # How each is changed.
    handbook = (tree.ROOT / "docs" / "operations.md").read_text().split("\n## Keys\n")[1].split("\n## ")[0]
    with_passwords = keys | {"DATABASE_URL", "REDIS_URL", "SENTRY_DSN"}
    assert {name for name in with_passwords if f"`{name}`" not in handbook} == set()


def test_every_kind_of_row_about_a_person_has_its_class() -> None:
    text = section("What is kept about people")
    about = {
        model._meta.label
        for model in apps.get_models()
        if any(field.related_model is User for field in model._meta.fields)
    }
    assert len(about) > 30
    assert {label for label in about if f"`{label}`" not in text} == set()


def test_times_for_mending_and_logs_are_written_down() -> None:
    assert "within 7 days" in section("Packages with known holes")
    text = section("Logs")
    for name in ("LOG_FORMAT", "LOG_LEVEL", "SENTRY_DSN", "METRICS_TOKEN"):
        assert name in tree.variables_read()
        assert f"`{name}`" in text
