"""Terms, privacy, content policy, refunds and the licence of pictures."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts import erased_mailboxes
from billing import plans
from generation import exports, image_check, moderation, retention
from generation.catalog import OPEN_RAIL_M
from getimg_site import legal as rules


@require_safe
def legal(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one page of rules."""
    page = rules.BY_SLUG[slug]
    context = {
        "page": page,
        "pages": rules.PAGES,
        "is_template": not settings.LEGAL_REVIEWED,
        "support_email": settings.SUPPORT_EMAIL,
        "licence": OPEN_RAIL_M,
        "free_retention_days": plans.free().retention_days,
        "api_retention_days": settings.API_RETENTION_DAYS,
        "mailbox_days": erased_mailboxes.KEPT_DAYS,
        "kept_after": retention.kept_after_plans(),
        "undo_days": retention.UNDO_DAYS,
        "upload_days": settings.UPLOAD_RETENTION_DAYS,
        "export_days": exports.KEPT.days,
        "socialaccounts": settings.SOCIALACCOUNT_PROVIDERS,
        "refund_days": settings.REFUND_WINDOW_DAYS,
        "categories": [one for one in moderation.policy().categories.values() if one.action != moderation.ALLOW],
        "image_check": image_check.is_on(),
        "keep_days": settings.MODERATION_KEEP_DAYS,
    }
    return render(request, page.template, context)
