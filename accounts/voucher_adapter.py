"""allauth's hooks for those who come in by another site's word: Google's or GitHub's."""

import logging
import re
from typing import Any

from allauth.account.models import EmailAddress
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp, SocialLogin
from allauth.socialaccount.providers.base import AuthProcess
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.shortcuts import render
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy

from accounts import connected
from accounts.models import User, validate_time_zone

logger = logging.getLogger(__name__)

_CODE = re.compile(r"error\W{1,4}([a-z_]{1,60})")


class VoucherAdapter(DefaultSocialAccountAdapter):
    """How this site differs from allauth's defaults."""

    error_messages = {
        **DefaultSocialAccountAdapter.error_messages,
        "email_taken": gettext_lazy("This address has an account here already. Log in to it, then connect %s there."),
        "no_password": gettext_lazy("Nothing else opens your account. Set a password first, then disconnect it."),
        "no_verified_email": gettext_lazy("Nothing else opens your account. Confirm your address first."),
    }

    def get_provider(self, request: HttpRequest, provider: str, client_id: str | None = None) -> Any:
        """Know a site that is not offered any more as well: whoever is connected to it may look, and disconnect."""
        try:
            return super().get_provider(request, provider, client_id)
        except SocialApp.DoesNotExist:
            if provider not in connected.NAMES or client_id is not None:
                raise
        classes = import_string(f"allauth.socialaccount.providers.{provider}.provider.provider_classes")
        return classes[0](request, app=SocialApp(provider=provider, provider_id=provider))

    def generate_state_param(self, state: dict[str, Any]) -> str:
        """Carry the browser's time zone over the way out and back: who signs up so sees no form of ours."""
        state["time_zone"] = context.request.POST.get("time_zone", "")[:64]
        return str(super().generate_state_param(state))

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: Any) -> User:
        """Take over as little as does: the main address, and what names the account elsewhere."""
        sociallogin.account.extra_data = connected.what_is_kept(sociallogin.account.extra_data)
        user: User = super().populate_user(request, sociallogin, data)
        return user

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Lead those whose proved address has an account already to its log-in; an address alone opens nothing."""
        if sociallogin.is_existing or sociallogin.state.get("process") == AuthProcess.CONNECT:
            return
        proved = [row.email.lower() for row in sociallogin.email_addresses if row.verified]
        if address := _known(proved):
            facts = {"site": sociallogin.provider.name, "address": address}
            raise ImmediateHttpResponse(render(request, "socialaccount/known_address.html", facts))
        # The first is the main one. Another would open the account, too, and nobody said that it should.
        del sociallogin.email_addresses[1:]

    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: Any = None) -> User:
        """Begin the billing cycle in the browser's time zone, as the form of sign-up does."""
        zone = sociallogin.state.get("time_zone", "")
        try:
            validate_time_zone(zone)
        except ValidationError:
            zone = "UTC"
        sociallogin.user.time_zone = zone
        user: User = super().save_user(request, sociallogin, form)
        return user

    def on_authentication_error(
        self, request: HttpRequest, provider: Any, *_: Any, exception: Exception | None = None, **__: Any
    ) -> None:
        """Log what the other site had against it, for the operator; by its code, which names nobody."""
        found = _CODE.search(str(exception or "")) or _CODE.search(f"error={request.GET.get('error', '')}")
        # Without either, it brought back what nobody here has sent out.
        error = found[1] if found else type(exception).__name__ if exception else "state"
        facts = {"site": provider.id, "error": error}
        logger.warning("log-in by another site failed", extra=facts)


def _known(addresses: list[str]) -> str:
    """Return the first of these that is somebody's here; empty where none is."""
    ours = set(User.objects.filter(email__in=addresses).values_list("email", flat=True))
    ours |= set(EmailAddress.objects.filter(email__in=addresses, verified=True).values_list("email", flat=True))
    return next((address for address in addresses if address in ours), "")
