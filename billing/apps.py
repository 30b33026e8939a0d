from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class BillingConfig(AppConfig):
    name = "billing"
    verbose_name = _("Money and credits")

    def ready(self) -> None:
        from billing import plans, receivers  # noqa: F401  (connects allauth's signals)

        post_migrate.connect(plans.seed, sender=self)
