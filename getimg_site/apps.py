from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SiteConfig(AppConfig):
    name = "getimg_site"
    verbose_name = _("Site")

    def ready(self) -> None:
        from django.conf import settings

        from accounts import forms
        from generation import erasing, export_file
        from getimg_site import checks, closing, leaving, pulse, row_words, shown_words  # noqa: F401  (registers checks, queue signals)

        erasing.further_steps.append(closing.forget)
        export_file.further_parts.append(leaving.add)
        row_words.mark()
        forms.name_checks.append(shown_words.check_name)
        if settings.SENTRY_DSN:
            from getimg_site import sentry

            sentry.start()
