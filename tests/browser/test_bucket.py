"""Pictures that lie in a bucket are shown, by nothing but the variables that name it."""

import pytest
from django.conf import LazySettings
from playwright.sync_api import Page, expect

from accounts.models import User
from tests.environments import keep_files
from tests.generation.pictures import draw
from tests.services import S3Server


def test_a_picture_in_the_bucket_is_shown(
    studio: Page, person: User, s3: S3Server, monkeypatch: pytest.MonkeyPatch, settings: LazySettings
) -> None:
    keep_files(monkeypatch, settings, **s3.environment(), MEDIA_ORIGINS="")
    image = draw(person)

    with studio.expect_response(lambda answer: answer.url.startswith(f"{s3.endpoint_url}/{s3.bucket}/{image.file}")):
        studio.goto(f"/pictures/{image.pk}/")

    expect(studio.locator("img.stage-picture")).to_have_js_property("naturalWidth", image.width)
