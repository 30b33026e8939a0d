"""The audit of the ledger in the admin: a button for those who may, and what it found."""

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from accounts.models import AuditLine, User
from billing import ledger_audits
from billing.models import LedgerAudit, Wallet
from tests.factories import make_user, make_wallet
from tests.visitors import visitor, words

pytestmark = pytest.mark.django_db

LIST, START = "/admin/billing/ledgeraudit/", "/admin/billing/ledgeraudit/start/"


def test_an_operator_starts_one_and_reads_what_it_found(operator: Client) -> None:
    Wallet.objects.filter(pk=make_wallet(5).pk).update(balance=7)

    page = words(operator.post(START, follow=True))
    assert "An audit runs: 0 of 1 wallets are done." in page
    assert "An audit runs already." in words(operator.post(START, follow=True))
    ledger_audits.run_due()

    listing = words(operator.get(LIST))
    assert "Facts do not hold" in listing
    assert "An audit runs" not in listing
    audit = LedgerAudit.objects.get()
    assert "the balance is 7" in words(operator.get(f"{LIST}{audit.pk}/change/"))
    [line] = AuditLine.objects.filter(verb="start ledger audit")
    assert (line.actor, line.object_id) == (audit.asked_by, str(audit.pk))
    assert "audit of the ledger found faults" in words(operator.get("/admin/"))


def test_who_may_look_starts_none(clerk: Client) -> None:
    reader = make_user(is_staff=True)
    reader.user_permissions.add(Permission.objects.get(codename="view_ledgeraudit"))
    browser = visitor(User.objects.get(pk=reader.pk))

    assert "Audit the ledger now" not in words(browser.get(LIST))
    assert [one.post(START).status_code for one in (browser, clerk)] == [403, 403]
    assert browser.get(START).status_code == 405
    assert not LedgerAudit.objects.exists()
