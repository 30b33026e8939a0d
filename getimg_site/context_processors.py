"""What every page knows: the site's name, and the reader's credits at the top right."""

from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from billing import plans
from billing.models import Product
from billing.statement import balance_of
from generation import image_check
from generation.models.publication import has_showcase
from generation.price_tag import credits_of


def site(request: HttpRequest) -> dict[str, Any]:
    """Name the site, what everybody gets each month, and whether its shop is only a test."""
    free_monthly_credits = SimpleLazyObject(lambda: plans.free().monthly_credits)
    return {
        "site_name": settings.SITE_NAME,
        "site_url": settings.SITE_URL,
        # Without what a visitor came with: one page, one address.
        "page_url": f"{settings.SITE_URL}{request.path}",
        "free_monthly_credits": free_monthly_credits,
        # Whether credits come only once the address is confirmed.
        "confirms_address": settings.EMAIL_VERIFICATION_REQUIRED,
        "test_shop": settings.TEST_SHOP,
        "has_showcase": has_showcase(),
        # Whether a picture is shown while it is drawn: not where a program looks at it first.
        "shows_previews": not image_check.is_on(),
        # Whether a model can improve prompts and put pictures into words.
        "has_prompt_writer": bool(settings.PROMPT_WRITER_URL),
    }


def credits(request: HttpRequest) -> dict[str, Any]:
    """Offer the reader's credits; the database is asked by the pages that show them."""
    # A request that is refused before anybody was asked who sends it (a wrong Host) has no user.
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    return {
        "credits": SimpleLazyObject(lambda: credits_of(user)),
        # A function, not an object: templates count with it.
        "api_balance": cache(lambda: balance_of(user, Product.API)),
    }
