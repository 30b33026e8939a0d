"""Erasing an account: nobody comes in from the first moment; in the end nothing anywhere says whose it was."""

import json
import logging
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from django.conf import LazySettings
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core import mail
from django.core.files.storage import FileSystemStorage, default_storage
from django.db import connection
from django.test import Client
from django.utils import timezone
from django_q.models import OrmQ

from accounts import api_keys
from accounts import audit as accounts_audit
from accounts.models import User
from billing import audit, ledger, plans
from billing.models import LedgerEntry, Subscription, Wallet
from generation import (
    custom_models,
    erasing,
    export_worker,
    exports,
    lifecycle,
    params,
    reproductions,
    storage,
    webhooks,
)
from generation.erasing import NotErasable
from generation.errors import InvalidParams, ReproductionRefused
from generation.models import Erasure, Export, Image, Job, ModerationCase, Preset, Upload, WordList
from tests.billing.test_shop import counter
from tests.billing.till import hear, subscribe
from tests.generation.pictures import draw
from tests.generation.runs import balance, claim, make_person, submit
from tests.generation.test_expiry_mail import AwayBackend
from tests.generation.trained import lora_file, ready
from tests.generation.uploads import brought

pytestmark = pytest.mark.django_db

# No two letters of these stand together by chance in ids, checksums or the words of the product.
ADDRESS, NAME, PROMPT = "zq7jxv.planted@example.net", "Zqjxvname Planted", "zqjxvprompt planted heron"
NEEDLES = (ADDRESS, "zq7jxv", NAME, "Zqjxvname", PROMPT, "zqjxvprompt")
PASSWORD = "correct horse battery"


def planted(shop: counter.OpenShop, settings: LazySettings) -> User:
    """Return somebody whose address, name and prompt stand wherever the product puts such things."""
    settings.WEBHOOK_ALLOW_PRIVATE = True
    user = make_person(ADDRESS, credits=500)
    User.objects.filter(pk=user.pk).update(display_name=NAME)
    user.refresh_from_db()
    EmailAddress.objects.create(user=user, email=ADDRESS, primary=True, verified=True)
    draw(user, prompt=PROMPT, negative_prompt=PROMPT)
    submit(user, prompt=PROMPT)
    brought(user)
    model = custom_models.create_draft(
        user, name=NAME, subject_class="object", trigger_word="zqjxvword", base_model="starter"
    )
    custom_models.consent(model, f"I, {NAME}, agree.")
    custom_models.add_picture(model, Upload.objects.get())
    Preset.objects.create(user=user, name=NAME, prompt=PROMPT, negative_prompt=PROMPT, settings={"style": PROMPT})
    ModerationCase.objects.create(
        user=user,
        kind="prompt",
        action="blocked",
        category="gore",
        text=PROMPT,
        found=NAME,
        appeal=f"I, {NAME}, say {PROMPT}",
    )
    WordList.objects.create(user=user, name="zqjxvprompt", entries=[PROMPT])
    api_keys.create(user, NAME)
    webhooks.create(user, url="http://127.0.0.1/zqjxvprompt", events=["diffusion.finished"], description=NAME)
    export_worker.write(exports.order(user).pk)
    exports.order(user)
    plans.seed()
    subscribe(shop, user)
    hear(shop)
    operator = make_person("operator@example.com")
    kind = ContentType.objects.get_for_model(User)
    LogEntry.objects.create(
        user=operator, content_type=kind, object_id=str(user.pk), object_repr=ADDRESS, action_flag=CHANGE
    )
    accounts_audit.write(None, operator.pk, "change", user, note=NAME, changes={"display_name": ["", NAME]})
    accounts_audit.write(None, operator.pk, "note", note=f"Wrote to {ADDRESS}")
    Client().post("/accounts/login/", {"login": ADDRESS, "password": PASSWORD})
    return user


def found_in_database() -> list[str]:
    """Return every column of every table in which a needle stands, whatever its type."""
    found = []
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {quote(table)} LIMIT 0")
            for column in [described[0] for described in cursor.description]:
                for needle in NEEDLES:
                    place = f"{quote(table)} WHERE CAST({quote(column)} AS TEXT)"
                    cursor.execute(f"SELECT COUNT(*) FROM {place} LIKE %s", [f"%{needle}%"])
                    if cursor.fetchone()[0]:
                        found.append(f"{table}.{column}: {needle}")
    return found


def found_in_files(folder: Path) -> list[str]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [
        f"{path}: {needle}"
        for path in files
        for needle in NEEDLES
        if needle in str(path) or needle.encode() in path.read_bytes()
    ]


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
    shop: counter.OpenShop, settings: LazySettings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    media = tmp_path / "media"
    settings.MEDIA_ROOT = media
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(media)},
        },
    }
    caplog.set_level(logging.DEBUG)
    user = planted(shop, settings)
    places = {place.partition(":")[0] for place in found_in_database()}
    assert places >= {
        "accounts_user.email",
        "accounts_user.display_name",
        "account_emailaddress.email",
        "generation_job.params",
        "generation_preset.prompt",
        "generation_moderationcase.text",
        "generation_custommodel.name",
        "billing_stripeevent.payload",
        "django_admin_log.object_repr",
    }
    assert [path for path in media.rglob("*") if path.is_file()]

    erasure = erase(user)

    assert erasure.finished_at is not None
    assert Subscription.objects.get().status == Subscription.Status.CANCELED
    hear(shop)
    erasing.forget_late()
    assert found_in_database() == []
    assert found_in_files(media) == []
    assert [path for path in media.rglob("*") if path.is_file()] == []
    assert [record.getMessage() for record in caplog.records if any(n in str(record.__dict__) for n in NEEDLES)] == []
    assert not [row for row in OrmQ.objects.all() if any(needle in repr(row.task) for needle in NEEDLES)]


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

    erase(user)

    sent = mail.outbox[-1]
    assert sent.to == ["ada@example.com"]
    assert "Gone for good: 1 picture, 0 uploads, 0 models" in sent.body
    assert "9 credits were given up" in sent.body
    assert str(user.pk) in sent.body


def test_nobody_comes_in_from_the_first_moment() -> None:
    user = make_person()
    client = Client()
    client.force_login(user)

    erasing.request(user)

    assert client.get("/settings/profile/").status_code == 302


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
