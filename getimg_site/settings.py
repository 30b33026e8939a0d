"""Every setting of the site. Environment variables are read here and only here (see `.env.example`).

The embedded default (no variable set) runs on SQLite, files on disk, the CPU and the starter model;
production is the same code with `PRODUCTION=1`, `DATABASE_URL`, `REDIS_URL`, `S3_BUCKET` and a GPU.
"""

import hashlib
import os
import socket
from email.utils import parseaddr
from pathlib import Path
from typing import Any

import dj_database_url
import django_stubs_ext
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from getimg_site import account_settings, bucket, fixed_settings, logging, patience, queue_cluster
from getimg_site.account_settings import *  # noqa: F403
from getimg_site.env import env_bool, env_choice, env_float, env_int, env_list, env_secret, env_str, kept_secret
from getimg_site.fixed_settings import *  # noqa: F403

# Lets classes such as ModelAdmin be written with their row's type: ModelAdmin[Job].
django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(env_str("DATA_DIR", str(BASE_DIR / "var"))).resolve()
PRODUCTION = env_bool("PRODUCTION")
DEBUG = env_bool("DEBUG")
if PRODUCTION and DEBUG:
    raise ImproperlyConfigured("DEBUG=1 shows secrets to visitors: never with PRODUCTION=1.")

for _folder in ("media", "mail", "logs", "cache", "scratch", "run", "models", "trainings"):
    (DATA_DIR / _folder).mkdir(parents=True, exist_ok=True)

SECRET_KEY = env_secret("SECRET_KEY", required=PRODUCTION, minimum_length=50) or kept_secret(DATA_DIR / "secret_key")
SECRET_KEY_FALLBACKS = env_list("SECRET_KEY_FALLBACKS")
# Encrypt the secrets that are kept to be used, such as those that sign webhooks: the first seals, all of them open.
SEALING_KEYS = [*env_list("SEALING_KEYS"), SECRET_KEY, *SECRET_KEY_FALLBACKS]
if any(len(key) < 32 for key in SEALING_KEYS):
    raise ImproperlyConfigured("SEALING_KEYS and SECRET_KEY_FALLBACKS must have 32 characters or more each.")
# Signs licence certificates. Rotated out: its public half ("x" in /.well-known/getimg-licence-keys.json) stays known.
LICENCE_SIGNING_KEY = env_secret("LICENCE_SIGNING_KEY", required=PRODUCTION) or kept_secret(DATA_DIR / "licence_key")
LICENCE_OLD_PUBLIC_KEYS = env_list("LICENCE_OLD_PUBLIC_KEYS")
C2PA_CERTIFICATE, C2PA_PRIVATE_KEY = env_str("C2PA_CERTIFICATE"), env_str("C2PA_PRIVATE_KEY")
C2PA_OLD_CERTIFICATES = env_list("C2PA_OLD_CERTIFICATES")

# --- Where the site is ------------------------------------------------------------------------------
PORT = env_int("PORT", 8000, minimum=1, maximum=65535)
SITE_URL = env_str("SITE_URL", f"http://localhost:{PORT}").rstrip("/")
SITE_NAME = env_str("SITE_NAME", "getimg")
LANGUAGES = [(code, code) for code in env_list("LANGUAGES", "en")]  # those that locale/ has catalogues of
PSEUDO_LOCALE = env_bool("PSEUDO_LOCALE")
WEB_BIND = env_str("WEB_BIND", "127.0.0.1")  # what a proxy says of addresses and https is believed: nobody else may ask
WEB_PROCESSES = env_int("WEB_PROCESSES", 2, minimum=1, maximum=64)
WEB_THREADS = env_int("WEB_THREADS", 8, minimum=1, maximum=256)
ALLOWED_HOSTS = env_list("ALLOWED_HOSTS", "" if PRODUCTION else "*")
CSRF_TRUSTED_ORIGINS = env_list("CSRF_TRUSTED_ORIGINS", SITE_URL)
TRUSTED_PROXY_COUNT = env_int("TRUSTED_PROXY_COUNT", 0, minimum=0, maximum=10)

# The API answers below /v1/ of the site, and on this host of its own, where there is one: api.example.com
API_HOST = env_str("API_HOST").lower()

# --- Applications -----------------------------------------------------------------------------------
INSTALLED_APPS = [
    "getimg_site.admin_app.StudioAdminConfig",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.usersessions",
    "django_htmx",
    "csp",
    "django_q",
    "rest_framework",
    "drf_spectacular",
    "getimg_site",
    "generation",
    "billing",
    "accounts",
    "django.contrib.auth",  # last: its commands about people are ours, with a line in the audit log
]

# Other sites that vouch for people, each where it is set up: what allauth is told of it.
_APPS = {
    "google": {"client_id": env_str("GOOGLE_CLIENT_ID"), "secret": env_str("GOOGLE_CLIENT_SECRET")},
    "github": {"client_id": env_str("GITHUB_CLIENT_ID"), "secret": env_str("GITHUB_CLIENT_SECRET")},
}
_VOUCHERS = {name: app for name, app in _APPS.items() if app["client_id"] and app["secret"]}
INSTALLED_APPS += [f"allauth.socialaccount.providers.{name}" for name in _VOUCHERS]

ROOT_URLCONF = "getimg_site.urls"
API_URLCONF = "getimg_site.api_urls"
WSGI_APPLICATION = "getimg_site.wsgi.application"

# --- Database ---------------------------------------------------------------------------------------
# SQLite: WAL lets pages read while a worker writes; IMMEDIATE takes the write lock at BEGIN, which
# makes select_for_update's promise true there and avoids "database is locked" on an upgrade.
_SQLITE_OPTIONS = {
    "timeout": 20,
    "transaction_mode": "IMMEDIATE",
    "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA cache_size=-20000;"
    "PRAGMA secure_delete=ON;",  # some builds would leave what is deleted in the file
}
DATABASE_URL = env_str("DATABASE_URL")
if DATABASE_URL:
    # 600: a connection a request costs ten times the time on PostgreSQL.
    DATABASES: dict[str, Any] = {
        "default": dj_database_url.parse(DATABASE_URL, conn_max_age=600, conn_health_checks=True)
    }
    if DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
        DATABASES["default"]["ENGINE"] = "getimg_site.postgresql"
        # Of the cursors that prepare: a statement's first use is planned for itself, the second for good.
        _options = DATABASES["default"].get("OPTIONS", {})
        DATABASES["default"]["OPTIONS"] = {"prepare_threshold": 1, **patience.DATABASE, **_options}
else:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": DATA_DIR / "db.sqlite3",
            "CONN_MAX_AGE": 600,
            "OPTIONS": _SQLITE_OPTIONS,
            # A file, not memory: tests with threads and processes share it.
            "TEST": {"NAME": DATA_DIR / "test.sqlite3"},
        }
    }
# Who says nothing within a transaction for so long is cut off, and its locks are free: PostgreSQL; 0: nobody is.
DATABASE_IDLE_SECONDS = env_int("DATABASE_IDLE_SECONDS", 60, minimum=0, maximum=86400)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Cache: shared by every process (login limits, previews, queue statistics live there) -----------
REDIS_URL = env_str("REDIS_URL")
if REDIS_URL:
    CACHES: dict[str, Any] = {"default": patience.cache_on(REDIS_URL)}
else:
    CACHES = {
        "default": {
            "BACKEND": "accounts.file_cache.TidyFileCache",
            "LOCATION": DATA_DIR / "cache",
            "OPTIONS": {"MAX_ENTRIES": 5000},
        }
    }
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"

# --- Queue ------------------------------------------------------------------------------------------
GPU_WORKERS = env_int("GPU_WORKERS", 1, minimum=1, maximum=16)
Q_CLUSTER: dict[str, Any] = queue_cluster.clusters(
    default_workers=env_int("DEFAULT_WORKERS", 1, minimum=1, maximum=32),
    gpu_workers=GPU_WORKERS,
    training_workers=env_int("TRAINING_WORKERS", 1, minimum=1, maximum=16),
    redis_url=REDIS_URL,
)

# --- Jobs: .env.example says what each does ----------------------------------------------------------
STOP_SECONDS = env_float("STOP_SECONDS", 4.0, minimum=0.0, maximum=3600.0)
JOB_LEASE_SECONDS = env_float("JOB_LEASE_SECONDS", 15.0, minimum=1.0, maximum=600.0)
JOB_MAX_ATTEMPTS = env_int("JOB_MAX_ATTEMPTS", 5, minimum=1, maximum=100)
JOB_DEADLINE_SECONDS = env_int("JOB_DEADLINE_SECONDS", 900, minimum=5, maximum=86400)
# Who took a job; the supervisor gives each cluster it starts a name of its own.
WORKER_NAME = env_str("WORKER_NAME", f"{socket.gethostname()}:{os.getpid()}")
JOBS_WAITING_MAX = env_int("JOBS_WAITING_MAX", 20, minimum=1, maximum=10000)
REPRODUCTIONS_A_DAY = env_int("REPRODUCTIONS_A_DAY", 20, minimum=0, maximum=10000)  # of one person's, to compare
ENGINE_BACKEND = env_str("ENGINE_BACKEND", "diffusers")
ENGINE_NOOP_SECONDS = env_float("ENGINE_NOOP_SECONDS", 0.0, minimum=0.0, maximum=600.0)
ENGINE_DEVICE = env_str("ENGINE_DEVICE", "auto")
ENGINE_THREADS = env_int("ENGINE_THREADS", 0, minimum=0, maximum=256)
ENGINE_CACHE_BYTES = env_int("ENGINE_CACHE_BYTES", 0, minimum=0, maximum=2**41)
ENGINE_MEMORY_BYTES = env_int("ENGINE_MEMORY_BYTES", 0, minimum=0, maximum=2**41)
ENGINE_COMPILE = env_choice("ENGINE_COMPILE", ("", "blocks", "whole"))
LEASE_DIR = DATA_DIR / "run"
BATCH_SIZE_MAX = env_int("BATCH_SIZE_MAX", 8, minimum=1, maximum=64)
BATCH_QUEUE_DELAY_MS = env_int("BATCH_QUEUE_DELAY_MS", 150, minimum=0, maximum=10_000)
MODEL_SOURCES_DIR = env_str("MODEL_SOURCES_DIR")  # what operators may have copied there; empty: the hub's alone
MODELS_DIR = Path(env_str("MODELS_DIR", str(DATA_DIR / "models"))).resolve()

# --- Trainings of people's own models: .env.example says what each does -------------------------------
TRAINING_DEVICE = env_str("TRAINING_DEVICE", ENGINE_DEVICE)
TRAININGS_DIR = Path(env_str("TRAININGS_DIR", str(DATA_DIR / "trainings"))).resolve()
TRAINING_CHECKPOINT_SECONDS = env_float("TRAINING_CHECKPOINT_SECONDS", 120.0, minimum=0.0, maximum=3600.0)
TRAINING_STEPS = env_int("TRAINING_STEPS", 0, minimum=0, maximum=100_000)
TRAINING_SLICE_SECONDS = env_float("TRAINING_SLICE_SECONDS", 1.0, minimum=0.0, maximum=600.0)
TRAINING_PATIENCE_SECONDS = env_float("TRAINING_PATIENCE_SECONDS", 10.0, minimum=0.0, maximum=3600.0)
TRAINING_SILENCE_SECONDS = env_float("TRAINING_SILENCE_SECONDS", 900.0, minimum=5.0, maximum=86400.0)
TRAINING_PAUSE_SECONDS = env_float("TRAINING_PAUSE_SECONDS", 15.0, minimum=0.0, maximum=3600.0)
TRAINING_MAX_ATTEMPTS = env_int("TRAINING_MAX_ATTEMPTS", 12, minimum=1, maximum=1000)
TRAININGS_WAITING_MAX = env_int("TRAININGS_WAITING_MAX", 3, minimum=1, maximum=1000)

# A server of chat completions improves prompts and puts pictures into words; without one, pages say so.
PROMPT_WRITER_URL = env_str("PROMPT_WRITER_URL").rstrip("/")
PROMPT_WRITER_MODEL = env_str("PROMPT_WRITER_MODEL")
PROMPT_WRITER_KEY = env_secret("PROMPT_WRITER_KEY", required=False, minimum_length=1)
PROMPT_WRITER_TIMEOUT_SECONDS = env_int("PROMPT_WRITER_TIMEOUT_SECONDS", 20, minimum=1, maximum=60)

# --- Credits ----------------------------------------------------------------------------------------
REFERENCE_URL_NAMES = {"job": "generation:run", "payment": "billing:receipt"}
# Both sides when a friend has confirmed the address and made a picture; the referrer again when the friend has paid
# and the time for refunds is over. A referrer is rewarded for so many friends at most.
REFERRAL_CREDITS = env_int("REFERRAL_CREDITS", 50, minimum=0, maximum=100_000)
REFERRAL_FRIEND_CREDITS = env_int("REFERRAL_FRIEND_CREDITS", 50, minimum=0, maximum=100_000)
REFERRAL_PAID_CREDITS = env_int("REFERRAL_PAID_CREDITS", 500, minimum=0, maximum=100_000)
# A payment counts as a friend's first from this share of the smallest plan's monthly price on; a cent is none.
REFERRAL_PAID_MIN_PERCENT = env_int("REFERRAL_PAID_MIN_PERCENT", 50, minimum=1, maximum=100)
REFERRAL_FRIENDS_MAX = env_int("REFERRAL_FRIENDS_MAX", 50, minimum=0, maximum=100_000)
# Friends who may come from one network address or device before more are refused.
REFERRAL_SAME_PLACE_MAX = env_int("REFERRAL_SAME_PLACE_MAX", 3, minimum=1, maximum=1000)
REFUND_WINDOW_DAYS = env_int("REFUND_WINDOW_DAYS", 14, minimum=0, maximum=365)
# What is refused, by category: `sexual:flag`, `gore:block:0.8`; words of one's own; what looks at pictures.
MODERATION = env_list("MODERATION")
MODERATION_RULES = env_str("MODERATION_RULES")
MODERATION_IMAGES = env_str("MODERATION_IMAGES")
MODERATION_IMAGE_THRESHOLDS = env_list("MODERATION_IMAGE_THRESHOLDS")
MODERATION_KEEP_DAYS = env_int("MODERATION_KEEP_DAYS", 30, minimum=1, maximum=3650)
SHOWCASE = env_bool("SHOWCASE")  # whether people can show pictures to everybody at /showcase/
# Pictures of the API's are kept for so long; those of the site's for what the plan says.
API_RETENTION_DAYS = env_int("API_RETENTION_DAYS", 30, minimum=1, maximum=3650)
# Requests a minute: with a key, with all keys of an account together, and with a key for pictures.
API_RATE_KEY = env_int("API_RATE_KEY", 120, minimum=1, maximum=1_000_000)
API_RATE_ACCOUNT = env_int("API_RATE_ACCOUNT", 600, minimum=1, maximum=1_000_000)
API_RATE_GENERATE = env_int("API_RATE_GENERATE", 60, minimum=1, maximum=1_000_000)

# --- The API -------------------------------------------------------------------------------------------
API_JOBS_WAITING_MAX = env_int("API_JOBS_WAITING_MAX", 1000, minimum=1, maximum=1_000_000)
# Requests of one process that may wait for their pictures (Prefer: wait); each holds a thread meanwhile.
API_WAITERS_MAX = env_int("API_WAITERS_MAX", max(1, WEB_THREADS // 2), minimum=0, maximum=256)

# The largest picture that is taken in, by address or as a file.
INPUT_IMAGE_MAX_BYTES = 1_000_000 * env_int("INPUT_IMAGE_MAX_MB", 20, minimum=1, maximum=200)
# Its bounds in pixels, looked at before it is decoded; a picture of so many takes some 200 MB while it is open.
UPLOAD_PIXELS_MAX = 1_000_000 * env_int("UPLOAD_MEGAPIXELS_MAX", 16, minimum=1, maximum=100)
UPLOAD_SIDE_MAX = 8192
# What the pictures that a person brought along may take together, and how long each is kept after its last use.
UPLOAD_QUOTA_BYTES = 1_000_000 * env_int("UPLOAD_QUOTA_MB", 500, minimum=1, maximum=1_000_000)
UPLOAD_RETENTION_DAYS = env_int("UPLOAD_RETENTION_DAYS", 60, minimum=1, maximum=3650)

# --- Payments ------------------------------------------------------------------------------------------------
# Stripe where there is a key; without one, TEST_SHOP=1 lets the project's own shop stand in at /test-shop/, where no
# real money moves. STRIPE_API_BASE points at a shop somewhere else that speaks Stripe's API.
TEST_SHOP = env_bool("TEST_SHOP")
STRIPE_SECRET_KEY = env_secret("STRIPE_SECRET_KEY", required=False, minimum_length=16)
# Comma-separated, while one is rotated out.
STRIPE_WEBHOOK_SECRETS = env_list("STRIPE_WEBHOOK_SECRETS")
STRIPE_API_BASE = env_str("STRIPE_API_BASE").rstrip("/")
STRIPE_WEBHOOK_PATH = "stripe/webhook/"
STRIPE_AUTOMATIC_TAX = env_bool("STRIPE_AUTOMATIC_TAX")
# A plan stays in force for so long while a payment fails and is tried again.
PAYMENT_GRACE_DAYS = env_int("PAYMENT_GRACE_DAYS", 7, minimum=0, maximum=60)
STRIPE_TIMEOUT_SECONDS = env_int("STRIPE_TIMEOUT_SECONDS", 10, minimum=1, maximum=60)
_SHOP_PAGES = ["https://checkout.stripe.com", "https://billing.stripe.com", "https://invoice.stripe.com"]
if TEST_SHOP:
    if PRODUCTION:
        raise ImproperlyConfigured("TEST_SHOP=1 sells for no money: never with PRODUCTION=1.")
    if STRIPE_SECRET_KEY or STRIPE_API_BASE:
        raise ImproperlyConfigured("TEST_SHOP=1 sells for no money: unset STRIPE_SECRET_KEY and STRIPE_API_BASE.")
    # Keys between the site and its own shop, the same in every process and at every start.
    STRIPE_SECRET_KEY = "sk_test_" + hashlib.sha256(f"shop key {SECRET_KEY}".encode()).hexdigest()
    STRIPE_WEBHOOK_SECRETS = ["whsec_" + hashlib.sha256(f"shop hook {SECRET_KEY}".encode()).hexdigest()]
    # Who opened the site by another name (127.0.0.1) is led to its shop all the same.
    _SHOP_PAGES = [SITE_URL]
elif STRIPE_API_BASE:
    _SHOP_PAGES = [STRIPE_API_BASE]

# --- Webhooks and event streams of the API ------------------------------------------------------------
# 1: webhooks may go to this machine and private networks, and pictures be fetched there, on any port, without TLS.
WEBHOOK_ALLOW_PRIVATE = env_bool("WEBHOOK_ALLOW_PRIVATE")
WEBHOOK_PORTS = [int(port) for port in env_list("WEBHOOK_PORTS", "80,443,8080,8443")]
# The process that serves /v1/diffusions/<id>/events. The web process leads there where no proxy does; unset in
# production, where the proxy gives it those paths.
EVENTS_PORT = env_int("EVENTS_PORT", min(PORT + 1, 65535), minimum=1, maximum=65535)
EVENTS_URL = env_str("EVENTS_URL", "" if PRODUCTION else f"http://localhost:{EVENTS_PORT}").rstrip("/")
EVENTS_STREAMS_MAX = env_int("EVENTS_STREAMS_MAX", 1000, minimum=1, maximum=100_000)
EVENTS_STREAMS_A_PERSON = env_int("EVENTS_STREAMS_A_PERSON", 20, minimum=1, maximum=100_000)

# --- Accounts (allauth) -----------------------------------------------------------------------------
EMAIL_VERIFICATION_REQUIRED = env_bool("EMAIL_VERIFICATION_REQUIRED", default=PRODUCTION)
ACCOUNT_EMAIL_VERIFICATION = "mandatory" if EMAIL_VERIFICATION_REQUIRED else "none"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = EMAIL_VERIFICATION_REQUIRED
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = EMAIL_VERIFICATION_REQUIRED
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_CHANGE = EMAIL_VERIFICATION_REQUIRED
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if PRODUCTION else "http"
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXY_COUNT

MFA_TOTP_ISSUER = SITE_NAME
# Browsers take http://localhost for safe; everything else needs HTTPS.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PRODUCTION
MFA_ALLOW_UNVERIFIED_EMAIL = not EMAIL_VERIFICATION_REQUIRED
SOCIALACCOUNT_PROVIDERS: dict[str, Any] = {
    name: {"APPS": [app], "SCOPE": account_settings.VOUCHER_SCOPES[name], "OAUTH_PKCE_ENABLED": True}
    for name, app in _VOUCHERS.items()
}

# --- Mail -------------------------------------------------------------------------------------------
EMAIL_URL_HOST = env_str("EMAIL_HOST")
DEFAULT_FROM_EMAIL = env_str("DEFAULT_FROM_EMAIL", f"{SITE_NAME} <hello@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
# Where people turn with bugs and wishes; the FAQ names what is set. By default the address that mails come from.
SUPPORT_EMAIL = env_str("SUPPORT_EMAIL", parseaddr(DEFAULT_FROM_EMAIL)[1])
# Set once somebody who knows the law has read templates/legal/: until then each of those pages says it is a template.
LEGAL_REVIEWED = env_bool("LEGAL_REVIEWED")
DISCORD_URL = env_str("DISCORD_URL")
FEATURE_REQUESTS_URL = env_str("FEATURE_REQUESTS_URL")
EMAIL_SUBJECT_PREFIX = f"[{SITE_NAME}] "
# Who is told of disputes and of what the nightly comparison with the shop healed.
ADMINS = [("Operator", address) for address in env_list("ADMIN_EMAILS")]
EMAIL_FILE_PATH = DATA_DIR / "mail"
if EMAIL_URL_HOST:
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST = EMAIL_URL_HOST
    EMAIL_PORT = env_int("EMAIL_PORT", 587, minimum=1, maximum=65535)
    EMAIL_HOST_USER = env_str("EMAIL_HOST_USER")
    EMAIL_HOST_PASSWORD = env_secret("EMAIL_HOST_PASSWORD", required=False, minimum_length=1)
    EMAIL_USE_TLS = env_bool("EMAIL_USE_TLS", default=True)
    EMAIL_TIMEOUT = 10
else:
    EMAIL_BACKEND = "accounts.mail.ConsoleAndFileBackend"

# --- Files ------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = DATA_DIR / "media"
SCRATCH_DIR = DATA_DIR / "scratch"
# An owner's link to a file lives between one and two of these; within one it stays the same, so browsers cache it.
MEDIA_LINK_SECONDS = env_int("MEDIA_LINK_SECONDS", 86400, minimum=60, maximum=604800)
S3_BUCKET = env_str("S3_BUCKET")
_STATIC_STORAGE = (
    "django.contrib.staticfiles.storage.StaticFilesStorage"
    if DEBUG
    else "whitenoise.storage.CompressedManifestStaticFilesStorage"
)
STORAGES: dict[str, Any] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": MEDIA_ROOT}},
    "staticfiles": {"BACKEND": _STATIC_STORAGE},
}
_PICTURE_ORIGINS = env_list("MEDIA_ORIGINS")
if S3_BUCKET:
    _endpoint_url, _region = env_str("S3_ENDPOINT_URL"), env_str("S3_REGION", "us-east-1")
    _secret_key = env_secret("S3_SECRET_KEY", required=False, minimum_length=1)
    STORAGES["default"] = bucket.storage(S3_BUCKET, _endpoint_url, _region, env_str("S3_ACCESS_KEY"), _secret_key)
    _PICTURE_ORIGINS.insert(0, bucket.origin(_endpoint_url, _region))

# --- Safety -----------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", *_PICTURE_ORIGINS],
        "media-src": [SELF, *_PICTURE_ORIGINS],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        # A form that opens a checkout, or asks another site to vouch, is answered with the way there.
        "form-action": [SELF, *_SHOP_PAGES, *(account_settings.VOUCHER_PAGES[name] for name in _VOUCHERS)],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_HTTPONLY = True
if PRODUCTION:
    SECURE_SSL_REDIRECT = env_bool("SECURE_SSL_REDIRECT", default=True)
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
    SECURE_HSTS_SECONDS = 63_072_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    # Browsers take such a name from this very host over HTTPS alone: no other host of the domain can plant a session.
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_NAME = "__Host-csrftoken"
    if TRUSTED_PROXY_COUNT:
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# --- Logs: one event a line; never a prompt, a key or an address ------------------------------------
LOGGING = logging.configuration(env_str("LOG_LEVEL", "INFO"), env_choice("LOG_FORMAT", list(logging.FORMATS)))
# What Prometheus shows to be let in to /metrics; unset: there is no such page.
METRICS_TOKEN = env_secret("METRICS_TOKEN", required=False)
if METRICS_TOKEN:
    MIDDLEWARE = ["getimg_site.metrics.MetricsMiddleware", *fixed_settings.MIDDLEWARE]
SENTRY_DSN = env_str("SENTRY_DSN")
