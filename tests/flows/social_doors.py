"""A process of a site where Google and GitHub are set up: what its pages offer goes out as JSON.

`test_social_login.py` starts it: which providers there are is settled when the settings are read.
"""

import json
import os
from typing import Any

from django.conf import settings
from django.test import Client, override_settings


def main() -> None:
    """Open the doors and write down what is offered, and where it leads."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.test.utils import setup_test_environment

    setup_test_environment()
    call_command("migrate", verbosity=0)
    from accounts.models import User

    User.objects.create_user("ada@example.com", "correct horse battery")
    static_files = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    with override_settings(STORAGES={**settings.STORAGES, "staticfiles": static_files}):  # none were collected
        print(json.dumps(_look()))


def _look() -> dict[str, Any]:
    browser = Client()
    pages = {path: browser.get(path) for path in ("/accounts/login/", "/accounts/signup/")}
    way = browser.post("/accounts/google/login/?process=login")
    unasked = browser.get("/accounts/google/login/")
    forged = browser.get("/accounts/google/login/callback/", {"code": "of-somebody", "state": "made-up"})
    browser.cookies["g_csrf_token"] = "x"
    token = browser.post("/accounts/google/login/token/", {"credential": "a.b.c", "g_csrf_token": "x"})
    is_in = "_auth_user_id" in browser.session
    browser.post("/accounts/login/", {"login": "ada@example.com", "password": "correct horse battery"})
    pages["/accounts/3rdparty/"] = browser.get("/accounts/3rdparty/")
    return {
        "offered": {
            path: [name for name in ("Google", "GitHub") if name in page.content.decode()]
            for path, page in pages.items()
        },
        "leads_to": way["Location"],
        "unasked": [unasked.status_code, unasked.get("Location", "")],
        "forged": [forged.status_code, is_in],
        "token": token.status_code,
        "policy": pages["/accounts/login/"]["Content-Security-Policy"],
    }


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "getimg_site.settings"
    main()
