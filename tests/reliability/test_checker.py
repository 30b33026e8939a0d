"""The checker of what a studio leaves: it finds each kind of damage."""

from pathlib import Path

import pytest
from django.conf import LazySettings

from billing.models import CreditHold, Wallet
from generation.models import Image
from tests.generation.runs import make_person, submit
from tests.generation.workers import drain
from tests.reliability.checker import findings, strays

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("bare_folders"),
]


def test_each_kind_of_damage_is_found(child_environment: dict[str, str], settings: LazySettings) -> None:
    settings.ENGINE_BACKEND = "noop"
    url, media = child_environment["DATABASE_URL"], Path(settings.MEDIA_ROOT)
    job = submit(make_person(), num_images=2)
    assert "every run has ended" in str(list(findings(url, media)))
    drain()
    assert list(findings(url, media)) == []
    assert list(strays(url, media)) == []

    CreditHold.objects.filter(job=job).update(settled=1)
    Wallet.objects.update(balance=1)
    image = Image.objects.filter(job=job).order_by("index")[0]
    (media / image.file).write_bytes(b"another")
    found = "\n".join(findings(url, media))

    for law in (
        "nothing of it is open",
        "costs what its pictures",
        "settled by its lines",
        "its lines make",
        "lots have",
    ):
        assert law in found
    assert f"picture {image.pk} is not the file" in found

    Image.objects.filter(pk=image.pk).delete()
    assert [f"{image.pk.hex}" in words for words in strays(url, media)] == [True]
