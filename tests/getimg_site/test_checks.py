"""The system checks: each says what is wrong, and nothing where all is well."""

import os
import subprocess
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.checks import CheckMessage

from generation import certificates
from getimg_site import checks
from tests.rules.tree import ROOT


def ids(found: list[CheckMessage]) -> list[str | None]:
    return [message.id for message in found]


def test_the_settings_of_the_house_pass() -> None:
    assert checks.queue_retry_exceeds_timeouts() == []
    assert checks.scratch_is_writable() == []


def test_a_policy_or_a_classifier_that_cannot_work_is_an_error(settings: LazySettings) -> None:
    assert checks.moderation_can_work() == []
    settings.MODERATION_IMAGES = "safety-checker"
    assert ids(checks.moderation_can_work()) == ["getimg.E008"]
    settings.MODERATION = ["minors:allow"]
    assert ids(checks.moderation_can_work()) == ["getimg.E006"]


def test_a_retry_within_the_time_a_task_may_wait_and_run_is_an_error(settings: LazySettings) -> None:
    gpu = {**settings.Q_CLUSTER["ALT_CLUSTERS"]["gpu"], "retry": 3600}
    settings.Q_CLUSTER = {**settings.Q_CLUSTER, "ALT_CLUSTERS": {"gpu": gpu}}

    found = checks.queue_retry_exceeds_timeouts()

    assert ids(found) == ["getimg.E001"]
    assert "gpu" in found[0].msg
    assert "3600" in found[0].msg


def test_a_scratch_folder_that_cannot_be_written_is_an_error(settings: LazySettings, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    settings.SCRATCH_DIR = tmp_path / "file" / "scratch"

    found = checks.scratch_is_writable()

    assert ids(found) == ["getimg.E002"]
    assert str(settings.SCRATCH_DIR) in found[0].msg


def test_the_check_leaves_nothing_in_the_scratch_folder(settings: LazySettings, tmp_path: Path) -> None:
    settings.SCRATCH_DIR = tmp_path / "scratch"

    checks.scratch_is_writable()

    assert list(settings.SCRATCH_DIR.iterdir()) == []


def test_production_wants_its_services(settings: LazySettings) -> None:
    settings.PRODUCTION, settings.DATABASE_URL, settings.EMAIL_URL_HOST = False, "", ""

    settings.SUPPORT_EMAIL, settings.DEFAULT_FROM_EMAIL = "help@example.com", "studio <hello@example.com>"

    assert ids(checks.production_has_its_services()) == ["getimg.W001", "getimg.W002", "getimg.W003"]


def test_addresses_at_localhost_are_found(settings: LazySettings) -> None:
    settings.SUPPORT_EMAIL, settings.DEFAULT_FROM_EMAIL = "hello@localhost", "studio <hello@localhost>"

    found = [message.msg for message in checks.production_has_its_services() if message.id == "getimg.W005"]

    assert [words.split()[0] for words in found] == ["DEFAULT_FROM_EMAIL", "SUPPORT_EMAIL"]


def test_a_shop_that_takes_no_money_is_an_error(settings: LazySettings) -> None:
    settings.TEST_SHOP, settings.STRIPE_SECRET_KEY = True, "sk_test_embedded"
    settings.STRIPE_WEBHOOK_SECRETS = ["whsec"]

    assert ids(checks.money_is_real()) == ["getimg.E003"]


def test_production_without_a_shop_or_its_secret_is_found(settings: LazySettings) -> None:
    settings.TEST_SHOP, settings.PRODUCTION = False, True
    settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRETS = "", []
    assert ids(checks.money_is_real()) == ["getimg.W004"]

    settings.STRIPE_SECRET_KEY = "sk_live_something"
    assert ids(checks.money_is_real()) == ["getimg.E004"]

    settings.STRIPE_WEBHOOK_SECRETS = ["whsec"]
    assert checks.money_is_real() == []


def test_a_copy_of_ones_own_needs_no_shop(settings: LazySettings) -> None:
    settings.TEST_SHOP, settings.PRODUCTION, settings.STRIPE_SECRET_KEY = False, False, ""

    assert checks.money_is_real() == []


@pytest.mark.parametrize(
    ("named", "is_set"),
    [({}, "1"), ({"STRIPE_SECRET_KEY": "sk_live_x"}, "0"), ({"TEST_SHOP": "0"}, "0"), ({"PRODUCTION": "1"}, "0")],
)
def test_make_run_sells_at_the_test_shop_unless_there_is_a_real_one(named: dict[str, str], is_set: str) -> None:
    asked = ["make", "--dry-run", "--print-data-base", "run"]
    environment = {"PATH": os.environ["PATH"], **named}
    told = subprocess.run(asked, cwd=ROOT, env=environment, capture_output=True, text=True, check=False).stdout
    assert f"TEST_SHOP := {is_set}\n" in told


def test_production_with_its_services_is_well(settings: LazySettings) -> None:
    settings.PRODUCTION, settings.DATABASE_URL, settings.EMAIL_URL_HOST = True, "postgres://db/getimg", "mail"
    settings.SUPPORT_EMAIL, settings.DEFAULT_FROM_EMAIL = "help@example.com", "studio <hello@example.com>"

    assert checks.production_has_its_services() == []


def test_an_old_licence_key_that_cannot_be_read_is_an_error(settings: LazySettings) -> None:
    good = certificates.published_keys()[0]["x"]
    settings.LICENCE_OLD_PUBLIC_KEYS = [good]
    assert checks.licence_keys_are_keys() == []

    settings.LICENCE_OLD_PUBLIC_KEYS = [good, good[:-1], "Ä"]

    found = checks.licence_keys_are_keys()
    assert ids(found) == ["getimg.E005", "getimg.E005"]
    assert "entry 2" in found[0].msg
