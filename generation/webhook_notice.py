"""The one mail about webhooks: an endpoint was switched off, why, and what to do."""

import logging
import uuid
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string

from generation.models import WebhookEndpoint

logger = logging.getLogger(__name__)


def tell_owner(endpoint_id: uuid.UUID) -> None:
    """Send the mail; a mail server that is away costs the mail, not the delivery. Call it after the commit."""
    endpoint = WebhookEndpoint.objects.select_related("user").filter(pk=endpoint_id).first()
    if endpoint is None:
        return
    context = {"endpoint": endpoint, "site_name": settings.SITE_NAME, "site_url": settings.SITE_URL}
    subject = render_to_string("emails/webhook_off.subject.txt", context).strip()
    text = render_to_string("emails/webhook_off.txt", context)
    page = render_to_string("emails/webhook_off.html", context)
    try:
        send_mail(subject, text, None, [endpoint.user.email], html_message=page)
    except (SMTPException, OSError) as error:
        logger.warning("webhook notice not sent", extra={"endpoint": endpoint.pk, "error": type(error).__name__})
