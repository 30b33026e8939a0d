"""Files that are signed with a chain made here, read back by the library, and tampered with."""

import hashlib
import io
import json
from pathlib import Path
from zipfile import ZipFile

import c2pa
import numpy as np
import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from generation import content_credentials, export_file, renditions, signed_files, storage, xmp, zips
from generation.models import Image
from getimg_site import checks
from tests.generation.authorities import Chain, make_chain
from tests.generation.pictures import draw
from tests.generation.runs import make_person
from tests.generation.video_frames import frames_of
from tests.generation.videos import clip_of, make_video

pytestmark = pytest.mark.django_db
KINDS = ["png", "jpeg", "webp"]
BEFORE = Path(__file__).parent / "signed_before"


@pytest.fixture
def chain(settings: LazySettings, tmp_path: Path) -> Chain:
    made = make_chain(tmp_path)
    settings.C2PA_CERTIFICATE, settings.C2PA_PRIVATE_KEY = str(made.certificate), str(made.private_key)
    return made


@pytest.fixture
def image() -> Image:
    return draw(make_person(), prompt="a red fox")


def read(content: bytes, kind: str) -> content_credentials.Credentials:
    found = content_credentials.read(content, renditions.KINDS[kind].content_type)
    assert found is not None
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_with_recipe_says_that_a_model_made_it_signed(chain: Chain, image: Image, kind: str) -> None:
    content = renditions.render(image, "recipe", kind)

    with c2pa.Reader(renditions.KINDS[kind].content_type, io.BytesIO(content)) as reader:
        store = json.loads(reader.json())
    active = store["manifests"][store["active_manifest"]]
    action = next(one for one in active["assertions"] if one["label"].startswith("c2pa.actions"))["data"]["actions"][0]
    assert (action["action"], action["digitalSourceType"]) == ("c2pa.created", xmp.MADE_BY_A_MODEL)
    assert [one["code"] for one in store["validation_status"]] == ["signingCredential.untrusted"]
    found = read(content, kind)
    assert (found.is_whole, found.is_ours, found.is_by_a_model) == (True, True, True)
    assert found.signer == "Signer, Getimg Test"
    assert (found.software, found.picture) == ("getimg (Starter)", str(image.pk))


@pytest.mark.parametrize("kind", KINDS)
def test_a_changed_byte_is_found(chain: Chain, image: Image, kind: str) -> None:
    content = bytearray(renditions.render(image, "recipe", kind))
    content[200 if kind == "webp" else -200] ^= 0xFF  # in the pixels: a WebP's manifest stands at its end

    found = read(bytes(content), kind)

    assert not found.is_whole
    assert not found.is_ours
    assert "assertion.dataHash.mismatch" in found.faults


def test_an_edit_names_what_it_was_drawn_from(chain: Chain, image: Image) -> None:
    source = draw(image.user)
    image.job.inputs.create(role="image", kind="image", image=source, source_id=source.pk, width=96, height=96)
    image.job.inputs.create(role="mask", kind="image", image=source, source_id=source.pk, width=96, height=96)

    found = read(renditions.render(image, "recipe", "png"), "png")

    assert (found.is_whole, found.ingredients) == (True, (f"image:{source.pk}",))


@pytest.mark.parametrize("kind", KINDS)
def test_a_clean_file_is_signed_and_names_neither_picture_nor_model(
    chain: Chain, image: Image, client: Client, kind: str
) -> None:
    content = renditions.render(image, "clean", kind)

    found = read(content, kind)
    assert (found.is_whole, found.is_ours, found.is_by_a_model) == (True, True, True)
    assert (found.software, found.picture, found.ingredients) == ("getimg", "", ())
    for word in (b"fox", str(image.pk).encode(), b"Starter"):
        assert word not in content
    page = client.post("/verify/", {"file": SimpleUploadedFile("clean", content)})
    assert "nothing in it was changed" in page.content.decode()


@pytest.mark.parametrize("kind", list(renditions.CLIP_KINDS))
@pytest.mark.parametrize("way", renditions.WAYS)
def test_videos_with_recipe_and_clean_ones_are_signed_anew(chain: Chain, way: str, kind: str) -> None:
    video = make_video(make_person("hedy.lamarr@example.com"), prompt="a secret fox")

    content = renditions.render(video, way, kind)

    content_type = renditions.CLIP_KINDS[kind].content_type
    found = content_credentials.read(content, content_type)
    assert found is not None
    assert (found.is_whole, found.is_ours, found.is_by_a_model) == (True, True, True)
    named = ("getimg", "") if way == "clean" else (found.software, str(video.pk))
    assert (found.software, found.picture) == named
    assert (b"secret" in content) == (way == "recipe")
    # One manifest alone: that of the kept file is gone.
    with c2pa.Reader(content_type, io.BytesIO(content)) as reader:
        manifests = json.loads(reader.json())["manifests"].values()
    assert sum(str(video.pk) in json.dumps(one) for one in manifests) == (way == "recipe")


@pytest.mark.parametrize("kind", list(renditions.CLIP_KINDS))
def test_clean_videos_lose_a_manifest_that_they_were_kept_with(chain: Chain, settings: LazySettings, kind: str) -> None:
    video = make_video(make_person("hedy.lamarr@example.com"))
    kept = storage.read(getattr(clip_of(video), kind))
    settings.C2PA_CERTIFICATE = settings.C2PA_PRIVATE_KEY = ""

    files = {way: renditions.render(video, way, kind) for way in renditions.WAYS}

    assert content_credentials.may_be_in(kept)
    assert not any(content_credentials.may_be_in(content) for content in files.values())
    assert str(video.pk).encode() not in files["clean"]
    if kind == "mp4":
        for content in files.values():
            assert np.array_equal(frames_of(content), frames_of(kept))


def test_what_is_kept_is_signed_once_and_what_is_taken_away_anew(chain: Chain, tmp_path: Path) -> None:
    user = make_person("grete.hermann@example.com")
    video = make_video(user, prompt="a red fox")
    clip = clip_of(video)
    kept = {key: storage.read(key) for key in (video.file, clip.mp4, clip.webp, clip.gif)}
    export_file.write(user, tmp_path / "all.zip", lambda *counts: None)
    with ZipFile(tmp_path / "all.zip") as archive:
        exported = [archive.read(name) for name in archive.namelist() if name.startswith("pictures/")]
    zipped = b"".join(zips.stream(Image.objects.visible_to(user)))
    with ZipFile(io.BytesIO(zipped)) as archive:
        exported.append(archive.read(archive.namelist()[0]))

    assert (hashlib.sha256(kept[video.file]).hexdigest(), hashlib.sha256(kept[clip.mp4]).hexdigest()) == (
        video.sha256,
        clip.sha256,
    )
    for content in (*kept.values(), *(signed_files.described(video, key) for key in kept), *exported):
        found = content_credentials.read(content, content_credentials.kind_of(content))
        assert found is not None
        assert (found.is_whole, found.is_ours, found.picture) == (True, True, str(video.pk))
    assert len(exported) == 5
    assert not any(b"red fox" in content for content in kept.values())
    assert all(b"red fox" in content for content in exported)


def test_pictures_from_before_the_certificate_are_signed_when_they_are_taken_away(
    settings: LazySettings, tmp_path: Path
) -> None:
    image = draw(make_person("olga.taussky@example.com"))
    made = make_chain(tmp_path)
    settings.C2PA_CERTIFICATE, settings.C2PA_PRIVATE_KEY = str(made.certificate), str(made.private_key)

    assert content_credentials.read(storage.read(image.file), "image/png") is None
    assert read(signed_files.described(image, image.file), "png").is_ours


def test_a_signed_picture_that_cannot_be_signed_anew_goes_out_as_it_is_kept(chain: Chain, image: Image) -> None:
    chain.private_key.write_text("gone")

    content = signed_files.described(image, image.file)

    assert content == storage.read(image.file)
    assert read(content, "png").is_whole


def test_files_of_sites_without_a_certificate_carry_none(image: Image) -> None:
    for content in (storage.read(image.file), *(renditions.render(image, way, "png") for way in renditions.WAYS)):
        assert content_credentials.read(content, "image/png") is None


def test_a_certificate_that_cannot_sign_keeps_nobody_from_the_file(chain: Chain, image: Image) -> None:
    chain.private_key.write_text("gone")

    assert content_credentials.read(renditions.render(image, "recipe", "png"), "image/png") is None


def test_anybody_can_have_a_file_verified(chain: Chain, image: Image, client: Client) -> None:
    content = renditions.render(image, "recipe", "jpeg")

    def ask(content: bytes) -> str:
        return client.post("/verify/", {"file": SimpleUploadedFile("a.jpg", content)}).content.decode()

    whole, changed = ask(content), ask(content[:-200] + b"\0" + content[-199:])
    assert "nothing in it was changed" in whole
    assert "which is this site" in whole
    assert "This picture is on record" in whole
    assert "they do not fit it" in changed
    assert "This picture is on record" not in changed


def test_a_certificate_of_ones_own_making_with_our_names_and_number_is_not_ours(
    chain: Chain, settings: LazySettings, image: Image, client: Client, tmp_path: Path
) -> None:
    ours = x509.load_pem_x509_certificates(chain.certificate.read_bytes())[0]
    (tmp_path / "forger").mkdir()
    forged = make_chain(tmp_path / "forger", serial_number=ours.serial_number)
    own_settings = settings.C2PA_CERTIFICATE, settings.C2PA_PRIVATE_KEY
    settings.C2PA_CERTIFICATE, settings.C2PA_PRIVATE_KEY = str(forged.certificate), str(forged.private_key)
    content = renditions.render(image, "recipe", "png")
    settings.C2PA_CERTIFICATE, settings.C2PA_PRIVATE_KEY = own_settings

    found = read(content, "png")

    assert (found.is_whole, found.is_ours) == (True, False)
    assert found.signer == read(renditions.render(image, "recipe", "png"), "png").signer
    page = client.post("/verify/", {"file": SimpleUploadedFile("a.png", content)}).content.decode()
    assert "which is this site" not in page
    assert "this site does not vouch for it" in page


def test_a_certificate_that_was_renewed_is_still_ours_while_it_is_named(
    chain: Chain, settings: LazySettings, image: Image, tmp_path: Path
) -> None:
    content = renditions.render(image, "recipe", "webp")
    (tmp_path / "next").mkdir()
    following = make_chain(tmp_path / "next")
    settings.C2PA_CERTIFICATE, settings.C2PA_PRIVATE_KEY = str(following.certificate), str(following.private_key)

    assert not read(content, "webp").is_ours
    settings.C2PA_OLD_CERTIFICATES = [str(chain.certificate)]
    assert read(content, "webp").is_ours


def test_a_certificate_that_has_run_out_changes_no_file(settings: LazySettings, client: Client) -> None:
    content = (BEFORE / "picture.png").read_bytes()  # signed with a certificate of half a minute

    def ask() -> str:
        return client.post("/verify/", {"file": SimpleUploadedFile("a.png", content)}).content.decode()

    found, page = read(content, "png"), ask()
    assert (found.is_whole, found.is_expired, found.is_ours, found.faults) == (True, True, False, ())
    assert "nothing in it was changed" in page
    assert "anybody who got hold of the old key" in page
    settings.C2PA_OLD_CERTIFICATES = [str(BEFORE / "chain.pem")]
    found, page = read(content, "png"), ask()
    assert (found.is_whole, found.is_expired, found.is_ours) == (True, True, True)
    assert "The certificate has run out since, which changes nothing in the file." in page
    assert "which is this site" in page


def test_the_signer_says_that_a_model_drew_it(chain: Chain, image: Image) -> None:
    with c2pa.Reader("image/png", io.BytesIO(renditions.render(image, "recipe", "png"))) as reader:
        (claim,) = [one["claim.v2"] for one in json.loads(reader.crjson())["manifests"]]

    created = {one["url"].rpartition("/")[2] for one in claim["created_assertions"]}
    assert created >= {"c2pa.actions.v2", content_credentials.PICTURE}
    assert claim["gathered_assertions"] == []


def test_what_is_wrong_with_a_certificate_is_said(settings: LazySettings, tmp_path: Path) -> None:
    def said(made: Chain | None = None, **paths: str) -> str:
        both = {"certificate": str(made.certificate), "private_key": str(made.private_key)} if made else paths
        settings.C2PA_CERTIFICATE, settings.C2PA_PRIVATE_KEY = both["certificate"], both["private_key"]
        return " ".join(message.msg for message in checks.content_credentials_can_be_signed())

    good = make_chain(tmp_path)
    assert said(certificate="", private_key="") == ""
    assert said(good) == ""
    assert "belong together" in said(certificate=str(good.certificate), private_key="")
    assert "not a chain of PEM" in said(certificate=str(tmp_path / "none"), private_key=str(good.private_key))
    assert "not a PEM key" in said(certificate=str(good.certificate), private_key=str(good.certificate))
    assert "does not belong" in said(make_chain(tmp_path, of_another_key=True))
    assert "which is not now" in said(make_chain(tmp_path, days=-1))
    assert "extended key usage" in said(make_chain(tmp_path, purpose=ExtendedKeyUsageOID.SERVER_AUTH))
    settings.C2PA_OLD_CERTIFICATES = [str(tmp_path / "none"), str(BEFORE / "chain.pem")]
    assert (
        said(certificate="", private_key="") == f"C2PA_OLD_CERTIFICATES: {tmp_path / 'none'} is not a PEM certificate."
    )
