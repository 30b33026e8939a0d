"""A row of everything that operators look at, each as full as it can be; `office.py` has their pages."""

from datetime import timedelta
from typing import Any

from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib.admin import site
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from accounts.models import AuditLine, FeatureSwitch, Referral, User
from billing import ledger
from billing.models import LedgerAudit, Pack, Payment, Reconciliation, ReferralReward, StripeEvent, TopUp, Wallet
from generation.models import (
    Image,
    InstalledModel,
    ModelInstall,
    ModelSwitch,
    ModerationCase,
    PolicyRule,
    QueueSwitch,
    Report,
    WebhookAttempt,
    WebhookDelivery,
)
from getimg_site.models import Backup, BugReport, BugReportFile, ClusterReport, Incident
from tests.billing.books import make_subscription
from tests.factories import make_user
from tests.security.belongings import Belongings, make_belongings

# What nobody breaks into lines.
LONG = "x" * 120


def make_rows(operator: User) -> Belongings:
    """Make somebody who has one of everything, and what operators have of it."""
    made = make_belongings()
    wallet = ledger.wallet_of(made.owner)
    _make_people(made.owner, operator)
    _make_pictures(made)
    _make_money(wallet)
    _make_place(operator)
    for model in site._registry:
        row: Any = model._default_manager.first()
        if row is not None:
            _write_down(operator, row)
    return made


def _make_people(owner: User, operator: User) -> None:
    group = Group.objects.create(name="Support")
    group.permissions.set(Permission.objects.all()[:3])
    facts = {"login": "kanari", "name": f"Kanari {LONG}"}
    SocialAccount.objects.create(user=owner, provider="github", uid="1", extra_data=facts)
    browser = f"Mozilla/5.0 (X11; Linux x86_64) {LONG}"
    UserSession.objects.create(user=owner, ip="192.0.2.1", session_key="0" * 32, user_agent=browser)
    friend, now = make_user(email="friend@example.com"), timezone.now()
    times = {"clicked_at": now, "joined_at": now, "confirmed_at": now, "rewarded_at": now}
    Referral.objects.create(referrer=owner, friend=friend, state=Referral.State.REWARDED, note=LONG, **times)
    FeatureSwitch.objects.create(feature="video", state="off", reason="We move.")
    changes = {"email": ["old@example.com", f"{LONG}@example.com"]}
    note = {"note": "Ticket 7", "changes": changes, "object_text": str(owner)}
    AuditLine.objects.create(actor=operator.pk, verb="change", kind="accounts.user", object_id=str(owner.pk), **note)
    report = BugReport.objects.get()
    BugReportFile.objects.create(report=report, file="reports/1.png", name="kanari.png", size_bytes=1)


def _make_pictures(made: Belongings) -> None:
    image = Image.objects.get(pk=made.at["image_id"])
    Report.objects.create(image=image, reporter=made.owner, reason="other", words=LONG)
    appealed = {"appeal": "It is a statue.", "appealed_at": timezone.now(), "is_waiting": True}
    ModerationCase.objects.update(image=image, job=image.job, **appealed)
    delivery, tried = WebhookDelivery.objects.get(), timezone.now()
    WebhookAttempt.objects.create(delivery=delivery, started_at=tried, milliseconds=30, trouble=f"Refused: {LONG}")
    ModelSwitch.objects.create(slug="starter", is_off=True, reason="Its weights are damaged")
    PolicyRule.objects.create(category="gore", terms="one\ntwo")
    QueueSwitch.objects.create(queue=QueueSwitch.Queue.TRAINING)
    pinned = {"unet/diffusion_pytorch_model.safetensors": "0" * 64}
    facts = {"hub_id": "some/model", "revision": "0" * 40, "size_bytes": 10**9}
    InstalledModel.objects.create(slug="starter", checksums=pinned, **facts)


def _make_money(wallet: Wallet) -> None:
    payment, pack, now = Payment.objects.get(wallet=wallet), Pack.objects.all()[0], timezone.now()
    subscription = make_subscription(wallet)
    paid = {"payment_id": "in_kanari_plan", "kind": "plan", "plan": subscription.plan, "paid_at": now}
    Payment.objects.create(wallet=wallet, subscription=subscription, amount_cents=1000, **paid)
    referral = Referral.objects.get()
    ReferralReward.objects.create(referral=referral, side="paid", wallet=wallet, payment=payment, credits=100)
    bought = {"pack": pack, "credits": 10, "amount_cents": 1000, "currency": "usd"}
    TopUp.objects.create(wallet=wallet, status=TopUp.Status.PAID, payment=payment, **bought)
    ended = {"is_open": False, "ended_at": now}
    LedgerAudit.objects.create(wallets=3, checked=3, faults=1, findings=[f"wallet 1: {LONG}"], **ended)
    LedgerAudit.objects.create(wallets=3, checked=1)
    named = {"event_id": "evt_kanari", "type": "invoice.paid", "object_type": "invoice", "object_id": "in_kanari"}
    StripeEvent.objects.create(payload={"data": {"object": {"id": LONG}}}, created_at=now, **named)
    Reconciliation.objects.create(since=now, finished_at=now, checked=1, healed=[f"payment in_kanari: {LONG}"])


def _make_place(operator: User) -> None:
    now = timezone.now()
    facts = {"is_busy": True, "restarts": 1, "memory_bytes": 10**9, "disk_free_bytes": 10**10}
    ClusterReport.objects.create(host="gpu-1", cluster="gpu", folder=f"/srv/{LONG}", told_at=now, **facts)
    Backup.objects.create(ended_at=now - timedelta(hours=5), size_bytes=3 * 2**30)
    Incident.objects.create(title="Slow disks", text="Everything waits.")
    broken = {"is_open": False, "ended_at": now, "trouble": f"No such folder: {LONG}"}
    ModelInstall.objects.create(slug="starter", folder="models", asked_by=operator.pk, **broken)


def _write_down(operator: User, row: Any) -> None:
    about = {"content_type": ContentType.objects.get_for_model(row), "object_id": str(row.pk), "object_repr": str(row)}
    LogEntry.objects.create(user=operator, action_flag=CHANGE, change_message="Looked after", **about)
