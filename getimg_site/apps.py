from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "getimg_site"

    def ready(self) -> None:
        from getimg_site import checks, pulse  # noqa: F401  (registers system checks, queue signals)
