import base64
import hashlib
import io
import threading
import time
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest
from django.conf import LazySettings
from django.core.files.storage import default_storage
from django.test import Client
from PIL import Image as Pillow

from accounts.ids import uuid7
from generation import storage, xmp
from tests.environments import keep_files
from tests.processes import free_port


def raw(folder: Path, height: int, width: int) -> tuple[Path, np.ndarray]:
    """Write a picture as the engine does."""
    pixels = np.random.default_rng(7).integers(0, 256, (height, width, 3), dtype=np.uint8)
    path = folder / "0.npy"
    np.save(path, pixels)
    return path, pixels


def opened(key: str) -> Pillow.Image:
    return Pillow.open(io.BytesIO(default_storage.open(key).read()))


def test_the_original_is_lossless(tmp_path: Path) -> None:
    path, pixels = raw(tmp_path, 96, 128)

    files = storage.save(uuid7(), path)

    assert np.array_equal(np.asarray(opened(files.file)), pixels)
    assert (files.width, files.height, files.content_type) == (128, 96, "image/png")
    assert files.size_bytes == default_storage.size(files.file)


def test_words_go_into_the_original_and_count_in_its_checksum(tmp_path: Path) -> None:
    path, pixels = raw(tmp_path, 96, 128)

    bare, told = storage.save(uuid7(), path), storage.save(uuid7(), path, {"License": "Für alle · 狐"})

    picture = opened(told.file)
    assert (picture.info, opened(bare.file).info) == ({"License": "Für alle · 狐"}, {})
    assert np.array_equal(np.asarray(picture), pixels)
    content = default_storage.open(told.file).read()
    assert (told.sha256, told.size_bytes) == (hashlib.sha256(content).hexdigest(), len(content))
    assert told.sha256 != bare.sha256
    for thumbnail in (told.thumbnail_320, told.thumbnail_640):
        assert opened(thumbnail).info.get("License") is None
        assert opened(thumbnail).info["xmp"].decode() == xmp.short_packet()


def test_thumbnails_keep_the_aspect_and_never_enlarge(tmp_path: Path) -> None:
    large = storage.save(uuid7(), raw(tmp_path, 400, 800)[0])
    small = storage.save(uuid7(), raw(tmp_path, 96, 128)[0])

    assert opened(large.thumbnail_320).size == (320, 160)
    assert opened(large.thumbnail_640).size == (640, 320)
    assert opened(small.thumbnail_320).size == opened(small.thumbnail_640).size == (128, 96)


def test_what_is_transparent_stays_transparent_in_the_original_and_the_thumbnails(tmp_path: Path) -> None:
    _, pixels = raw(tmp_path, 400, 800)
    alpha = np.zeros((400, 800), np.uint8)
    alpha[:, 400:] = 255
    cut = np.dstack([pixels, alpha])
    np.save(tmp_path / "cut.npy", cut)

    files = storage.save(uuid7(), tmp_path / "cut.npy")

    assert np.array_equal(np.asarray(opened(files.file)), cut)
    for key in (files.thumbnail_320, files.thumbnail_640):
        small = np.asarray(opened(key).getchannel("A"))
        assert (small[:, :150].max(), small[:, -150:].min()) == (0, 255)


def test_the_placeholder_is_a_tiny_picture_of_the_same_aspect(tmp_path: Path) -> None:
    files = storage.save(uuid7(), raw(tmp_path, 100, 200)[0])

    tiny = Pillow.open(io.BytesIO(base64.b64decode(files.placeholder)))
    assert tiny.size == (8, 4)
    assert len(files.placeholder) <= 600


def test_two_attempts_never_write_to_the_same_file(tmp_path: Path) -> None:
    path, _ = raw(tmp_path, 96, 96)

    assert storage.save(uuid7(), path).file != storage.save(uuid7(), path).file


def test_a_link_works_without_a_session_and_stays_the_same_for_a_while(tmp_path: Path, client: Client) -> None:
    files = storage.save(uuid7(), raw(tmp_path, 96, 96)[0])
    url = storage.signed_url(files.thumbnail_320)

    response = client.get(url)

    assert response.status_code == 200
    assert b"".join(response.streaming_content)[:4] == b"RIFF"  # type: ignore[attr-defined]
    assert "immutable" in response["Cache-Control"]
    assert storage.signed_url(files.thumbnail_320) == url


@pytest.mark.parametrize("change", ["key", "signature", "expires"])
def test_a_changed_link_leads_nowhere(tmp_path: Path, client: Client, change: str) -> None:
    mine, others = storage.save(uuid7(), raw(tmp_path, 96, 96)[0]), storage.save(uuid7(), raw(tmp_path, 96, 96)[0])
    _, media, expires, signature, key = storage.signed_url(mine.file).split("/", 4)
    parts = {"expires": expires, "signature": signature, "key": key}
    parts |= {
        "key": {"key": others.file},
        "signature": {"signature": signature[::-1]},
        "expires": {"expires": str(int(expires) + 1)},
    }[change]

    response = client.get(f"/{media}/{parts['expires']}/{parts['signature']}/{parts['key']}")

    assert response.status_code == 404


def test_a_link_expires(settings: LazySettings, tmp_path: Path) -> None:
    settings.MEDIA_LINK_SECONDS = 60
    files = storage.save(uuid7(), raw(tmp_path, 96, 96)[0])
    _, _, expires, signature, key = urlsplit(storage.signed_url(files.file)).path.split("/", 4)

    assert storage.is_signed(key, int(expires), signature)
    assert time.time() + 60 <= int(expires) <= time.time() + 120
    past = int(time.time()) - 1
    assert not storage.is_signed(key, past, storage._sign(key, past, settings.SECRET_KEY))


def test_a_link_outlives_the_secret_that_signed_it(settings: LazySettings) -> None:
    _, _, expires, signature, key = storage.signed_url("pictures/ab/c.png").split("/", 4)
    old, settings.SECRET_KEY = settings.SECRET_KEY, "another secret of fifty characters, as a site in use has one"
    assert not storage.is_signed(key, int(expires), signature)

    settings.SECRET_KEY_FALLBACKS = [old]

    assert storage.is_signed(key, int(expires), signature)
    assert storage.signed_url(key).split("/")[3] != signature


def test_a_picture_that_cannot_be_written_is_an_error(tmp_path: Path, settings: LazySettings) -> None:
    """Nothing can be written: the folder that would hold the files is a file."""
    image_id = uuid7()
    folder = Path(settings.MEDIA_ROOT) / "pictures" / image_id.hex[-2:] / image_id.hex
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.touch()
    path, _ = raw(tmp_path, 96, 96)

    with pytest.raises(OSError, match=image_id.hex):
        storage.save(image_id, path)

    assert folder.is_file()


class _CutOff(BaseHTTPRequestHandler):
    """A bucket that is cut off while it sends a file."""

    def do_HEAD(self) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Length", "100")
        self.end_headers()

    def do_GET(self) -> None:
        self.do_HEAD()
        self.wfile.write(b"x")

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.mark.parametrize("is_cut_off", [True, False])
def test_a_bucket_that_is_cut_off_or_refuses_is_away(
    settings: LazySettings, monkeypatch: pytest.MonkeyPatch, is_cut_off: bool
) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), _CutOff) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        port = server.server_port if is_cut_off else free_port()
        keys = {"S3_ACCESS_KEY": "an-access-key", "S3_SECRET_KEY": "a-secret-key"}
        keep_files(monkeypatch, settings, S3_BUCKET="media", S3_ENDPOINT_URL=f"http://127.0.0.1:{port}", **keys)
        with pytest.raises(Exception, match="Max Retries" if is_cut_off else "Could not connect") as refusal:
            storage.read("pictures/some.png")
        server.shutdown()

    assert isinstance(refusal.value, Exception)
    assert storage.is_away(refusal.value)


def test_deleting_what_is_not_there_is_no_error() -> None:
    storage.delete("pictures/none/original.png")
