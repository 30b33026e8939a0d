"""Mails about money: once for each change, in words for the person, and never in the way."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.conf import LazySettings
from django.core import mail
from django.db import transaction
from django.utils import timezone
from django_q.models import OrmQ

from accounts import closing
from accounts.models import User
from billing import notices, payments, subscriptions
from billing.models import DueNotice, Payment
from tests import mail_servers
from tests.billing import told
from tests.billing.told import NOW
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def user() -> User:
    return make_user(display_name="Ada", time_zone="Pacific/Auckland")


def deliver() -> list[str]:
    """Send what is owed; returns the kinds in their order."""
    kinds = list(DueNotice.objects.order_by("pk").values_list("kind", flat=True))
    assert notices.send_due(timezone.now()) == len(kinds)
    assert not DueNotice.objects.exists()
    return kinds


def test_a_receipt_comes_once(user: User) -> None:
    for _ in range(2):
        payments.apply_invoice(told.pack_invoice(user), told.charge(500))
    assert deliver() == ["receipt"]
    [sent] = mail.outbox
    assert (sent.subject, sent.to) == ("$5.00 for 1,000 credits: thank you", [user.email])
    assert "11 March 2027" in str(sent.body)  # in Auckland it is the next day already
    assert isinstance(sent, mail.EmailMultiAlternatives)
    assert "<p>Hello Ada,</p>" in str(sent.alternatives[0][0])


def test_nobody_writes_to_an_account_that_was_erased(user: User) -> None:
    payments.apply_invoice(told.pack_invoice(user), told.charge(500))
    closing.make_nobodys(user, user.email)

    assert notices.send_due(timezone.now()) == 0

    assert (mail.outbox, DueNotice.objects.count()) == ([], 0)


def test_nothing_paid_needs_no_receipt(user: User) -> None:
    free: dict[str, Any] = {"discount_cents": 500, "total_cents": 0, "due_cents": 0, "paid_cents": 0}
    payments.apply_invoice(told.pack_invoice(user, **free))
    assert deliver() == []


def test_a_failed_payment_is_told_once_with_the_date_of_the_grace(user: User, settings: LazySettings) -> None:
    settings.PAYMENT_GRACE_DAYS = 7
    state = told.subscription(user)
    subscriptions.apply(state)
    for _ in range(2):
        subscriptions.apply(replace(state, status="past_due"))
    assert deliver() == ["payment_failed"]
    body = str(mail.outbox[0].body)
    assert "18 March 2027" in body
    assert "/settings/billing/" in body
    assert "Visa ending in 4242" in body


def test_the_end_of_a_plan_is_told_once(user: User, clock: time_machine.Traveller) -> None:
    state = told.subscription(user)
    subscriptions.apply(state)
    clock.shift(timedelta(days=1))
    for _ in range(2):
        subscriptions.apply(replace(state, status="canceled", ended_at=NOW + timedelta(days=1)))
    assert deliver() == ["plan_ended"]
    assert "plan Starter has ended" in str(mail.outbox[0].body)
    assert "100 credits a month" in str(mail.outbox[0].body)
    kept_until = user.wallets.get().pictures_kept_until
    assert kept_until is not None
    last = kept_until.astimezone(user.zone)
    assert f"kept until {last:%-d %B %Y} at least" in str(mail.outbox[0].body)
    assert "From then on each goes when it is 90 days old; we write a week before" in str(mail.outbox[0].body)


def test_each_refund_is_told_and_says_what_is_owed(user: User) -> None:
    for refunded in (0, 250, 250, 500):
        payments.apply_invoice(told.pack_invoice(user), told.charge(500, refunded))
    assert deliver() == ["receipt", "refund", "refund"]
    assert "$5.00 of the $5.00 for 1,000 credits" in str(mail.outbox[-1].body)
    Payment.objects.update(taken_back=0, owed=300)
    assert notices.send("refund", str(Payment.objects.get().pk))
    assert "300 of them were spent already" in str(mail.outbox[-1].body)


def test_the_duplicate_has_no_receipt_and_its_refund_says_why(user: User) -> None:
    subscriptions.apply(told.subscription(user, id="sub_0", created_at=NOW - timedelta(hours=1)))
    subscriptions.apply(told.subscription(user))
    payments.apply_invoice(told.plan_invoice(user), told.charge(1000, 1000))
    assert deliver() == ["refund"]
    assert "you had this plan already" in str(mail.outbox[0].body)


def test_a_dispute_goes_to_the_operators(user: User, settings: LazySettings) -> None:
    settings.ADMINS = [("Op", "op@example.com")]
    for _ in range(2):
        payments.apply_invoice(told.pack_invoice(user), told.charge(500, is_disputed=True), [told.dispute(500)])
    assert deliver() == ["receipt", "dispute"]
    sent = mail.outbox[-1]
    assert sent.to == ["op@example.com"]
    assert "$5.00 is disputed" in sent.subject
    assert "fraudulent" in str(sent.body)


def test_the_test_shop_is_named_in_its_mails(user: User, settings: LazySettings) -> None:
    settings.TEST_SHOP = True
    payments.apply_invoice(told.pack_invoice(user), told.charge(500))
    deliver()
    assert "no real money moved" in str(mail.outbox[0].body)


def test_a_mail_that_cannot_be_sent_is_tried_again_until_it_goes_out(
    user: User, settings: LazySettings, clock: time_machine.Traveller
) -> None:
    payments.apply_invoice(told.pack_invoice(user), told.charge(500))
    settings.EMAIL_BACKEND, takes_it = mail_servers.AWAY, settings.EMAIL_BACKEND
    for pause in (1, 5, 15, 60, 60):
        assert notices.send_due(timezone.now()) == 0
        assert DueNotice.objects.get().due_at == timezone.now() + timedelta(minutes=pause)
        clock.shift(timedelta(minutes=pause))
    settings.EMAIL_BACKEND = takes_it

    assert deliver() == ["receipt"]
    assert len(mail.outbox) == 1


def test_a_mail_that_never_goes_out_is_given_up_after_three_days(
    user: User, settings: LazySettings, clock: time_machine.Traveller, caplog: pytest.LogCaptureFixture
) -> None:
    payments.apply_invoice(told.pack_invoice(user), told.charge(500))
    settings.EMAIL_BACKEND = mail_servers.AWAY
    clock.shift(timedelta(days=3, minutes=1))
    for _ in range(4):  # however late the first of them is
        notices.send_due(timezone.now())
        assert DueNotice.objects.exists()
        clock.shift(timedelta(hours=1))
    notices.send_due(timezone.now())
    assert not DueNotice.objects.exists()
    assert [record.message for record in caplog.records if record.levelname == "ERROR"] == ["mail given up"]


def test_an_address_that_takes_nothing_is_tried_once(settings: LazySettings) -> None:
    payments.apply_invoice(told.pack_invoice(make_user(email="gone@example.com")), told.charge(500))
    settings.EMAIL_BACKEND = mail_servers.CHOOSY
    assert notices.send_due(timezone.now()) == 0
    assert not DueNotice.objects.exists()


def test_a_mail_whose_process_is_killed_goes_out_later_and_meanwhile_nobody_else_sends_it(
    user: User, settings: LazySettings, clock: time_machine.Traveller
) -> None:
    payments.apply_invoice(told.pack_invoice(user), told.charge(500))
    settings.EMAIL_BACKEND, takes_it = mail_servers.DEADLY, settings.EMAIL_BACKEND
    with pytest.raises(KeyboardInterrupt):
        notices.send_due(timezone.now())
    settings.EMAIL_BACKEND = takes_it

    assert notices.send_due(timezone.now()) == 0
    clock.shift(timedelta(minutes=10))
    assert deliver() == ["receipt"]


def test_a_mail_that_cannot_be_written_keeps_nobody_waiting(user: User, caplog: pytest.LogCaptureFixture) -> None:
    notices.queue("receipt", uuid4())
    payments.apply_invoice(told.pack_invoice(user), told.charge(500))
    assert notices.send_due(timezone.now()) == 1
    assert "mail cannot be written" in caplog.text
    assert DueNotice.objects.get().due_at > timezone.now()


def test_what_has_settled_meanwhile_is_not_told(user: User, clock: time_machine.Traveller) -> None:
    state = told.subscription(user)
    subscriptions.apply(state)
    subscriptions.apply(replace(state, status="past_due"))
    subscriptions.apply(state)
    clock.shift(timedelta(days=1))
    subscriptions.apply(replace(state, status="canceled", ended_at=timezone.now()))
    clock.shift(timedelta(minutes=1))
    subscriptions.apply(told.subscription(user, id="sub_2", created_at=timezone.now()))
    assert set(DueNotice.objects.values_list("kind", flat=True)) == {"payment_failed", "plan_ended"}

    assert notices.send_due(timezone.now()) == 0

    assert (mail.outbox, DueNotice.objects.count()) == ([], 0)


def test_more_than_are_sent_at_once_ring_again(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notices, "_SENT_AT_ONCE_MAX", 2)
    for number in range(3):
        payments.apply_invoice(told.pack_invoice(user, id=f"in_{number}"), told.charge(500))
    OrmQ.objects.all().delete()
    assert notices.send_due(timezone.now()) == 2
    assert OrmQ.objects.get().task["func"] == "billing.tasks.send_notices"
    assert deliver() == ["receipt"]


def test_what_never_was_is_not_told(user: User) -> None:
    with transaction.atomic():
        payments.apply_invoice(told.pack_invoice(user), told.charge(500))
        transaction.set_rollback(True)
    assert deliver() == []


def test_a_mail_that_cannot_be_sent_is_logged(
    user: User, settings: LazySettings, caplog: pytest.LogCaptureFixture
) -> None:
    payments.apply_invoice(told.pack_invoice(user), told.charge(500))
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.ADMINS = "127.0.0.1", 9, [("Op", "op@example.com")]
    assert not notices.send("receipt", str(Payment.objects.get().pk))
    notices.warn_operators("Subject", ["line"])
    assert [record.message.split(" ")[0] for record in caplog.records if "mail" in record.message] == ["mail"]
