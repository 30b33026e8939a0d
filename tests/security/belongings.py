"""One of everything that a person can have, each with a word in it that nobody else may read, and where it stands.

What the words are looked for in, and by whom, is the tests'.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import uuid4

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from cryptography.hazmat.primitives.asymmetric import ec
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.db.models import Model
from django.utils import timezone
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData, CollectedClientData

from accounts import referrals
from accounts.models import SupportVisit, User
from billing import calendar_feed, ledger
from billing.models import AutoTopUp, Customer, Pack, Product
from generation import custom_models, exports, folders, moderation, presets, shelving, webhooks, word_lists
from generation.models import Image, ModerationCase
from getimg_site import wishes
from getimg_site.models import BugReport
from tests.billing.books import make_payment
from tests.generation import trained
from tests.generation.api.calling import Program, make_program
from tests.generation.pictures import draw
from tests.generation.runs import make_person
from tests.generation.uploads import brought
from tests.generation.videos import make_video

# In every word of the owner's, in small letters: one that no time zone and no page has.
CANARY = "kanari"


@dataclass
class Belongings:
    """What an address names (`at`), the rows themselves (`rows`), and what is secret beside the canaries."""

    owner: User
    program: Program
    at: dict[str, str] = field(default_factory=dict)
    rows: dict[str, Model] = field(default_factory=dict)
    secrets: list[str] = field(default_factory=list)

    def has(self, name: str, row: Model) -> None:
        """Keep a row by the name that addresses give it."""
        self.at[name], self.rows[name] = str(row.pk), row

    def facts(self) -> dict[str, Any]:
        """Return what the database says of each row now."""
        found = {}
        with connection.cursor() as cursor:
            for name, row in self.rows.items():
                table, column = row._meta.db_table, row._meta.pk
                assert column is not None
                value = column.get_db_prep_value(row.pk, connection)
                cursor.execute(f"SELECT * FROM {table} WHERE {column.column} = %s", [value])
                found[name] = cursor.fetchone()
        return found


def make_belongings() -> Belongings:
    """Make somebody who has one of everything."""
    owner = make_person("kanari-address@example.com", credits=20_000)
    owner.display_name = "Kanari Name"
    owner.save()
    EmailAddress.objects.create(user=owner, email=owner.email, primary=True, verified=True)
    program = make_program(user=owner)
    made = Belongings(owner, program, secrets=[program.text])
    for give in (_give_pictures, _give_models, _give_shelves, _give_api, _give_account, _give_money):
        give(made)
    return made


def passkey() -> dict[str, Any]:
    """Return a passkey as a browser would have handed it over, for a key that nobody has."""
    public = ES256.from_cryptography_key(ec.generate_private_key(ec.SECP256R1()).public_key())  # type: ignore[no-untyped-call]
    credential = AttestedCredentialData.create(Aaguid(bytes(16)), b"kanari-passkey", public)
    flags = AuthenticatorData.FLAG.AT | AuthenticatorData.FLAG.UP
    told = AuthenticatorData.create(hashlib.sha256(b"testserver").digest(), flags, 0, credential)
    name = websafe_encode(b"kanari-passkey")
    answer = {
        "clientDataJSON": websafe_encode(CollectedClientData.create("webauthn.create", b"", "http://testserver")),
        "attestationObject": websafe_encode(AttestationObject.create("none", told, {})),
    }
    return {"id": name, "rawId": name, "type": "public-key", "response": answer}


def _give_pictures(made: Belongings) -> None:
    image = draw(made.owner, prompt="a kanari prompt", negative_prompt="a kanari left out")
    image.alt_text = "Kanari description"
    image.save(update_fields=["alt_text"])
    shelving.tag(made.owner, Image.objects.filter(pk=image.pk), "kanari tag")
    other, video = draw(made.owner, prompt="another kanari"), make_video(made.owner)
    upload, test_upload = brought(made.owner), brought(made.owner, is_test=True)
    for name, row in (("image_id", image), ("job_id", image.job), ("second", other), ("upload_id", upload)):
        made.has(name, row)
    made.has("test_upload_id", test_upload)
    made.at |= {"first": str(image.pk), "video_id": str(video.pk), "author_id": str(made.owner.pk)}


def _give_models(made: Belongings) -> None:
    draft = trained.draft(made.owner, 1, name="Kanari model", trigger_word="kanarizwerg")
    picture = draft.pictures.get()
    custom_models.caption(picture, "kanari caption")
    made.has("model_id", draft)
    made.has("picture_id", picture)
    ready = trained.ready(made.owner, name="Kanari trained", trigger_word="kanarielf")
    made.has("ready_model_id", ready)


def _give_shelves(made: Belongings) -> None:
    made.has("folder_id", folders.make(made.owner, "Kanari folder"))
    made.has("search_id", folders.make(made.owner, "Kanari search", query="q=kanari"))
    made.has("preset_id", presets.save(made.owner, {"name": "Kanari preset", "prompt": "{prompt}, kanari"}))
    made.has("list_id", word_lists.save(made.owner, "kanari", "kanari one\nkanari two"))
    kind, action = ModerationCase.Kind.PROMPT, ModerationCase.Action.BLOCKED
    case = ModerationCase(user=made.owner, kind=kind, action=action, category="sexual", text="kanari words")
    made.has("case_id", moderation.keep(case))


def _give_api(made: Belongings) -> None:
    made.has("key_id", made.program.key)
    diffusion = made.program.post("diffusions", {"prompt": "a kanari at the API", "model": "midjourney"})
    made.at["diffusion_id"] = diffusion.json()["id"]
    made.at["file_id"] = made.at["upload_id"]
    endpoint = webhooks.create(made.owner, url="https://kanari.example.com/hook", description="Kanari hook")
    made.has("endpoint_id", endpoint)
    made.has("delivery_id", webhooks.send_test(endpoint))
    made.at["webhook_id"] = made.at["endpoint_id"]
    made.secrets.append(endpoint.secret)
    export = exports.claim(exports.order(made.owner).pk)
    assert export is not None
    key = default_storage.save(f"exports/{export.pk}/all.zip", ContentFile(b"a kanari zip"))
    exports.finish(export, file=key, size_bytes=12)
    made.has("export_id", export)


def _give_account(made: Belongings) -> None:
    totp_secret = "KANARIJBSWY3DPEHPK3PXPAA"
    TOTP.activate(made.owner, totp_secret)
    RecoveryCodes.activate(made.owner)
    codes = RecoveryCodes(Authenticator.objects.get(user=made.owner, type="recovery_codes")).generate_codes()
    made.secrets += [totp_secret, *codes]
    data = {"name": "Kanari passkey", "credential": passkey()}
    made.has("passkey_id", Authenticator.objects.create(user=made.owner, type="webauthn", data=data))
    BugReport.objects.create(author=made.owner, text="Kanari bug")
    wish = wishes.add(made.owner, "Draw larger pictures", "")  # everybody may read it
    made.at["wish_id"] = str(wish.pk)
    ends = timezone.now() + timedelta(minutes=30)
    SupportVisit.objects.create(user=made.owner, staff=uuid4(), reason="Kanari visit", ends_at=ends)
    made.at |= {"user_id": str(made.owner.pk), "object_id": "1", "code": referrals.code_of(made.owner)}


def _give_money(made: Belongings) -> None:
    wallet = ledger.wallet_of(made.owner)
    made.has("wallet_id", wallet)
    made.secrets.append(calendar_feed.token_of(wallet))
    ledger.adjust(wallet, 1, key="kanari", reason="Kanari line")
    Customer.objects.create(user=made.owner, customer_id="cus_kanari")
    made.has("payment_id", make_payment(wallet, payment_id="in_kanari"))
    pack = Pack.objects.filter(product=Product.SITE).first()
    assert pack is not None
    AutoTopUp.objects.create(wallet=wallet, pack=pack, problem="kanari problem")
