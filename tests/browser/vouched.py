"""A site where Google and GitHub are set up: a process of its own, for settings say which there are.

It shares the database, the files and the cache of the tests; people who log in elsewhere do so at `tests/vouchers.py`.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import httpx
from django.conf import settings

from tests import vouchers
from tests.processes import Server, private_folder, running
from tests.rules.tree import ROOT
from tests.vouchers import GitHub, Google


@dataclass(frozen=True)
class VouchedSite:
    """Where the site answers, and the two that vouch for its people."""

    url: str
    google: Google
    github: GitHub


@contextmanager
def vouched_site(environment: Mapping[str, str]) -> Iterator[VouchedSite]:
    """Run the site as in production, where addresses are confirmed, with both set up."""
    google, github = Google(""), GitHub("")
    with vouchers.served(google), vouchers.served(github), private_folder("vouched") as folder:
        told = {
            "settings": {"google": google.settings(), "github": github.settings()},
            "pages": {"https://accounts.google.com": google.url, "https://github.com": github.url},
        }
        own = {f"{name}_CLIENT_ID": vouchers.CLIENT_ID for name in ("GOOGLE", "GITHUB")}
        own |= {f"{name}_CLIENT_SECRET": vouchers.CLIENT_SECRET for name in ("GOOGLE", "GITHUB")}
        own |= {"DJANGO_SETTINGS_MODULE": "tests.browser.voucher_settings", "VOUCHERS": json.dumps(told)}
        own |= {"EMAIL_VERIFICATION_REQUIRED": "1", "WEB_PROCESSES": "1", "PYTHONPATH": str(ROOT)}
        server = Server("site", _command, _answers, environment={**environment, **own}, patience_seconds=600)
        with running(server, folder) as port:
            url = f"http://localhost:{port}"
            google.callback, github.callback = (
                f"{url}/accounts/{site}/login/callback/" for site in ("google", "github")
            )
            yield VouchedSite(url, google, github)


def letters() -> list[EmailMessage]:
    """Return the mails that the site has sent, the oldest first, and forget them."""
    found: list[EmailMessage] = []
    for path in sorted(Path(settings.EMAIL_FILE_PATH).iterdir(), key=lambda path: path.stat().st_mtime_ns):
        found.append(message_from_bytes(path.read_bytes(), policy=policy.default))
        path.unlink()
    return found


def text_of(letter: EmailMessage) -> str:
    """Return what stands in a mail."""
    body: Any = letter.get_body(("plain",))
    return str(body.get_content())


def _command(port: int) -> list[str]:
    own = ["env", f"PORT={port}", f"SITE_URL=http://localhost:{port}"]
    config = ["--config", str(ROOT / "getimg_site" / "gunicorn.py"), "--chdir", str(ROOT)]
    return [*own, sys.executable, "-m", "gunicorn", *config, "getimg_site.wsgi"]


def _answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=5).status_code == 200
    except httpx.TransportError:
        return False
