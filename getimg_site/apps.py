from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "getimg_site"

    def ready(self) -> None:
        from accounts import forms
        from generation import erasing
        from getimg_site import checks, closing, pulse, shown_words  # noqa: F401  (registers checks, queue signals)

        erasing.further_steps.append(closing.forget)
        forms.name_checks.append(shown_words.check_name)
