"""Ways from one page of the admin to another."""

from urllib.parse import urlencode
from uuid import UUID

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString


def wallet_link(wallet_id: UUID) -> SafeString:
    """Link to a wallet's page."""
    return format_html('<a href="{}">{}</a>', reverse("admin:billing_wallet_change", args=[wallet_id]), wallet_id)


def ledger_link(reference: str) -> SafeString:
    """Link to the ledger's lines with a reference."""
    url = f"{reverse('admin:billing_ledgerentry_changelist')}?{urlencode({'q': reference})}"
    return format_html('<a href="{}">{}</a>', url, reference)
