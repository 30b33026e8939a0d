"""Nothing in the way of a view: no middleware, nobody known, no choice of parser or renderer."""

from benchmarks.minimal_settings import *  # noqa: F403  (all of them, then some changed)

INSTALLED_APPS = ["rest_framework"]
MIDDLEWARE = []
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
}
