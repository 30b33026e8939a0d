from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    # allauth's section of the admin is called "Accounts".
    verbose_name = _("People")

    def ready(self) -> None:
        from accounts import receivers  # noqa: F401  (connects allauth's signals)
