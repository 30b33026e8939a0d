"""The site's settings where Google and GitHub are the servers of `tests/vouchers.py`, which VOUCHERS tells of."""

import json
import os

from getimg_site.settings import *  # noqa: F403
from getimg_site.settings import CONTENT_SECURITY_POLICY, SOCIALACCOUNT_PROVIDERS, STORAGES

_TOLD = json.loads(os.environ["VOUCHERS"])

SOCIALACCOUNT_PROVIDERS = {
    name: {**facts, **_TOLD["settings"][name]} for name, facts in SOCIALACCOUNT_PROVIDERS.items()
}
_DIRECTIVES = CONTENT_SECURITY_POLICY["DIRECTIVES"]
_LED_TO = [_TOLD["pages"].get(page, page) for page in _DIRECTIVES["form-action"]]
CONTENT_SECURITY_POLICY = {"DIRECTIVES": {**_DIRECTIVES, "form-action": _LED_TO}}
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
WHITENOISE_USE_FINDERS = True
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
