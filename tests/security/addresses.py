"""Who may see what: a line for every address of the site and of the API's own host, and how an address is filled in.

An address that stands in no line fails the test: whoever adds one says here whose it is.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RoutePattern


class Reach(StrEnum):
    """Whom an address answers; the others get what `test_url_matrix` names for it."""

    PUBLIC = "everybody"
    OWN = "who is signed in, about themselves"
    OWNER = "whose it is"
    LINK = "who has the secret link"
    STAFF = "operators"
    CLOSED = "nobody, unless a setting opens it"
    KEY = "who has a key, about themselves"
    KEY_OWNER = "whose key's it is"


LINES: dict[Reach, str] = {
    Reach.PUBLIC: """
        landing invite bug_report pricing pricing_api faq guides guide changelog status wishes terms privacy
        content-policy refunds
        licence robots sitemap sitemap_of_pages sitemap_of_day docs client_archive healthz readyz
        stripe_webhook view_as_stop
        generation:showcase generation:showcase_tags generation:showcase_author generation:verify
        generation:licence_keys
        account_login account_logout account_inactive account_signup account_email_verification_sent
        account_reset_password account_confirm_login_code account_confirm_email account_confirm_password_reset_code
        account_complete_password_reset account_password_reset_completed
        mfa_authenticate mfa_login_webauthn
        socialaccount_login_cancelled socialaccount_login_error socialaccount_signup
        accounts/social/login/cancelled/ accounts/social/login/error/ accounts/social/signup/
        accounts/social/connections/
        admin:login admin:logout api:openapi_json api:openapi_yaml api:nothing
    """,
    Reach.OWN: """
        wish_vote docs_key referrals
        generation:create generation:price generation:model_settings generation:improve generation:style
        generation:styles generation:style_menu generation:save_preset generation:new_preset generation:new_word_list
        generation:prompts generation:submit generation:edit_submit generation:edit_price generation:upload
        generation:editor generation:editor_pictures generation:video generation:library generation:act
        generation:choose_two generation:library_models generation:tags generation:trash generation:purge_pictures
        generation:restore_pictures generation:zip_pictures generation:make_folder generation:change_search
        generation:models generation:new_model generation:upload_lora generation:webhooks generation:refusals
        generation:your_data generation:order_export generation:cancel_export generation:erase generation:api_use
        billing:settings billing:start_plan billing:start_pack billing:top_up billing:done billing:change_plan
        billing:cancel_plan billing:resume_plan billing:portal billing:pay billing:month_statement billing:ledger_csv
        billing:calendar_renew billing:invoices billing:news
        accounts:settings accounts:profile accounts:notifications accounts:notification_choices accounts:api_keys
        accounts:api_alerts accounts:vouch_again
        account_reauthenticate account_email account_change_password account_set_password
        mfa_index mfa_reauthenticate mfa_activate_totp mfa_deactivate_totp mfa_view_recovery_codes
        mfa_generate_recovery_codes mfa_download_recovery_codes mfa_list_webauthn mfa_add_webauthn
        mfa_reauthenticate_webauthn socialaccount_connections usersessions_list
    """,
    Reach.OWNER: """
        generation:preset generation:word_list generation:delete_style generation:run generation:again
        generation:cancel generation:earlier_pictures generation:upload_file edit/<uuid:image_id>/
        video/<uuid:image_id>/ generation:compare generation:rename_folder generation:delete_folder generation:picture
        generation:download generation:certificate_json generation:certificate_pdf generation:rendition
        generation:manifest generation:reproduce generation:share_picture generation:alt_text generation:describe
        generation:delete generation:restore generation:model generation:save_draft generation:add_pictures
        generation:remove_picture generation:caption_picture generation:model_download generation:start_training
        generation:model_action generation:webhook generation:webhook_action generation:webhook_delivery
        generation:refusal generation:download_export settings/api-keys/<uuid:key_id>/use/
        billing:receipt accounts:api_key accounts:api_key_rotate accounts:api_key_revoke
        mfa_remove_webauthn mfa_edit_webauthn
    """,
    Reach.LINK: """
        generation:media generation:shown_media generation:shared_picture generation:share_card
        generation:like_picture
        generation:report_picture generation:shared_model generation:use_shared_model billing:calendar
    """,
    Reach.STAFF: "admin: generation:operators_media",
    Reach.CLOSED: "metrics test_shop:desk test_shop:page closed",
    Reach.KEY: """
        api:diffusions api:models api:quote api:files api:image_generations api:account api:usage api:webhooks
    """,
    Reach.KEY_OWNER: """
        api:diffusion api:cancel api:manifest api:events api:file api:webhook api:webhook_secret api:webhook_test
    """,
}
REACH = {name: reach for reach, names in LINES.items() for name in names.split()}

# What stands for a parameter of an address, where it is not simply called as in `Belongings.at`.
VALUES = {
    "generation:preset pk": "preset_id",
    "generation:word_list pk": "list_id",
    "generation:delete_style pk": "preset_id",
    "generation:model_download model_id": "ready_model_id",
    "billing:receipt pk": "payment_id",
    "mfa_remove_webauthn pk": "passkey_id",
    "mfa_edit_webauthn pk": "passkey_id",
}
WORDS = {
    "token": "a" * 43,
    "day": "2026-01-01",
    "expires": "4102444800",
    "signature": "f" * 43,
    "key": "pictures/x/original.png",
    "path": "checkout",
    "id": "1",
    "content_type_id": "1",
    "guide slug": "steps",
    "docs slug": "limits",
    "client_archive language": "python",
    "generation:delete_style kind": "preset",
    "generation:rendition way": "recipe",
    "generation:rendition kind": "png",
    "generation:model_action action": "share",
    "generation:webhook_action action": "off",
}
PATTERNS = {  # an address each for what is no plain route
    r"^confirm-email/(?P<key>[-:\w]+)/$": "confirm-email/forged:key/",
    r"(?P<url>.*)$": "nothing-here/",
    r"^.*$": "nothing/here",
}


@dataclass(frozen=True)
class Address:
    """A line of the URL configuration: `name` as the table has it."""

    name: str
    route: str
    urlconf: str

    @property
    def reach(self) -> Reach | None:
        """Who is answered; None: no line says."""
        found = REACH.get(self.route) or REACH.get(self.name)
        return found or (Reach.STAFF if self.name.startswith("admin:") else None)

    def path(self, at: dict[str, str]) -> str:
        """Return the address with the owner's things in it. Raises: KeyError for a parameter that nothing fills."""
        return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda found: self._value(found[1], at), self.route)

    def _value(self, parameter: str, at: dict[str, str]) -> str:
        key = f"{self.name} {parameter}"
        for words in (key, parameter):
            if words in WORDS:
                return WORDS[words]
        model = f"{self.name.rpartition('_')[0]} {parameter}"  # of an operator's page about one row
        return at[model if model in at else VALUES.get(key, parameter)]


def all_addresses() -> list[Address]:
    """Return every address of both hosts."""
    found = []
    for urlconf in ("getimg_site.urls", "getimg_site.api_urls"):
        found += [Address(name, route, urlconf) for name, route in _walk(get_resolver(urlconf).url_patterns)]
    return found


def _walk(patterns: list[URLPattern | URLResolver], before: str = "", space: str = "") -> Iterator[tuple[str, str]]:
    for pattern in patterns:
        route = before + _text(pattern)
        if isinstance(pattern, URLResolver):
            name = pattern.namespace or ""
            yield from _walk(pattern.url_patterns, route, space or (f"{name}:" if name else ""))
        else:
            yield space.replace("api-root:", "api:") + (pattern.name or route), route


def _text(pattern: URLPattern | URLResolver) -> str:
    text = str(pattern.pattern)
    if isinstance(pattern.pattern, RoutePattern):
        return text
    return PATTERNS.get(text) or re.sub(r"^\^\(\?P<app_label>(\w+).*$", r"\1/", text)
