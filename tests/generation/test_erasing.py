"""Erasing an account: nobody comes in from the first moment; in the end nothing anywhere says whose it was."""

import json
import logging
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import LazySettings
from django.contrib.admin.models import CHANGE, LogEntry
from django.core import mail
from django.core.files.storage import FileSystemStorage, default_storage
from django.db import connection
from django.db.models import ForeignKey
from django.test import Client
from django.utils import timezone

from accounts.models import User
from billing import audit, ledger
from billing.models import LedgerEntry, Subscription, Wallet
from generation import (
    custom_models,
    erasing,
    export_worker,
    exports,
    gallery,
    lifecycle,
    params,
    reproductions,
    sealing,
    storage,
)
from generation.erasing import NotErasable
from generation.errors import InvalidParams, ReproductionRefused
from generation.models import Erasure, Export, Image, Job, ModerationCase, Publication, Report, Upload
from tests.billing.test_shop import counter
from tests.billing.till import hear
from tests.generation.needles import (
    ADDRESS,
    NAME,
    PASSWORD,
    found_in_database,
    found_in_files,
    needles_in,
    planted,
    unplanted,
)
from tests.generation.pictures import draw
from tests.generation.runs import balance, claim, make_person, submit
from tests.generation.test_expiry_mail import AwayBackend
from tests.generation.trained import lora_file, ready
from tests.generation.uploads import brought

pytestmark = pytest.mark.django_db


# What becomes of the rows that hang on an account, by the column that says whose they are.
STAYS = {
    "admin.LogEntry.user": "what an operator did, without a word about them",
    "billing.Customer.user": "the books: the shop's number",
    "billing.Subscription.user": "the books",
    "billing.Wallet.user": "the books",
    "accounts.Referral.friend": "the books: what was paid for it",
    "accounts.Referral.referrer": "the books: what was paid for it",
    "generation.Erasure.user": "that and when it was erased",
}
LETS_GO = {"generation.ModerationCase.decided_by", "generation.Report.reporter", "getimg_site.Wish.author"}
_GOES = """
    account.EmailAddress.user accounts.ApiAccount.user accounts.ApiKey.user accounts.FormerAddress.user
    accounts.NotificationChoice.user accounts.SupportVisit.user accounts.Suspension.user
    accounts.TestAllowance.user accounts.User_groups.user accounts.User_user_permissions.user
    generation.CustomModel.owner generation.CustomModelGuest.user generation.ExpiryMail.user
    generation.Export.user generation.Folder.user generation.Image.user generation.Job.user
    generation.JobLora.user generation.Like.user generation.ModerationCase.user generation.Preset.user
    generation.Publication.user generation.SearchText.user generation.Tag.user generation.Upload.user
    generation.WebhookEndpoint.user generation.WordList.user getimg_site.BugReport.author
    getimg_site.WishVote.user mfa.Authenticator.user socialaccount.SocialAccount.user
    usersessions.UserSession.user
    """
GOES = set(_GOES.split())


def rows_of(user: User) -> dict[str, int]:
    """Return how many rows of every column that refers to people refer to this one."""
    return {
        f"{model._meta.label}.{field.name}": model._base_manager.filter(**{field.name: user}).count()
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.concrete_fields
        if isinstance(field, ForeignKey) and field.related_model is User
    }


def erase(user: User) -> Erasure:
    erasing.request(user)
    erasing.run_due()
    return Erasure.objects.get(user=user)


@pytest.fixture
def shop(settings: LazySettings, tmp_path: Path) -> Iterator[counter.OpenShop]:
    """Yield a shop that the site sells at."""
    with counter.open_shop(tmp_path) as opened:
        settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE = counter.KEY, opened.url
        settings.STRIPE_WEBHOOK_SECRETS = [counter.HOOK_SECRET]
        yield opened


def test_no_column_no_file_and_no_log_line_names_the_person(
    shop: counter.OpenShop,
    settings: LazySettings,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    settings.EMAIL_BACKEND = "accounts.mail.ConsoleAndFileBackend"
    user = planted(shop, settings)
    assert unplanted() == []
    before = [place.rpartition(":")[0] for place in found_in_files(settings.DATA_DIR)]
    for folder in ("media/exports", "mail", "cache"):
        assert [place for place in before if place.startswith(str(settings.DATA_DIR / folder))]

    erasure = erase(user)

    assert erasure.finished_at is not None
    assert Subscription.objects.get().status == Subscription.Status.CANCELED
    hear(shop)
    erasing.forget_late()
    assert found_in_database() == []
    assert [*found_in_files(settings.DATA_DIR), *found_in_files(tmp_path)] == []
    assert [path for path in Path(settings.EMAIL_FILE_PATH).iterdir() if user.pk.hex in path.read_text()]
    assert [record.getMessage() for record in caplog.records if needles_in(repr(record.__dict__).encode())] == []
    # Letters are shown there, to whoever tries the site out: under no address.
    assert needles_in("".join(capfd.readouterr()).encode()) & {ADDRESS, "zq7jxv"} == set()


def test_of_every_column_that_refers_to_people_it_is_said_what_becomes_of_it(
    shop: counter.OpenShop, settings: LazySettings
) -> None:
    user = planted(shop, settings)
    shown = Publication.objects.get(likes__user=user)
    reports, decided = Report.objects.filter(reporter=user), ModerationCase.objects.filter(decided_by=user)
    kept = [*reports.values_list("pk", flat=True)], [*decided.values_list("pk", flat=True)]
    LogEntry.objects.create(user=user, action_flag=CHANGE, object_repr="of the site")
    before = {column: count for column, count in rows_of(user).items() if column != "generation.Erasure.user"}
    assert set(rows_of(user)) == {*STAYS, *LETS_GO, *GOES}
    assert [column for column, count in before.items() if not count] == []

    erase(user)

    assert {column for column, count in rows_of(user).items() if count} == set(STAYS)
    assert (Report.objects.filter(pk__in=kept[0]).count(), ModerationCase.objects.filter(pk__in=kept[1]).count()) == (
        len(kept[0]),
        len(kept[1]),
    )
    shown.refresh_from_db()
    assert (shown.likes_count, shown.likes.count()) == (0, 0)


def test_the_ledger_stays_right_and_of_the_same_wallet(shop: counter.OpenShop, settings: LazySettings) -> None:
    user = planted(shop, settings)
    before = list(LedgerEntry.objects.filter(wallet__user=user).order_by("id").values_list("pk", "reason"))

    erase(user)

    after = list(LedgerEntry.objects.filter(wallet__user=user).order_by("id").values_list("pk", "reason"))
    assert after[: len(before)] == before
    assert [wallet.balance for wallet in Wallet.objects.filter(user=user)] == [0]
    assert list(audit.audit()) == []


def test_the_name_of_a_model_leaves_the_runs_of_those_it_was_shared_with() -> None:
    owner, guest = make_person(ADDRESS), make_person("bob@example.com")
    model, own = ready(owner, name=NAME), ready(guest, lora_file(b"others"), name="Bob's own")
    custom_models.accept(model, guest, custom_models.share(model))
    both = [{"id": str(model.pk), "weight": 0.5}, {"id": str(own.pk)}]
    image, waiting = draw(guest, loras=both), submit(guest, loras=both)
    proof = reproductions.order(guest, image).job
    custom_models.unshare(model)
    assert [place for place in found_in_database() if place == f"generation_job.params: {NAME}"]

    erase(owner)

    assert found_in_database() == []
    for job in (image.job, waiting, proof):
        job.refresh_from_db()
        kept = [(one["id"], one["name"], one["weight"], one["sha256"]) for one in job.params["loras"]]
        assert kept == [(str(model.pk), "", 0.5, model.sha256), (str(own.pk), "Bob's own", 1.0, own.sha256)]
    client = Client()
    client.force_login(guest)
    page = client.get(f"/pictures/{image.pk}/").content.decode()
    assert "Erased model × 0.5" in page
    assert "Bob&#x27;s own × 1" in page
    with pytest.raises(ReproductionRefused, match="account that was erased"):
        reproductions.refuse_what_cannot_be(image)


def test_a_guest_whose_request_is_on_its_way_while_the_owner_is_erased_leaves_no_name() -> None:
    owner, guest = make_person(ADDRESS), make_person("bob@example.com")
    model = ready(owner, name=NAME)
    custom_models.accept(model, guest, custom_models.share(model))
    read = params.parse("text-to-image", {"prompt": "a red fox", "loras": [{"id": str(model.pk)}]}, guest)
    before = balance(guest)

    erase(owner)
    with pytest.raises(InvalidParams, match="deleted meanwhile") as caught:
        lifecycle.submit(guest, read, key="once")

    assert caught.value.errors[0].field == "loras"
    assert balance(guest) == before
    assert not Job.objects.filter(user=guest).exists()
    assert found_in_database() == []


def test_others_keep_theirs() -> None:
    user, other = make_person(), make_person("bob@example.com")
    theirs = draw(other)

    erase(user)

    assert default_storage.exists(theirs.file)
    assert balance(other) == 99
    other.refresh_from_db()
    assert other.is_active


def test_the_receipt_goes_to_the_address_that_was() -> None:
    user = make_person("ada@example.com", credits=10)
    draw(user)
    gallery.delete(draw(user))

    erase(user)

    sent = mail.outbox[-1]
    assert sent.to == ["ada@example.com"]
    assert "Gone for good: 2 pictures, 0 uploads, 0 models" in sent.body
    assert "8 credits were given up" in sent.body
    assert str(user.pk) in sent.body


def test_nobody_comes_in_from_the_first_moment() -> None:
    user = make_person()
    client = Client()
    client.force_login(user)

    erasing.request(user)

    assert client.get("/settings/profile/").status_code == 302


def test_nobody_comes_in_either_where_whoever_asked_for_it_died_on_the_way() -> None:
    user = make_person()
    Erasure.objects.create(user=user, sealed_address=sealing.seal(user.email), removed=erasing.what_goes(user))

    assert erasing.run_due() == 1

    user.refresh_from_db()
    assert not user.is_active


def test_a_picture_that_a_worker_brings_late_finds_no_place() -> None:
    user = make_person()
    submit(user)
    job = claim().jobs[0]

    erase(user)

    assert not Job.objects.filter(pk=job.pk).exists()
    assert ledger.wallet_of(user).balance == 0


def test_a_killed_process_is_followed_by_another(monkeypatch: pytest.MonkeyPatch) -> None:
    user = make_person()
    for _ in range(3):
        draw(user)
    erasing.request(user)
    removed: list[object] = []

    class Killed(BaseException):
        """What a kill looks like from within."""

    def killed_at_the_second(image: Image) -> None:
        if removed:
            raise Killed
        removed.append(image)

    with monkeypatch.context() as patched:
        patched.setattr(storage, "delete_files_of", killed_at_the_second)
        with pytest.raises(Killed):
            erasing.run_due()
    assert Image.objects.filter(user=user).count() == 2
    assert erasing.run_due() == 0  # the dead one's lease

    assert erasing.run_due(timezone.now() + timedelta(minutes=16)) == 1

    assert not Image.objects.filter(user=user).exists()


def test_a_slice_ends_in_time_and_the_next_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    user = make_person()
    draw(user)
    erasing.request(user)
    with monkeypatch.context() as patched:
        patched.setattr(erasing, "_SLICE_SECONDS", -1.0)
        assert erasing.run_due() == 0

    assert erasing.run_due() == 1


def test_a_mail_server_that_is_away_keeps_the_receipt_waiting_and_the_address_sealed(settings: LazySettings) -> None:
    user = make_person("ada@example.com")
    backend, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, f"{AwayBackend.__module__}.AwayBackend"

    erasure = erase(user)

    assert (erasure.finished_at, erasure.trouble) == (None, "mail")
    assert erasure.sealed_address
    assert "ada@example.com" not in json.dumps(list(Erasure.objects.values()), default=str)
    settings.EMAIL_BACKEND = backend
    assert erasing.run_due(erasure.due_at) == 1
    assert mail.outbox[-1].to == ["ada@example.com"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL writes over what is dead when it vacuums")
def test_the_database_file_of_sqlite_forgets_as_well(settings: LazySettings) -> None:
    user = make_person(ADDRESS)
    draw(user, prompt="zqjxvprompt", negative_prompt=NAME)
    name = str(connection.settings_dict["NAME"])
    files = [Path(name), Path(f"{name}-wal")]
    assert set.union(*(needles_in(file.read_bytes()) for file in files)) >= {ADDRESS, NAME, "zqjxvprompt"}

    erase(user)

    assert set.union(*(needles_in(file.read_bytes()) for file in files)) == set()


class StubbornStorage(FileSystemStorage):
    """A disk or bucket that answers no deletion."""

    def delete(self, name: str) -> None:
        raise ConnectionRefusedError("the bucket is away")


def test_weights_whose_deletion_once_failed_do_not_outlive_their_row(settings: LazySettings) -> None:
    user = make_person()
    model = ready(user)
    model.pictures.create(upload=brought(user), position=0)
    own, away = settings.STORAGES, {"BACKEND": f"{__name__}.{StubbornStorage.__name__}"}

    settings.STORAGES = {**own, "default": away}
    with pytest.raises(ConnectionRefusedError):
        custom_models.delete(model)
    settings.STORAGES = own

    assert default_storage.exists(model.weights)
    assert Upload.objects.get().deleted_at is not None, "the sweep finds it"
    erase(user)
    assert not default_storage.exists(model.weights)
    assert not list(storage.files_under(custom_models.folder_of(model)))


def test_who_runs_the_site_is_not_erased() -> None:
    user = User.objects.create_superuser("root@example.com", PASSWORD)

    with pytest.raises(NotErasable):
        erasing.request(user)

    user.refresh_from_db()
    assert user.is_active


def test_exports_go_with_their_files() -> None:
    user = make_person()
    export = exports.order(user)
    export_worker.write(export.pk)
    export.refresh_from_db()

    erase(user)

    assert not Export.objects.exists()
    assert not default_storage.exists(export.file)
