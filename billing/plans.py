"""Plans and packs: what is for sale, which plan somebody is on or was, and the two verbs that put them on another.

The team gives a plan with its credits (`put_on`), until it gives another one or the free one; what somebody pays for
is noted (`turn_to`). Who pays is on what they pay for; the given plan rests, and is in force again after the paid one.
"""

import tomllib
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext

from accounts.models import User
from billing import grants, ledger, stripe_catalog
from billing.models import FREE, Interval, Pack, Plan, PlanSpell, Product, Wallet
from billing.payment_facts import CatalogItem

SEED = Path(__file__).with_name("plans.toml")


def seed(**_: Any) -> None:
    """Make the plans and packs of `plans.toml` that are not there yet; what is there stays as the admin left it."""
    data = tomllib.loads(SEED.read_text())
    plans = [Plan(slug=slug, position=place, **facts) for place, (slug, facts) in enumerate(data["plans"].items())]
    packs = [Pack(slug=slug, position=place, **facts) for place, (slug, facts) in enumerate(data["packs"].items())]
    Plan.objects.bulk_create(plans, ignore_conflicts=True)
    Pack.objects.bulk_create(packs, ignore_conflicts=True)


def free() -> Plan:
    """Return the plan of those who pay for none."""
    return Plan.objects.get(slug=FREE)


def offered_plans() -> list[Plan]:
    """Return the plans that can be chosen, the free one first."""
    return list(Plan.objects.filter(is_offered=True))


def offered_packs(product: Product = Product.SITE) -> list[Pack]:
    """Return a product's packs that can be bought."""
    return list(Pack.objects.filter(is_offered=True, product=product))


def plan_of(user: User) -> Plan:
    """Return the plan that is in force for a person now."""
    plan = ledger.wallet_of(user).plan
    assert plan is not None  # only the API's wallets have none
    return plan


def plan_at(user: User, when: datetime) -> Plan:
    """Return the plan that was in force for a person at a moment."""
    spells = PlanSpell.objects.filter(wallet__user=user, wallet__product=Product.SITE, starts_at__lte=when)
    spell = spells.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=when)).select_related("plan").first()
    return spell.plan if spell else free()


def unpaid_plan(wallet: Wallet) -> Plan:
    """Return the plan that a site's wallet is on while nobody pays for one: the given one, or the free one."""
    return Plan.objects.filter(pk__in=Wallet.objects.filter(pk=wallet.pk).values("given_plan")).first() or free()


def put_on(wallet: Wallet, plan: Plan, *, now: datetime | None = None) -> bool:
    """Give a wallet a plan from now on; what the running cycle lacks of the plan's credits comes at once.

    Giving the free plan takes the given one back. While a plan is paid for, the given one is only noted. Returns
    whether the plan in force is another; where it is not, lacking credits come, too. Locks the wallet.
    """
    now = now or timezone.now()
    with transaction.atomic():
        locked = Wallet.objects.locked(wallet.pk)
        locked.given_plan = None if plan.is_free else plan
        locked.save(update_fields=["given_plan"])
        is_unpaid = grants.is_given(locked, now)
        changes = is_unpaid and locked.plan_id != plan.pk
        if changes:
            _change(locked, plan, now)
        if is_unpaid and not plan.is_free and grants.start_monthly_credits(wallet.user):
            locked.refresh_from_db()  # whoever has a plan need not have confirmed an address
        grants.top_up(locked, now)
    wallet.plan, wallet.plan_since, wallet.balance = locked.plan, locked.plan_since, locked.balance
    wallet.given_plan = locked.given_plan
    return changes


def turn_to(wallet: Wallet, plan: Plan, now: datetime) -> bool:
    """Note the plan that somebody's subscriptions make; its credits are the sweep's. Returns whether it is another.

    Locks the wallet, within the caller's transaction.
    """
    locked = Wallet.objects.locked(wallet.pk)
    changes = locked.plan_id != plan.pk
    if changes:
        _change(locked, plan, now)
    wallet.plan, wallet.plan_since = locked.plan, locked.plan_since
    return changes


def _change(wallet: Wallet, plan: Plan, now: datetime) -> None:
    before = wallet.plan
    PlanSpell.objects.filter(wallet=wallet, ends_at__isnull=True).update(ends_at=now)
    PlanSpell.objects.create(wallet=wallet, plan=plan, starts_at=now)
    if before is not None and before.kept_days_after:
        kept_until = now + timedelta(days=before.kept_days_after)
        wallet.pictures_kept_until = max(wallet.pictures_kept_until or kept_until, kept_until)
    wallet.plan, wallet.plan_since = plan, now
    wallet.save(update_fields=["plan", "plan_since", "pictures_kept_until"])


# --- At the shop ------------------------------------------------------------------------------------------------


def sync() -> None:
    """Make the shop sell what is offered here and note its prices. A second time nothing changes.

    What was given another amount meanwhile keeps no price: the next time makes it. Raises: ShopUnavailable.
    """
    plans = [plan for plan in offered_plans() if not plan.is_free]
    packs = list(Pack.objects.filter(is_offered=True))
    prices = stripe_catalog.sync_catalog([*_plan_items(plans), *_pack_items(packs)])
    for plan in plans:
        for interval in Interval:
            amount: dict[str, Any] = {f"{interval}_cents": plan.cents(interval), "currency": plan.currency}
            found = {f"{interval}_price_id": prices[plan.key(interval)]}
            Plan.objects.filter(pk=plan.pk, **amount).update(**found)
    for pack in packs:
        same = Pack.objects.filter(pk=pack.pk, price_cents=pack.price_cents, currency=pack.currency)
        same.update(price_id=prices[pack.key])


def plan_of_price(price_id: str, key: str = "") -> tuple[Plan, str] | None:
    """Return the plan and interval that a price of the shop pays for; by its key where the price was replaced."""
    for plan in Plan.objects.exclude(slug=FREE):
        for interval in Interval:
            if (price_id and price_id == plan.price_id(interval)) or key == plan.key(interval):
                return plan, interval.value
    return None


def pack_of_price(price_id: str, key: str = "") -> Pack | None:
    """Return the pack that a price of the shop pays for."""
    of_price = Q(price_id=price_id) & ~Q(price_id="")
    return Pack.objects.filter(of_price | Q(slug=key.removeprefix("pack:"))).first()


def _plan_items(plans: list[Plan]) -> list[CatalogItem]:
    return [
        CatalogItem(
            key=plan.key(interval),
            product=f"plan_{plan.slug}",
            name=plan.name,
            amount_cents=plan.cents(interval),
            interval=interval,
            currency=plan.currency,
            description=gettext("%(credits)s credits a month") % {"credits": f"{plan.monthly_credits:,}"},
        )
        for plan in plans
        for interval in Interval
    ]


def _pack_items(packs: list[Pack]) -> list[CatalogItem]:
    return [
        CatalogItem(
            key=pack.key,
            product=f"pack_{pack.slug}",
            name=pack.name,
            amount_cents=pack.price_cents,
            currency=pack.currency,
        )
        for pack in packs
    ]
