"""What a picture may be used for, before and after its owner buys a plan, and how somebody else checks it."""

from pathlib import Path

from playwright.sync_api import Browser, Download, Page, expect

from accounts.models import User
from generation import certificates
from generation.models import Image
from tests.browser.windows import watch_policy
from tests.generation.pictures import draw, put_on


def saved(download: Download, folder: Path) -> Path:
    path = folder / download.suggested_filename
    download.save_as(path)
    return path


def fetch(studio: Page, link: str, folder: Path) -> Path:
    """Follow a link that downloads."""
    with studio.expect_download() as downloading:
        studio.locator("aside").get_by_role("link", name=link).click()
    return saved(downloading.value, folder)


def open_picture(studio: Page, image: Image, title: str) -> None:
    studio.goto(f"/pictures/{image.pk}/")
    expect(studio.get_by_role("region", name="Licence")).to_contain_text(title)


def check(page: Page, file: Path) -> None:
    """Choose a file on the verify page and press the button."""
    page.goto("/verify/")
    page.get_by_label("The picture as it was downloaded").set_input_files(file)
    page.get_by_role("button", name="Check").click()


def test_certificates_of_pictures_made_before_and_after_buying(
    studio: Page, person: User, browser: Browser, base_url: str, tmp_path: Path
) -> None:
    put_on(person, "free")
    before = draw(person)
    put_on(person, "starter")
    after = draw(person)

    open_picture(studio, before, "Personal use")
    personal = fetch(studio, "JSON, signed", tmp_path)
    assert certificates.check(personal.read_text()).facts["licence"]["use"] == "personal"
    open_picture(studio, after, "Commercial use")
    commercial = fetch(studio, "PDF", tmp_path)
    picture = fetch(studio, "Download", tmp_path)

    with browser.new_context(base_url=base_url) as anybody:
        page = anybody.new_page()
        refused = watch_policy(page)
        answer = page.get_by_role("status", name="The answer")
        check(page, picture)
        expect(answer).to_contain_text("On record: the file with this SHA-256")
        expect(answer).to_contain_text("Commercial use")
        check(page, commercial)
        expect(answer).to_contain_text("The signature fits.")
        expect(answer).to_contain_text("Commercial use")
        personal.write_text(personal.read_text().replace("personal", "commercial"))
        check(page, personal)
        expect(answer).to_contain_text("The signature does not fit.")
        picture.write_bytes(picture.read_bytes() + b"\0")
        check(page, picture)
        expect(answer).to_contain_text("Not on record.")
        assert not refused


def test_a_free_picture_leads_to_the_plans_and_to_making_it_again(studio: Page, person: User) -> None:
    put_on(person, "free")
    image = draw(person, prompt="a fox that shall earn money")
    open_picture(studio, image, "Personal use")

    studio.get_by_role("link", name="Make it again").click()
    expect(studio.locator("#prompt")).to_have_value("a fox that shall earn money")
    studio.go_back()
    studio.get_by_role("link", name="See the plans").click()

    expect(studio).to_have_title("Pricing · getimg")
