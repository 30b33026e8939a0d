"""Settings that are the same wherever the site runs. `settings.py` takes them in beside what the environment says."""

from pathlib import Path
from typing import Any

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).resolve().parent.parent / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "getimg_site.context_processors.site",
                "getimg_site.context_processors.credits",
            ],
        },
    },
]

PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "accounts.password_words.SiteWordsValidator"},
]

USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
LANGUAGE_CODE = "en"
LOCALE_PATHS = [Path(__file__).resolve().parent.parent / "locale"]

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["generation.api.authentication.KeyAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["generation.api.permissions.KeyMay"],
    "DEFAULT_THROTTLE_CLASSES": ["generation.api.throttling.KeyLimits"],
    "DEFAULT_PARSER_CLASSES": ["generation.api.parsers.AnyTypeJsonParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "generation.api.negotiation.AlwaysTheFirst",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_METADATA_CLASS": None,
    "EXCEPTION_HANDLER": "generation.api.problems.exception_handler",
    "UNAUTHENTICATED_USER": None,
}
# The name and the servers are added by the hook, which knows the environment.
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "API",
    "DESCRIPTION": "Pictures from words: send a prompt, come back for the pictures.",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    # It would ask for the models that are offered, in a database whose tables may be made only after the check.
    "ENABLE_DJANGO_DEPLOY_CHECK": False,
    "POSTPROCESSING_HOOKS": ["generation.api.openapi.complete"],
}

MIDDLEWARE = [
    "getimg_site.middleware.RequestIdMiddleware",
    "getimg_site.middleware.UnencryptedKeysMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "getimg_site.middleware.HouseMiddleware",
    "getimg_site.middleware.ApiMiddleware",
    "getimg_site.middleware.ResourcePolicyMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "getimg_site.page_transfer.CompressedPagesMiddleware",
    "getimg_site.page_transfer.UnchangedPagesMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "getimg_site.middleware.LanguageMiddleware",
    "getimg_site.middleware.StatusMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "getimg_site.middleware.PrivatePagesMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "getimg_site.view_as.ViewAsMiddleware",
    "getimg_site.middleware.TimeZoneMiddleware",
    "getimg_site.middleware.NulMiddleware",
    "getimg_site.middleware.SwitchedOffMiddleware",
]
