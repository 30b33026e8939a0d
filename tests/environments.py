"""Settings as the site reads them from an environment, for a test that goes on in its own process."""

import runpy

import pytest
from django.conf import LazySettings

from tests.rules.tree import ROOT


def keep_files(monkeypatch: pytest.MonkeyPatch, settings: LazySettings, **environment: str) -> None:
    """Have the site keep its files, and pages show them, as these variables say."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    read = runpy.run_path(str(ROOT / "getimg_site" / "settings.py"))
    settings.S3_BUCKET = read["S3_BUCKET"]
    settings.CONTENT_SECURITY_POLICY = read["CONTENT_SECURITY_POLICY"]
    settings.STORAGES = {**settings.STORAGES, "default": read["STORAGES"]["default"]}
