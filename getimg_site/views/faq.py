"""Frequently asked questions, answered by what the site does today."""

import math

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.text import get_text_list
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from billing import plans, referral_rewards
from generation import catalog, pricing, retention, shown_links
from generation.catalog import OPEN_RAIL_M
from generation.params.text_to_image import TextToImageParams
from generation.task_names import VIDEO_TASK


@require_safe
def faq(request: HttpRequest) -> HttpResponseBase:
    """Show the questions."""
    models = {one.model.slug: one.model for one in catalog.offered(TextToImageParams.task) if one.model.is_available}
    free, offered = plans.free(), plans.offered_plans()
    alike = [model.name for model in models.values() if model.family.startswith("stable-diffusion")]
    context = {
        "stable_diffusions": _listed(alike),
        "other_models": _listed([model.name for model in models.values() if model.name not in alike]),
        "paid_plans": [plan for plan in offered if not plan.is_free],
        "free_retention_days": free.retention_days,
        "kept_after": retention.kept_after_plans(),
        "api_retention_days": settings.API_RETENTION_DAYS,
        "licence": OPEN_RAIL_M,
        "training_credits": pricing.TRAINING_CREDITS,
        "video_credits": pricing.TASK_WEIGHTS[VIDEO_TASK],
        "support_email": settings.SUPPORT_EMAIL,
        "discord_url": settings.DISCORD_URL,
        "feature_requests_url": settings.FEATURE_REQUESTS_URL,
        "referral_credits": settings.REFERRAL_CREDITS,
        "referral_friend_credits": settings.REFERRAL_FRIEND_CREDITS,
        "referral_paid_credits": settings.REFERRAL_PAID_CREDITS,
        "referral_paid_from": referral_rewards.smallest_payment_cents(),
    }
    return render(request, "getimg_site/faq.html", context | _of_trash() | _of_links())


def _listed(names: list[str]) -> str:
    """Return names in one line; what stands after a comma in one of them goes into brackets."""
    plain = [f"{name} ({more})" if more else name for name, _, more in (name.partition(", ") for name in names)]
    return get_text_list(plain, gettext("and"))


def _of_trash() -> dict[str, int]:
    """Return how long the trash keeps pictures, and the library those that come back from it."""
    return {"undo_days": retention.UNDO_DAYS, "restored_days": retention.RESTORED_DAYS}


def _of_links() -> dict[str, int]:
    """Return how long links to files go on: others' once a picture is made private, and its owner's own."""
    hours = math.ceil(2 * settings.MEDIA_LINK_SECONDS / 3600)
    return {"stop_minutes": shown_links.minutes_to_stop(), "link_hours": hours}
