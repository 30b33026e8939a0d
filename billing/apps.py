from django.apps import AppConfig
from django.db.models.signals import post_migrate


class BillingConfig(AppConfig):
    name = "billing"

    def ready(self) -> None:
        from billing import plans, receivers  # noqa: F401  (connects allauth's signals)

        post_migrate.connect(plans.seed, sender=self)
