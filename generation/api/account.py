"""`/v1/account`: whose key this is, what it may do and spend, and how many API credits there are."""

from typing import Any

from django.conf import settings
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import test_allowance
from accounts.models import LOW_BALANCE_DEFAULT, ApiAccount, ApiKey, User
from accounts.rate_limits import WINDOW_SECONDS
from billing import ledger, statement
from billing.models import Product
from generation import spend_caps
from generation.api.answers import stamp
from generation.api.openapi import describe
from generation.api.resource import Resource
from generation.api.throttling import rates_of


class Account(Resource):
    """The account as the key sees it."""

    @describe("getAccount", "Get balance, key and limits", answers={200: "Account"})
    def get(self, request: Request) -> Response:
        """Return balance, key and limits."""
        user, key = self.user_of(request), self.key_of(request)
        return Response(
            {
                "id": str(user.pk),
                "plan": {"id": "pay-as-you-go", "name": "Pay as you go"},
                "credits": _credits(user),
                "key": _key(key),
                "testPictures": _test_pictures(user),
                "limits": {
                    "requests": [
                        {"name": rate.name, "quota": rate.quota, "windowSeconds": WINDOW_SECONDS}
                        for rate in rates_of(key, is_generating=True)
                    ],
                    "waitingMax": settings.API_JOBS_WAITING_MAX,
                    "retentionDays": settings.API_RETENTION_DAYS,
                },
            }
        )


def _credits(user: User) -> dict[str, Any]:
    """The API's own wallet: a subscription fills it never, and the site's tools take nothing from it."""
    now = statement.statement_of(ledger.wallet_of(user, Product.API))
    threshold = ApiAccount.objects.filter(user=user).values_list("low_balance_at", flat=True).first()
    expiring = next((lot for lot in now.lots if lot.expires_at), None)
    return {
        "balance": now.balance,
        "onHold": now.on_hold,
        "nextExpiry": {"credits": expiring.remaining, "at": stamp(expiring.expires_at)} if expiring else None,
        "lowBalanceAt": LOW_BALANCE_DEFAULT if threshold is None else threshold,
    }


def _key(key: ApiKey) -> dict[str, Any]:
    caps = {cap.period: cap for cap in spend_caps.caps_of(key)}
    return {
        "id": str(key.pk),
        "name": key.name,
        "prefix": key.prefix,
        "isTest": key.is_test,
        "scopes": key.scopes,
        "allowedNetworks": key.allowed_networks,
        "createdAt": stamp(key.created_at),
        "expiresAt": stamp(key.expires_at),
        "dailyCap": _cap(caps.get("day")),
        "monthlyCap": _cap(caps.get("month")),
    }


def _cap(cap: spend_caps.Cap | None) -> dict[str, Any] | None:
    if cap is None:
        return None
    return {"credits": cap.credits, "spent": cap.spent, "left": cap.left, "resetsAt": stamp(cap.resets_at)}


def _test_pictures(user: User) -> dict[str, Any]:
    return {
        "quota": test_allowance.PICTURES_A_DAY,
        "left": test_allowance.left(user),
        "resetsAt": stamp(test_allowance.tomorrow()),
    }
