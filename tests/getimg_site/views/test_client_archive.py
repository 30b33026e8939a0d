import io
import re
import tarfile

import pytest
from django.conf import LazySettings

from tests.visitors import visitor, words

pytestmark = pytest.mark.django_db


def test_the_page_of_clients_leads_to_archives_that_are_there(settings: LazySettings) -> None:
    settings.SITE_URL = "https://pictures.example"
    led = re.findall(r"https://pictures\.example(/docs/clients/\w+\.tar\.gz)", words(visitor().get("/docs/clients/")))

    assert sorted(set(led)) == ["/docs/clients/python.tar.gz", "/docs/clients/typescript.tar.gz"]
    for path in led:
        answer = visitor().get(path)
        assert answer["Content-Type"] == "application/gzip"
        with tarfile.open(fileobj=io.BytesIO(answer.content)) as tar:
            assert any(name.endswith("/README.md") for name in tar.getnames())


def test_a_client_that_there_is_not_is_not_found() -> None:
    assert visitor().get("/docs/clients/cobol.tar.gz").status_code == 404
