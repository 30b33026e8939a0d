"""The site's settings with connections that meet a test's faults (`faults`), for tests alone."""

from getimg_site.settings import *  # noqa: F403
from getimg_site.settings import DATABASES as SITES_DATABASES
from getimg_site.settings import STORAGES as SITES_STORAGES

DATABASES = {"default": {**SITES_DATABASES["default"], "ENGINE": "tests.reliability.faulty_postgresql"}}
# Nobody has collected the static files.
_STATIC_FILES = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
STORAGES = {**SITES_STORAGES, "staticfiles": _STATIC_FILES}
