from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "getimg_site"

    def ready(self) -> None:
        from generation import erasing
        from getimg_site import checks, closing, pulse  # noqa: F401  (registers system checks, queue signals)

        erasing.further_steps.append(closing.forget)
