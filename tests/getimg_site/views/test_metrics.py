import io
import time

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from billing.models import Wallet
from generation import queue_health
from getimg_site import backups
from tests.factories import make_wallet
from tests.generation.runs import make_person, submit
from tests.getimg_site.scraping import TOKEN, figures, read


def test_without_a_token_there_is_no_such_page(client: Client) -> None:
    assert client.get("/metrics").status_code == 404


@pytest.mark.parametrize("sent", ["", "Bearer ", "Bearer wrong", TOKEN])
def test_who_does_not_show_the_token_learns_nothing(client: Client, settings: LazySettings, sent: str) -> None:
    settings.METRICS_TOKEN = TOKEN

    response = client.get("/metrics", headers={"Authorization": sent})

    assert (response.status_code, b"getimg_" in response.content) == (401, False)


@pytest.mark.django_db
def test_the_queue_is_told(client: Client, settings: LazySettings) -> None:
    settings.METRICS_TOKEN = TOKEN
    submit(make_person())
    assert queue_health.measure().waiting == 1

    found = figures(read(client))

    assert (found["getimg_database_up"], found["getimg_runs_waiting"], found["getimg_runs_running"]) == (1, 1, 0)
    assert found["getimg_disk_free_bytes"] > 0
    assert found["getimg_migrations_missing"] == 0
    for name in ("stripe_events_failed", "webhooks_waiting", "money_mails_waiting"):
        assert found[f"getimg_{name}"] == 0


@pytest.mark.django_db
def test_the_last_audit_of_the_books_and_the_last_backup_are_told(client: Client, settings: LazySettings) -> None:
    settings.METRICS_TOKEN = TOKEN
    names = ("ledger_audit_faults", "ledger_audit_timestamp_seconds", "backup_timestamp_seconds")
    never = figures(read(client))
    assert [never[f"getimg_{name}"] for name in names] == [0, 0, 0]
    now = time.time()
    Wallet.objects.filter(pk=make_wallet(10).pk).update(balance=9)
    with pytest.raises(CommandError):
        call_command("ledger_audit", stdout=io.StringIO())
    backups.note()

    faults, audited, backed_up = (figures(read(client))[f"getimg_{name}"] for name in names)

    assert faults == 2
    assert now <= audited <= backed_up <= time.time()


@pytest.mark.django_db
def test_a_release_whose_migrations_were_not_run_is_told(client: Client, settings: LazySettings) -> None:
    settings.METRICS_TOKEN = TOKEN
    MigrationRecorder(connection).Migration.objects.filter(app="getimg_site", name__startswith="0006").delete()

    assert figures(read(client))["getimg_migrations_missing"] == 1
