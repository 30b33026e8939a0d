"""Somebody whose address, name and words stand wherever the product puts such things, and the search for them.

`NOBODYS` names, with a reason each, the columns that hold no words of a person; a new column stands there or is filled
by `planted`.
"""

import base64
import binascii
import io
import pickle
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.conf import LazySettings, settings
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.backends.cached_db import SessionStore
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.mail import send_mail
from django.db import connection, models
from django.test import Client, TestCase
from django_q.models import Task

from accounts import api_keys, audit, test_allowance
from accounts.models import NotificationChoice, Referral, Suspension, User
from billing import ledger, plans
from billing.models import AutoTopUp, Pack, Product
from generation import export_worker, exports, folders, search_index, shelving, showcase, webhooks
from generation.models import (
    CustomModelGuest,
    CustomModelSample,
    ExpiryMail,
    FailedAttempt,
    Image,
    Job,
    JobLora,
    ModerationCase,
    Preset,
    Report,
    Upload,
    WebhookAttempt,
    WebhookDelivery,
    WordList,
)
from getimg_site import bug_reports, wishes
from getimg_site.attachments import Attachment
from getimg_site.models import BugReport, BugReportFile, Wish
from tests.billing.test_shop import counter
from tests.billing.till import hear, subscribe
from tests.factories import make_user
from tests.generation.pictures import draw
from tests.generation.runs import make_person, submit
from tests.generation.trained import lora_file, ready
from tests.generation.uploads import brought

# No two letters of these stand together by chance in ids, checksums or the words of the product.
ADDRESS, FORMER = "zq7jxv.planted@example.net", "zq7jxv.before@example.net"
NAME, PROMPT = "Zqjxvname Planted", "zqjxvprompt planted heron"
NEEDLES = (ADDRESS, "zq7jxv", NAME, "Zqjxvname", PROMPT, "zqjxvprompt")
PASSWORD = "correct horse battery"


def planted(shop: counter.OpenShop, settings: LazySettings) -> User:
    """Return them."""
    settings.WEBHOOK_ALLOW_PRIVATE = True
    user = make_person(FORMER, credits=500)
    _move(user)
    User.objects.filter(pk=user.pk).update(display_name=NAME)
    user.refresh_from_db()
    operator = make_person("operator@example.com")
    _plant_account(user)
    _plant_pictures(user)
    _plant_words(user, operator)
    _plant_ties(user, operator)
    _delete_a_report(user)
    _plant_api(user)
    _plant_money(user, shop)
    _plant_what_operators_wrote(user, operator)
    _plant_traces(user)
    return user


def unplanted() -> list[str]:
    """Return the columns that could hold words, are not filled by `planted`, and are not known to hold nobody's."""
    found = {place.partition(":")[0] for place in found_in_database()}
    columns = {
        f"{model._meta.db_table}.{field.column}"
        for model in apps.get_models(include_auto_created=True)
        if not model._meta.proxy
        for field in model._meta.concrete_fields
        if isinstance(field, _WORDY) and not field.choices
    }
    return sorted(columns - found - {column for known in NOBODYS.values() for column in known.split()})


def found_in_database() -> list[str]:
    """Return every column of every table in which a needle stands, whatever its type and however it is packed."""
    found = set()
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {quote(table)}")
            columns = [described[0] for described in cursor.description]
            for row in cursor.fetchall():
                for column, value in zip(columns, row, strict=True):
                    raw = bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
                    found |= {f"{table}.{column}: {needle}" for needle in needles_in(raw)}
    return sorted(found)


def found_in_files(folder: Path) -> list[str]:
    """Return every file whose name or content names them, packed or not; the database itself is `found_in_database`'s.

    To read its file would drop the locks that this process has on it, as POSIX has it: another process that closes it
    then takes itself for the last, removes the log beside it, and the next test meets a "disk I/O error".
    """
    database = str(settings.DATABASES["default"]["NAME"])
    return [
        f"{path}: {needle}"
        for path in folder.rglob("*")
        if path.is_file() and not str(path).startswith(database)
        for needle in needles_in(str(path).encode()) | needles_in(path.read_bytes())
    ]


def needles_in(raw: bytes) -> set[str]:
    """Return which of the words stand in what the database, a file or a line of a log holds."""
    return {needle for text in _peeled(raw) for needle in NEEDLES if needle.lower().encode() in text.lower()}


def _peeled(raw: bytes) -> Iterator[bytes]:
    """Yield what it is, and what it holds: JSON with escapes, signed and pickled packets, cache files, zips."""
    yield raw
    if raw.startswith((b"{", b"[", b'"')):
        return
    packet = raw.split(b":")[0].strip().lstrip(b".")
    if len(packet) >= 16:
        try:
            unpacked = base64.b64decode(packet.translate(bytes.maketrans(b"-_", b"+/")) + b"===", validate=False)
        except binascii.Error:
            pass
        else:
            yield unpacked
            yield from _inflated(unpacked)
    if raw.startswith(b"\x80"):  # a file of the cache: when it is over, and the value, deflated
        rest = io.BytesIO(raw)
        pickle.load(rest)
        yield from _inflated(rest.read())
    if raw.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(raw)) as packed:
            for name in packed.namelist():
                yield name.encode()
                yield packed.read(name)


def _inflated(packed: bytes) -> Iterator[bytes]:
    try:
        yield zlib.decompress(packed)
    except zlib.error:
        return


_WORDY = (models.TextField, models.CharField, models.JSONField, models.BinaryField, models.FileField)

# Why a column holds no words of a person's, and which do not.
NOBODYS = {
    "ids, names and tokens that are made here": """
        account_emailconfirmation.key accounts_apikey.prefix accounts_auditline.object_id accounts_ratebucket.name
        accounts_suspension.paused_endpoints accounts_user.referral_code billing_credithold.parts
        billing_credithold.reference billing_ledgerentry.key billing_ledgerentry.reference django_admin_log.object_id
        django_q_ormq.key django_q_task.group django_q_task.id django_q_task.name django_session.session_key
        generation_custommodel.share_token generation_custommodelguest.share_token generation_failedattempt.worker
        generation_image.plan generation_job.batch_key generation_job.claimed_by generation_job.submit_key
        generation_publication.token generation_webhookdelivery.claimed_by usersessions_usersession.session_key
        """,
    "ids of the shop's": """
        billing_customer.customer_id billing_pack.price_id billing_payment.payment_id billing_payment.payment_intent_id
        billing_plan.month_price_id billing_plan.year_price_id billing_stripeevent.customer_id
        billing_stripeevent.event_id billing_stripeevent.object_id billing_subscription.price_id
        billing_subscription.subscription_id billing_topup.card_id
        """,
    "checksums and keyed hashes": """
        accounts_apikey.digest accounts_apikey.previous_digest accounts_erasedmailbox.digest accounts_referral.device
        accounts_referral.network accounts_user.device accounts_user.password billing_payment.card_fingerprint
        billing_subscription.card_fingerprint generation_clip.frames_sha256 generation_clip.sha256
        generation_custommodel.base_sha256 generation_custommodel.sha256 generation_environment.digest
        generation_image.pixels_sha256 generation_image.sha256 generation_job.request_digest generation_jobinput.sha256
        generation_moderationcase.digest generation_report.device generation_report.network
        generation_reproduction.pixels_sha256 generation_upload.sha256
        """,
    "sealed: nobody reads it without the key": """
        generation_erasure.sealed_address generation_webhookendpoint.sealed_previous_secret
        generation_webhookendpoint.sealed_secret
        """,
    "keys of files, which are made of ids, and colours of a few pixels": """
        generation_clip.gif generation_clip.mp4 generation_clip.webp generation_custommodel.weights
        generation_custommodelsample.file generation_custommodelsample.placeholder
        generation_custommodelsample.thumbnail generation_export.file generation_image.file
        generation_image.placeholder generation_image.thumbnail_320 generation_image.thumbnail_640
        generation_jobinput.placeholder generation_moderationcase.withheld generation_upload.file
        generation_upload.placeholder generation_upload.thumbnail getimg_site_bugreportfile.file
        """,
    "one of a few words of the product's, the shop's or Django's": """
        accounts_apikey.scopes accounts_auditline.kind accounts_auditline.verb accounts_user.time_zone
        auth_permission.codename auth_permission.name billing_autotopup.currency billing_credithold.tool
        billing_duenotice.kind billing_payment.currency billing_payment.dispute_reason billing_stripeevent.note
        billing_stripeevent.object_type billing_stripeevent.type billing_subscription.card billing_topup.currency
        django_content_type.app_label django_content_type.model django_q_task.cluster django_q_task.func
        django_q_task.hook generation_custommodel.base_model generation_custommodelpicture.problems
        generation_erasure.trouble generation_export.failure_reason generation_failedattempt.code
        generation_image.content_type generation_image.model_licence generation_job.error_code generation_job.model
        generation_job.served_by generation_job.task generation_jobinput.role generation_moderationcase.category
        generation_moderationcase.place generation_webhookendpoint.events
        getimg_site_bugreportfile.content_type socialaccount_socialaccount.provider
        """,
    "ids of wallets and what does not hold of them": "billing_ledgeraudit.findings",
    "numbers": "generation_custommodel.loss_curve generation_erasure.removed",
    "network addresses": "accounts_apikey.allowed_networks accounts_auditline.address",
    "set by the operator, of the site and not of a person": """
        accounts_featureswitch.reason auth_group.name billing_pack.currency billing_pack.name billing_pack.slug
        billing_plan.currency billing_plan.name billing_plan.slug billing_reconciliation.error
        billing_reconciliation.healed django_q_schedule.args django_q_schedule.cluster django_q_schedule.cron
        django_q_schedule.func django_q_schedule.hook django_q_schedule.intended_date_kwarg django_q_schedule.kwargs
        django_q_schedule.name django_q_schedule.task generation_environment.facts generation_installedmodel.checksums
        generation_installedmodel.hub_id generation_installedmodel.revision generation_installedmodel.slug
        generation_modelinstall.at_hand generation_modelinstall.folder generation_modelinstall.slug
        generation_modelinstall.trouble generation_modelalias.slug generation_modelalias.target
        generation_modelswitch.reason generation_modelswitch.slug generation_policyrule.category
        generation_policyrule.hints
        generation_policyrule.left_out generation_policyrule.terms getimg_site_clusterreport.cluster
        getimg_site_clusterreport.folder getimg_site_clusterreport.host getimg_site_incident.text
        getimg_site_incident.title getimg_site_wish.answer getimg_site_workertime.cluster getimg_site_workertime.host
        socialaccount_socialapp.client_id socialaccount_socialapp.key socialaccount_socialapp.name
        socialaccount_socialapp.provider
        socialaccount_socialapp.provider_id socialaccount_socialapp.secret socialaccount_socialapp.settings
        """,
    "names runs and rows by their ids alone": "django_q_ormq.payload",
    "append-only, and the form takes no address": "billing_ledgerentry.reason",
}

# --- planting, a neighbourhood at a time -----------------------------------------------------------


def _move(user: User) -> None:
    """Have an operator change the address, after it stood in the queue's log, a report and what operators wrote."""
    root = User.objects.create_superuser("root@example.com", PASSWORD)
    key = api_keys.create(user, NAME)[0]
    audit.write(None, root.pk, "note", key, note=f"Wrote to {FORMER}")
    kind = ContentType.objects.get_for_model(User)
    about = {"user": root, "content_type": kind, "object_id": str(root.pk), "action_flag": CHANGE}
    LogEntry.objects.create(object_repr=f"Mails of {FORMER}", **about)
    BugReport.objects.create(email=FORMER, text="It is missing")
    facts = {"func": "accounts.tasks.none", "started": user.date_joined, "stopped": user.date_joined}
    Task.objects.create(id="2" * 32, name="letter", kwargs={"to": FORMER}, success=True, **facts)
    send_mail("Welcome", "Hello.", None, [FORMER])
    client = Client()
    client.force_login(root)
    client.post(f"/admin/accounts/user/{user.pk}/change/", {"email": ADDRESS, "time_zone": "UTC"})
    user.refresh_from_db()
    assert user.email == ADDRESS


def _plant_account(user: User) -> None:
    EmailAddress.objects.filter(user=user).update(verified=True)
    Authenticator.objects.create(user=user, type="webauthn", data={"name": NAME, "credential": {}})
    account = SocialAccount.objects.create(user=user, provider="google", uid=ADDRESS, extra_data={"email": ADDRESS})
    app = SocialApp.objects.create(provider="google", name="Google", client_id="of the site")
    SocialToken.objects.create(account=account, app=app, token="zqjxvprompt", token_secret="zqjxvprompt")
    api_keys.create(user, NAME)
    Client().post("/accounts/login/", {"login": ADDRESS, "password": PASSWORD})
    facts = {"ip": "192.0.2.1", "session_key": "0" * 32, "user_agent": "zqjxvprompt/1.0", "data": {"was": ADDRESS}}
    UserSession.objects.create(user=user, **facts)


def _plant_pictures(user: User) -> None:
    image = draw(user, prompt=PROMPT, negative_prompt=PROMPT)
    shelving.tag(user, Image.objects.filter(pk=image.pk), "zqjxvprompt")
    image.refresh_from_db()
    image.alt_text, image.words = PROMPT, ["zqjxvprompt"]
    image.save(update_fields=["alt_text", "words"])
    search_index.rewrite([image.pk])
    job = submit(user, prompt=PROMPT)
    Job.objects.filter(pk=job.pk).update(words=[["zqjxvprompt"]], ref=PROMPT, error_message=PROMPT)
    FailedAttempt.objects.keep(job, "broken", f"ValueError: {PROMPT}")
    brought(user)
    folders.make(user, NAME, query=f"q={PROMPT}")
    folders.of(user)


def _plant_words(user: User, operator: User) -> None:
    model = ready(user, name=NAME, trigger_word="zqjxvprompt")
    type(model).objects.filter(pk=model.pk).update(consent_text=f"I, {NAME}, agree.", failure_reason=PROMPT)
    model.pictures.create(upload=Upload.objects.get(user=user), position=0, caption=PROMPT)
    CustomModelSample.objects.create(
        model=model, quarter=1, prompt=PROMPT, file="1.png", thumbnail="1.webp", width=64, height=64
    )
    Preset.objects.create(user=user, name=NAME, prompt=PROMPT, negative_prompt=PROMPT, settings={"style": PROMPT})
    facts = {"kind": "prompt", "action": "blocked", "category": "gore", "text": PROMPT, "found": NAME}
    ModerationCase.objects.create(user=user, appeal=f"I, {NAME}, say {PROMPT}", reason=f"Dear {NAME}", **facts)
    WordList.objects.create(user=user, name="zqjxvprompt", entries=[PROMPT])
    others = draw(operator)
    Report.objects.create(image=others, reporter=user, reason="other", words=f"I am {NAME}, {ADDRESS}")
    page = {"page": "/library/?q=zqjxvprompt", "browser": "zqjxvprompt/1.0", "note": NAME}
    BugReport.objects.create(author=user, text=f"{PROMPT} is missing", **page)
    unsigned = BugReport.objects.create(email=ADDRESS, text="It is missing")
    file = BugReportFile.objects.create(report=unsigned, file="reports/1.txt", name="zqjxvprompt.txt", size_bytes=1)
    default_storage.save(file.file, ContentFile(NAME.encode()))
    Wish.objects.create(author=user, title=f"Write to {ADDRESS}", text=f"I am {NAME}", answer="")


def _plant_ties(user: User, operator: User) -> None:
    """What says no word of theirs, and hangs on them."""
    for image in Image.objects.select_related("user"):
        shown = showcase.publish(image, is_listed=False, shows_recipe=True)
        showcase.like(shown, user, likes=image.user == operator)
    NotificationChoice.objects.create(user=user, happening="run_done", channel="email", is_on=True)
    test_allowance.take(user, 1)
    ExpiryMail.objects.create(user=user)
    wishes.vote(user, wishes.add(operator, "Draw by voice", ""))
    theirs = ready(operator, lora_file(b"theirs"))
    CustomModelGuest.objects.create(model=theirs, user=user, share_token="t")
    JobLora.objects.create(job=Job.objects.filter(user=user).latest("pk"), model=theirs, user=user)
    facts = {"kind": "prompt", "action": "blocked", "category": "gore", "text": "theirs"}
    ModerationCase.objects.create(user=operator, decided_by=user, **facts)
    Referral.objects.create(referrer=user, friend=make_user(), state="joined")
    user.groups.add(Group.objects.create(name="Painters"))
    user.user_permissions.add(Permission.objects.earliest("pk"))


def _delete_a_report(user: User) -> None:
    """Have an operator delete a report of theirs in the admin, long before they leave."""
    sent = Attachment(NAME, PROMPT.encode(), ".txt", "text/plain")
    bug_reports.keep(report := BugReport(author=user, text=PROMPT), [sent])
    with TestCase.captureOnCommitCallbacks(execute=True):
        bug_reports.delete(BugReport.objects.filter(pk=report.pk))


def _plant_api(user: User) -> None:
    url = "http://127.0.0.1/zqjxvprompt"
    endpoint = webhooks.create(user, url=url, events=["diffusion.finished"], description=NAME)
    delivery = webhooks.send_test(endpoint)
    WebhookDelivery.objects.filter(pk=delivery.pk).update(payload=PROMPT)
    tried = {"started_at": user.date_joined, "milliseconds": 1}
    WebhookAttempt.objects.create(delivery=delivery, trouble=PROMPT, answer=PROMPT, **tried)
    export_worker.write(exports.order(user).pk)


def _plant_money(user: User, shop: counter.OpenShop) -> None:
    plans.seed()
    subscribe(shop, user)
    hear(shop)
    pack = Pack.objects.filter(product=Product.SITE).first()
    assert pack is not None
    AutoTopUp.objects.create(wallet=ledger.wallet_of(user), pack=pack, problem=f"{NAME}'s card was refused")


def _plant_what_operators_wrote(user: User, operator: User) -> None:
    kind = ContentType.objects.get_for_model(User)
    LogEntry.objects.create(
        user=operator,
        content_type=kind,
        object_id=str(user.pk),
        object_repr=ADDRESS,
        action_flag=CHANGE,
        change_message=f"Wrote to {ADDRESS}",
    )
    audit.write(None, operator.pk, "change", user, note=NAME, changes={"display_name": ["", NAME]})
    audit.write(None, operator.pk, "note", note=f"Wrote to {ADDRESS}")
    Suspension.objects.create(
        user=user,
        reason=f"{NAME}, stop",
        suspended_by=operator.pk,
        lift_reason=NAME,
        lifted_by=operator.pk,
        lifted_at=user.date_joined,
    )
    user.support_visits.create(staff=operator.pk, reason=f"Asked by {ADDRESS}", ends_at=user.date_joined)
    Referral.objects.create(referrer=operator, friend=user, state="joined", note=f"{NAME} again")


def _plant_traces(user: User) -> None:
    """What leads to them by the address alone: a browser that asked for a code, the queue's log, mails as files."""
    session = SessionStore()
    session["account_password_reset_verification"] = {"user_id": str(user.pk), "email": ADDRESS}
    session.create()
    SessionStore(session.session_key).load()
    facts = {"func": "accounts.tasks.none", "started": user.date_joined, "stopped": user.date_joined}
    Task.objects.create(id="0" * 32, name="letter", args=(ADDRESS,), kwargs={"to": ADDRESS}, success=True, **facts)
    Task.objects.create(id="1" * 32, name="letter", result=f"SMTPError: {ADDRESS}", success=False, **facts)
    send_mail("Your code", f"Hello {NAME}, it is 123456.", None, [ADDRESS])
    send_mail("A report", f"From: {ADDRESS}\n" + "ä" * 1000, None, ["operator@example.com"])
