"""What people do while a fault is met, and what must hold then: each scene prepares, yields, acts, waits and checks.

The fault is ordered while a scene is at its `yield`. Whoever gets no answer asks again, as clients, Stripe and the
schedule do.
"""

import json
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.test import Client
from django.utils import timezone

from accounts.models import User
from billing import grants, ledger, plans, purchases, tasks, top_ups
from billing.models import (
    CreditLot,
    Customer,
    DueNotice,
    LedgerEntry,
    Payment,
    Product,
    StripeEvent,
    Subscription,
    TopUp,
    Wallet,
)
from billing.test_shop.deliveries import sign
from billing.test_shop.documents import public
from generation.models import Image, Job, WebhookDelivery
from tests.billing import till
from tests.billing.books import settle, take
from tests.billing.test_shop import counter
from tests.factories import make_user, make_wallet
from tests.flows.clusters import wait_until_running
from tests.generation.api.calling import PROMPT, Program, api_balance, make_program
from tests.generation.api.told import make_endpoint
from tests.generation.runs import balance, hold_of, make_person, submit
from tests.generation.workers import hang
from tests.reliability.broken_site import BrokenSite

Scene = Callable[[BrokenSite], Iterator[None]]

_CREDITS = 20
_TOKEN = "c" * 32
# A worker lets go of what it has claimed ahead after five.
_AHEAD_PATIENCE_SECONDS = 20.0


# --- Runs -------------------------------------------------------------------------------------------------------


def draw(site: BrokenSite) -> Iterator[None]:
    """A program orders two pictures, asks again until it is answered, and is told of the end."""
    program = make_program(_CREDITS)
    make_endpoint(program.user, site.box.url)
    key = uuid4().hex
    yield
    job_id = _order(site, program, key, num_images=2)
    site.await_fault()
    job = _until_ended(site, job_id)
    assert _order(site, program, key, num_images=2) == job_id
    assert [one.pk for one in Job.objects.filter(user=program.user)] == [job.pk]
    assert (job.status, hold_of(job).settled, hold_of(job).released) == (Job.Status.FINISHED, job.credits, 0)
    assert api_balance(program.user) == _CREDITS - job.credits
    _assert_told_of(site, job)


def burst(site: BrokenSite) -> Iterator[None]:
    """Many runs ring at once, and their worker answers all of it with its last look."""
    program = make_program(200)
    yield
    _draw_until_met(site, program, at_once=10, num_images=1)


def cancel(site: BrokenSite) -> Iterator[None]:
    """A program orders pictures and cancels them at once."""
    program = make_program(_CREDITS)
    make_endpoint(program.user, site.box.url)
    job_id = _order(site, program, uuid4().hex, num_images=4)
    yield
    answer = site.ask("POST", f"/v1/diffusions/{job_id}/cancel", headers=_headers(program))
    assert answer.status_code in (200, 202, 409), answer.text
    site.await_fault()
    job = _until_ended(site, job_id)
    paid = job.credits_per_image * Image.objects.filter(job=job).count()
    assert (hold_of(job).settled, hold_of(job).released) == (paid, job.credits - paid)
    assert api_balance(program.user) == _CREDITS - paid
    _assert_told_of(site, job)


def fail(site: BrokenSite) -> Iterator[None]:
    """Somebody's run cannot be drawn: its model is gone. It is free."""
    user = make_person(f"{uuid4().hex}@example.com", credits=_CREDITS)
    yield
    with transaction.atomic():
        job = submit(user)
        Job.objects.filter(pk=job.pk).update(served_by="gone")
    site.await_fault()
    job = _until_ended(site, job.pk)
    assert (job.status, hold_of(job).settled, hold_of(job).released) == (Job.Status.FAILED, 0, job.credits)
    assert balance(user) == _CREDITS


def store(site: BrokenSite) -> Iterator[None]:
    """Pictures of a run are kept while it goes on; where they come too fast for that, others are asked for."""
    program = make_program(200)
    yield
    _draw_until_met(site, program, at_once=1, num_images=3)


def lose_engine(site: BrokenSite) -> Iterator[None]:
    """The engine is killed while it draws; the worker lets the run be tried again."""
    yield from _lose(site, "engine")


def lose_worker(site: BrokenSite) -> Iterator[None]:
    """The worker is killed while it draws; the supervisor brings its run back."""
    yield from _lose(site, "worker")


def put_back(site: BrokenSite) -> Iterator[None]:
    """What a worker has claimed ahead waits behind a picture that nobody takes, and is let go of."""
    user = make_person(f"{uuid4().hex}@example.com")
    yield
    jobs: list[Job] = []
    while not site.has_met_it:
        assert len(jobs) < 15, "five pictures that nobody took brought nobody to the fault"
        with transaction.atomic():
            three = [submit(user, prompt=f"fox {len(jobs)} {place}") for place in ("first", "stuck", "ahead")]
            hang(three[1])
        jobs += three
        end = time.monotonic() + _AHEAD_PATIENCE_SECONDS
        site.until(lambda: site.has_met_it or time.monotonic() > end, "a run to be put back")  # noqa: B023
        site.kill("engine")
        for job in three:
            _until_ended(site, job.pk)
    _assert_all_drawn(jobs)


def refund(site: BrokenSite) -> Iterator[None]:
    """An operator gives credits of a run back."""
    program = make_program(_CREDITS)
    job = _until_ended(site, _order(site, program, uuid4().hex, num_images=2))
    operator = Client()
    operator.force_login(User.objects.create_superuser(f"{uuid4().hex}@example.com", "correct horse battery"))
    cookies = {"sessionid": operator.cookies["sessionid"].value, "csrftoken": _TOKEN}
    form = {"credits": "1", "reason": "Blurred"}
    yield
    answer = site.ask(
        "POST",
        f"/admin/generation/job/{job.pk}/refund/",
        data=form,
        cookies=cookies,
        headers={"X-CSRFToken": _TOKEN},
    )
    assert answer.status_code == 302 or "of this run 0 can" in answer.text, (answer.status_code, answer.text[:500])
    site.await_fault()
    lines = LedgerEntry.objects.filter(kind=LedgerEntry.Kind.ADJUST, wallet__user=program.user)
    assert [line.credits for line in lines] == [1]
    assert api_balance(program.user) == _CREDITS - job.credits + 1


# --- Money ------------------------------------------------------------------------------------------------------


def subscribe(site: BrokenSite) -> Iterator[None]:
    """Somebody buys a plan; the shop's letters tell of it, and tell of it once more."""
    site.deliver_letters()
    site.until(lambda: not _events_wait(), "the end of earlier events")
    user = make_user()
    url = purchases.start_plan(user, till.plan("starter"), "month", form_key=uuid4())
    till.pay(site.shop, url)
    yield

    def arrived() -> bool:
        site.deliver_letters()
        return site.has_met_it and not _events_wait() and Payment.objects.filter(wallet__user=user).exists()

    site.until(arrived, "the end of all events")
    state = _state_of(user)
    assert (state["where"], state["payments"], state["subscriptions"]) == (("starter", 3000), 1, 1)
    for event in _letters_about(site, user):
        body = json.dumps(event).encode()
        headers = {"Stripe-Signature": sign(body, counter.HOOK_SECRET, int(timezone.now().timestamp()))}
        assert site.ask("POST", "/stripe/webhook/", content=body, headers=headers).status_code == 200
    assert StripeEvent.objects.filter(customer_id=Customer.objects.get(user=user).customer_id).update(status="new")
    site.pass_a_minute()
    site.until(lambda: not _events_wait(), "the end of all events, told again")
    assert _state_of(user) == state


def begin_cycle(site: BrokenSite) -> Iterator[None]:
    """Somebody's cycle is over: what is left of it expires, and the next brings its credits once."""
    user = make_user()
    grants.start_monthly_credits(user)
    wallet = ledger.wallet_of(user)
    yield
    _let_pass(wallet)
    site.pass_a_minute()
    site.await_fault()
    site.until(lambda: _moved_on(wallet), "the next cycle")
    assert tasks.sweep()["granted"] == 0
    lots = CreditLot.objects.filter(wallet=wallet, source=CreditLot.Source.MONTHLY)
    assert len({lot.cycle_on for lot in lots}) == len(lots) == 2
    kinds = list(wallet.entries.order_by("id").values_list("kind", flat=True))
    assert (kinds, balance(user)) == (["grant", "expire", "grant"], 100)


def expire(site: BrokenSite) -> Iterator[None]:
    """What somebody has expires."""
    wallet = make_wallet(50)
    yield
    CreditLot.objects.filter(wallet=wallet).update(expires_at=timezone.now())
    site.pass_a_minute()
    site.await_fault()
    site.until(lambda: not Wallet.objects.get(pk=wallet.pk).balance, "what is left to expire")
    tasks.sweep()
    assert list(wallet.entries.order_by("id").values_list("kind", "credits")) == [("grant", 50), ("expire", 50)]


def top_up(site: BrokenSite) -> Iterator[None]:
    """Somebody's API credits run low; the card is charged once, and the credits come once."""
    user = make_user()
    till.buy(site.shop, user, "api-5000")
    wallet = ledger.wallet_of(user, Product.API)
    pack = till.pack("api-5000")
    top_ups.set_terms(wallet, pack, is_on=True, below_credits=1000, month_cents=50_000)
    yield
    settle(take(wallet, 4500, uuid4().hex), 4500, uuid4().hex)
    site.pass_a_minute()
    site.await_fault()
    site.until(lambda: TopUp.objects.filter(wallet=wallet, status=TopUp.Status.PAID).exists(), "the top-up")
    tasks.top_up()
    customer_id = Customer.objects.get(user=user).customer_id
    charges = site.shop.v1.payment_intents.list({"customer": customer_id}).data
    assert [charge.amount for charge in charges] == [pack.price_cents] * 2
    assert api_balance(user) == 500 + pack.credits
    assert TopUp.objects.filter(wallet=wallet).count() == 1


def tell(site: BrokenSite) -> Iterator[None]:
    """Somebody buys credits and has a receipt: more than one only where its sender died with it in hand."""
    user = make_user()
    yield
    till.buy(site.shop, user, "api-5000")
    site.await_fault()
    site.until(lambda: not DueNotice.objects.exists(), "the last mail")
    mails = [file.read_text() for file in Path(settings.EMAIL_FILE_PATH).iterdir()]
    assert 1 <= len([mail for mail in mails if f"To: {user.email}" in mail]) <= 2


# --- Parts ------------------------------------------------------------------------------------------------------


def _headers(program: Program, **more: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {program.text}", **more}


def _order(site: BrokenSite, program: Program, key: str, *, num_images: int) -> UUID:
    headers = _headers(program, **{"Idempotency-Key": key})
    answer = site.ask("POST", "/v1/diffusions", headers=headers, json={**PROMPT, "numImages": num_images})
    assert answer.status_code in (200, 201), answer.text
    return UUID(answer.json()["id"])


def _draw_until_met(site: BrokenSite, program: Program, *, at_once: int, num_images: int) -> None:
    """Order so many runs at once, and again once they have ended, until somebody has met the fault."""
    ordered: list[UUID] = []
    while not site.has_met_it:
        assert len(ordered) < 50, f"{len(ordered)} runs brought nobody to the fault"
        ordered += [_order(site, program, uuid4().hex, num_images=num_images) for _ in range(at_once)]
        for job_id in ordered[-at_once:]:
            _until_ended(site, job_id)
    for job in Job.objects.filter(user=program.user):
        assert (job.status, hold_of(job).settled) == (Job.Status.FINISHED, job.credits)
    assert Job.objects.filter(user=program.user).count() == len(ordered)


def _until_ended(site: BrokenSite, job_id: UUID) -> Job:
    site.until(lambda: not Job.objects.get(pk=job_id).is_active, f"the end of run {job_id}")
    return Job.objects.select_related("hold").get(pk=job_id)


def _assert_told_of(site: BrokenSite, job: Job) -> None:
    delivered = WebhookDelivery.objects.filter(job=job, status=WebhookDelivery.Status.DELIVERED)
    site.until(delivered.exists, "the webhook")
    (delivery,) = WebhookDelivery.objects.filter(job=job)
    assert delivery.message_id in {request.headers["webhook-id"] for request in list(site.box.received)}


def _lose(site: BrokenSite, role: str) -> Iterator[None]:
    user = make_person(f"{uuid4().hex}@example.com")
    yield
    jobs: list[Job] = []
    # A kill may come when all is drawn: then there is nothing to try again.
    while not site.has_met_it:
        assert len(jobs) < 10, "ten kills brought nobody to the fault"
        jobs.append(submit(user, num_images=4, prompt=f"fox {len(jobs)}"))
        wait_until_running(jobs[-1])
        site.kill(role)
        _until_ended(site, jobs[-1].pk)
    _assert_all_drawn(jobs)


def _assert_all_drawn(jobs: list[Job]) -> None:
    for job in Job.objects.select_related("hold").filter(pk__in=[job.pk for job in jobs]):
        assert (job.status, hold_of(job).settled) == (Job.Status.FINISHED, job.credits)


def _letters_about(site: BrokenSite, user: User) -> list[dict[str, object]]:
    customer_id = Customer.objects.get(user=user).customer_id
    with site.shop.shop.store.books() as books:
        events: list[dict[str, object]] = public(books.all("event"))
    return [event for event in events if customer_id in json.dumps(event["data"])]


def _events_wait() -> bool:
    return StripeEvent.objects.filter(status=StripeEvent.Status.NEW).exists()


def _state_of(user: User) -> dict[str, object]:
    """Return all that money made of a person."""
    lots = CreditLot.objects.filter(wallet__user=user).order_by("created_at")
    return {
        "where": till.where(user),
        "plan": plans.plan_of(user).pk,
        "lots": list(lots.values_list("source", "credits", "remaining", "cycle_on")),
        "lines": LedgerEntry.objects.filter(wallet__user=user).count(),
        "payments": Payment.objects.filter(wallet__user=user).count(),
        "subscriptions": Subscription.objects.filter(user=user).count(),
    }


def _let_pass(wallet: Wallet) -> None:
    """Let the cycle that runs be over."""
    now = timezone.now()
    with transaction.atomic():
        CreditLot.objects.filter(wallet=wallet).update(expires_at=now - timedelta(seconds=1))
        Wallet.objects.filter(pk=wallet.pk).update(next_grant_at=now - timedelta(seconds=1))


def _moved_on(wallet: Wallet) -> bool:
    return Wallet.objects.filter(pk=wallet.pk, next_grant_at__gt=timezone.now()).exists()
