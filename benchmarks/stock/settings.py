"""What `startproject` writes, the studio's server and database settings, and django-q2 as its documentation has it."""

from benchmarks.minimal_settings import *  # noqa: F403  (all of them, then some changed)
from getimg_site.settings import DATA_DIR

ROOT_URLCONF = "benchmarks.stock.urls"
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_q",
    "benchmarks.stock",
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
MEDIA_ROOT = DATA_DIR / "stock"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# The documentation's example for the ORM broker, with one worker, and with times that no drawing takes: a task that is
# longer on its way than `retry` would be done twice. `recycle`: the worker reads its model once.
Q_CLUSTER = {
    "name": "DjangORM",
    "workers": 1,
    "timeout": 3600,
    "retry": 7200,
    "queue_limit": 50,
    "bulk": 10,
    "orm": "default",
    "recycle": 1_000_000,
}
