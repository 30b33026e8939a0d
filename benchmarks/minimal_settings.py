"""The studio's own settings with nothing in the way of a view: the bare side of the request benchmark."""

from getimg_site.settings import *  # noqa: F403  (all of them, then some changed)

ROOT_URLCONF = "benchmarks.minimal"
INSTALLED_APPS = ["rest_framework"]
MIDDLEWARE = []
REST_FRAMEWORK = {
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
}
