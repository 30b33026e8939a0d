"""Models of one's own in a real browser: pictures brought, checked and mended; a model used, shared and deleted."""

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image as Pillow
from playwright.sync_api import Browser, Page, Route, expect

from accounts.models import User
from benchmarks import mascot
from generation import catalog, custom_models, uploads
from generation.models import CustomModel, Image
from tests.browser.windows import Held, sign_in
from tests.flows.clusters import gpu_cluster
from tests.generation.loras import save_lora
from tests.generation.runs import make_person
from tests.generation.scenery import scene
from tests.generation.trained import draft, training
from tests.generation.uploads import png_of
from tests.rules.tree import ROOT

_BRINGING_MS = 60_000
# A few steps on a machine with much else to do.
_TRAINING_MS = 1_200_000


@pytest.fixture
def flat_cluster(child_environment: dict[str, str]) -> Iterator[None]:
    """Run the gpu cluster with the engine that draws flat colours."""
    environment = {**child_environment, "ENGINE_BACKEND": "noop"}
    process = subprocess.Popen([sys.executable, "manage.py", "supervise", "gpu"], cwd=ROOT, env=environment)
    yield
    process.send_signal(signal.SIGTERM)
    process.wait(30)


@pytest.fixture
def lora(tmp_path: Path) -> Path:
    return save_lora(tmp_path / "ink.safetensors", catalog.MODELS["starter"].folder)


@pytest.mark.usefixtures("size")
def test_pictures_are_brought_checked_and_mended_before_a_training(studio: Page, person: User, tmp_path: Path) -> None:
    _begin(studio)
    files = [_saved(tmp_path / f"{seed}.png", seed) for seed in range(5)]
    program = tmp_path / "program.png"
    program.write_bytes(b"MZ no picture at all")
    tiny = _saved(tmp_path / "tiny.png", 7, 60)
    studio.set_input_files("#training-files", [*files, tiny, program])
    expect(studio.locator(".teach-tile:not(.is-coming)")).to_have_count(6, timeout=_BRINGING_MS)
    expect(studio.locator("#refused-pictures")).to_contain_text("program.png This is not a PNG, JPEG or WebP picture.")
    expect(studio.locator(".teach-tile").last).to_contain_text("Too small: 60 × 60 pixels")
    expect(studio.locator(".teach-head")).to_contain_text("1 picture to mend")

    _drop(studio, files[2].name, 2, side=280)
    expect(studio.locator(".teach-tile").last).to_contain_text("Almost the same as picture 3", timeout=_BRINGING_MS)
    studio.get_by_role("button", name="Train · 2,000 credits").click()
    expect(studio.locator("#pictures-error")).to_have_text(
        "2 pictures must be mended or taken out first; each says why."
    )
    for number in (7, 6):
        studio.get_by_role("button", name=f"Take picture {number} out").click()
        expect(studio.locator(".teach-tile")).to_have_count(number - 1)
    expect(studio.locator(".teach-head")).to_have_text(re.compile(r"Pictures\s+5 · 5 to 30 are needed"))

    word = studio.get_by_label("Its word")
    word.fill("house")
    word.blur()
    expect(studio.locator("#trigger_word-error")).to_contain_text("is a common word")
    word.fill("teapx7")
    studio.get_by_text("Person", exact=True).click()
    expect(studio.locator("#consent")).to_be_visible()
    expect(studio.locator("#trigger_word-error")).to_have_count(0)
    studio.get_by_role("button", name="Train · 2,000 credits").click()
    expect(studio.locator("#consent-error")).to_contain_text("Pictures of people need their consent")
    studio.locator("#consent [name=consent]").check()
    studio.get_by_role("button", name="Train · 2,000 credits").click()
    expect(studio.locator("#form-error")).to_contain_text("This costs 2,000 credits and you have 100.")
    expect(studio.locator("#consent [name=consent]")).to_be_checked()
    studio.locator("#consent [name=consent]").uncheck()
    studio.get_by_role("button", name="Train · 2,000 credits").click()
    expect(studio.locator("#consent-error")).to_contain_text("Pictures of people need their consent")
    expect(studio.locator("#form-error")).to_have_count(0)
    model = CustomModel.objects.get(owner=person)
    assert (model.state, model.trigger_word, model.pictures.count()) == ("draft", "teapx7", 5)
    assert (model.consented_at, model.consent_text, model.job) == (None, "", None)
    assert person.wallets.get(product="site").balance == 100


def test_a_lora_is_brought_used_in_a_prompt_and_named_on_the_picture(
    studio: Page, person: User, flat_cluster: None, lora: Path
) -> None:
    _bring(studio, lora)
    studio.get_by_role("link", name="Use it").click()
    expect(studio.locator(".own-model [name=lora]")).to_be_checked()
    studio.locator("#prompt").fill("a fox")
    studio.get_by_role("button", name="“inkz9” to the prompt").click()
    expect(studio.locator("#prompt")).to_have_value("a fox inkz9")
    studio.locator(".own-model-more .input").fill("0.7")
    studio.locator("#num_images").get_by_text("1", exact=True).click()
    studio.locator("#generate").click()
    expect(studio.locator(".run .tile-link")).to_have_count(1, timeout=_BRINGING_MS)
    expect(studio.locator(".run .chips")).to_contain_text("Ink × 0.7")
    image = Image.objects.select_related("job").get()
    assert image.job.params["loras"][0]["sha256"] == CustomModel.objects.get().sha256
    studio.goto(f"/pictures/{image.pk}/")
    expect(studio.get_by_role("button", name=re.compile("Ink × 0.7"))).to_be_visible()


def test_a_lora_is_sent_once_and_its_button_says_so(studio: Page, lora: Path) -> None:
    sent: list[str] = []

    def stay(route: Route) -> None:
        sent.append(route.request.method)
        route.fulfill(status=204)  # the browser stays on the page

    studio.goto("/models/upload/")
    studio.route("**/models/upload/", stay)
    studio.set_input_files("#file", lora)
    studio.get_by_label("Name").fill("Ink")

    studio.get_by_role("button", name="Bring it").click()
    expect(studio.get_by_role("button", name="Sending …")).to_be_visible()
    studio.get_by_role("button", name="Sending …").click()

    studio.wait_for_timeout(500)
    assert sent == ["POST"]


@pytest.mark.usefixtures("size")
def test_a_model_is_shared_used_by_another_and_gone_when_its_owner_deletes_it(
    studio: Page, person: User, browser: Browser, base_url: str, lora: Path
) -> None:
    _bring(studio, lora)
    studio.get_by_role("button", name="Make a link").click()
    link = studio.get_by_label("Link").input_value()
    with browser.new_context(base_url=base_url) as context:
        sign_in(context, make_person("guest@example.com"), base_url)
        guest = context.new_page()
        guest.goto("/models/shared/" + link.rstrip("/").rpartition("/")[2] + "/")
        guest.get_by_role("button", name="Use it").click()
        expect(guest.locator(".own-model [name=lora]")).to_be_checked()
        studio.get_by_text("Delete this model").click()
        studio.get_by_role("button", name="Delete for good").click()
        expect(studio.get_by_role("heading", name="Teach a model something of yours")).to_be_visible()
        guest.goto("/create/")
        expect(guest.locator(".own-model")).to_have_count(0)
    assert CustomModel.objects.get().state == "deleted"


def test_a_draft_is_trained_and_its_model_draws(
    studio: Page, base_url: str, child_environment: dict[str, str], tmp_path: Path
) -> None:
    person = make_person("rich@example.com", credits=2500)
    sign_in(studio.context, person, base_url)
    model = draft(person)
    for seed in range(5):
        custom_models.add_picture(model, uploads.keep(person, png_of(scene(seed))).upload)
    (tmp_path / "training").mkdir()
    with (
        gpu_cluster(child_environment, tmp_path),
        gpu_cluster(child_environment, tmp_path / "training", name="training", ENGINE_NOOP_SECONDS="0.05"),
    ):
        studio.goto(f"/models/{model.pk}/")
        expect(studio.locator(".teach-price")).to_contain_text("500 left after")
        studio.get_by_role("button", name="Train · 2,000 credits").click()
        expect(studio.get_by_role("button", name="Cancel, all credits come back")).to_be_visible()
        studio.get_by_role("link", name="Use it").click(timeout=_BRINGING_MS)
        expect(studio.locator("#prompt")).to_have_value("a zwerg object")
        studio.locator("#num_images").get_by_text("1", exact=True).click()
        studio.locator("#generate").click()
        expect(studio.locator(".run .tile-link")).to_have_count(1, timeout=_BRINGING_MS)
    expect(studio.locator(".run .chips")).to_contain_text("My toy × 1")
    assert person.wallets.get(product="site").balance == 499


@pytest.mark.long
def test_from_picture_files_to_a_picture_with_the_word(
    studio: Page, base_url: str, child_environment: dict[str, str], tmp_path: Path
) -> None:
    """The whole way with the real engine; the training is short, so that it can be waited for."""
    person = make_person("rich@example.com", credits=2500)
    sign_in(studio.context, person, base_url)
    files = []
    for number, pixels in enumerate(mascot.pictures(6, seed=3)):
        files.append(tmp_path / f"mascot-{number}.png")
        files[-1].write_bytes(png_of(Pillow.fromarray(pixels)))
    _begin(studio)
    studio.set_input_files("#training-files", files)
    expect(studio.locator(".teach-tile:not(.is-coming)")).to_have_count(6, timeout=_BRINGING_MS)
    caption = studio.get_by_label("What else is to be seen in picture 2")
    caption.fill("on a beach")
    caption.blur()
    expect(studio.locator(".teach-head")).to_have_text(re.compile(r"Pictures\s+6 · 5 to 30 are needed\s*$"))

    (tmp_path / "training").mkdir()
    real = {"ENGINE_BACKEND": "diffusers", "TRAINING_STEPS": "4", "TRAINING_PAUSE_SECONDS": "0"}
    with gpu_cluster(child_environment, tmp_path / "training", name="training", **real):
        studio.get_by_role("button", name="Train · 2,000 credits").click()
        expect(studio.get_by_role("button", name="Cancel, all credits come back")).to_be_visible()
        counted = re.compile(r"\d+ of 4 ordinary pictures drawn")
        expect(studio.locator("#model [role=status]")).to_have_text(counted, timeout=_TRAINING_MS)
        studio.get_by_role("link", name="Use it").click(timeout=_TRAINING_MS)
    model = CustomModel.objects.get(owner=person)
    assert (model.steps_done, model.samples.count(), model.base_sha256 != "") == (4, 8, True)
    assert sorted(model.pictures.values_list("caption", flat=True))[-1] == "on a beach"

    expect(studio.locator("#prompt")).to_have_value("a teapx7 object")
    studio.locator("#num_images").get_by_text("1", exact=True).click()
    with gpu_cluster(child_environment, tmp_path, **real):
        studio.locator("#generate").click()
        expect(studio.locator(".run .tile-link")).to_have_count(1, timeout=_TRAINING_MS)
    assert Image.objects.select_related("job").get().job.params["loras"][0]["sha256"] == model.sha256
    assert person.wallets.get(product="site").balance == 499


def test_enter_in_a_field_keeps_what_it_says_and_starts_no_training(studio: Page, person: User) -> None:
    model = draft(person, 1)
    studio.goto(f"/models/{model.pk}/")
    studio.wait_for_load_state("load")
    studio.evaluate("window.isTheSamePage = true")

    studio.get_by_label("Name").fill("My teapot")
    with studio.expect_response("**/draft/"):
        studio.keyboard.press("Enter")

    assert studio.evaluate("window.isTheSamePage")
    assert CustomModel.objects.get().name == "My teapot"


def test_a_caption_that_is_being_typed_stays_when_the_next_picture_comes(
    studio: Page, person: User, tmp_path: Path
) -> None:
    model = draft(person, 1)
    studio.goto(f"/models/{model.pk}/")
    caption = studio.locator("[name=caption]").first
    held = Held(studio, "**/pictures/")
    studio.set_input_files("#training-files", _saved(tmp_path / "fox.png", 3))
    held.wait_for(1)
    caption.press_sequentially("on a be")

    held.let_through()

    expect(studio.locator(".teach-tile:not(.is-coming)")).to_have_count(2)
    expect(caption).to_have_value("on a be")
    expect(caption).to_be_focused()


def test_who_is_about_to_delete_a_model_in_training_is_not_interrupted(studio: Page, person: User) -> None:
    model = training(person, 1)
    studio.goto(f"/models/{model.pk}/")

    studio.get_by_text("Delete this model").click()
    for _ in range(2):
        studio.wait_for_event("response", lambda answer: answer.url.endswith(f"/models/{model.pk}/"))
    CustomModel.objects.update(steps_done=1, steps_total=4)
    expect(studio.get_by_text("1 of 4 steps")).to_be_visible()

    expect(studio.locator(".model-end[open]")).to_have_count(1)


def test_a_picture_brought_after_the_session_ended_leads_to_the_login(
    studio: Page, person: User, tmp_path: Path
) -> None:
    model = draft(person, 1)
    studio.goto(f"/models/{model.pk}/")
    studio.context.clear_cookies(name="sessionid")

    studio.set_input_files("#training-files", _saved(tmp_path / "fox.png", 3))

    studio.wait_for_url(re.compile(r"/accounts/login/\?next=.*models"))


def _begin(page: Page) -> None:
    page.goto("/models/")
    page.get_by_role("link", name="New model").click()
    page.get_by_label("Name").fill("Teapot")
    page.get_by_label("Its word").fill("teapx7")
    page.get_by_role("button", name="Continue to the pictures").click()


def _bring(page: Page, lora: Path) -> None:
    page.goto("/models/upload/")
    page.set_input_files("#file", lora)
    page.get_by_label("Name").fill("Ink")
    page.get_by_label("Its word, if it has one").fill("inkz9")
    page.get_by_role("button", name="Bring it").click()
    expect(page.get_by_role("heading", name="Ink", exact=True)).to_be_visible()


def _saved(path: Path, seed: int, side: int = 300) -> Path:
    path.write_bytes(png_of(scene(seed).resize((side, side))))
    return path


def _drop(page: Page, name: str, seed: int, side: int) -> None:
    """Drop a picture on the page, as the system's file manager does."""
    content = list(png_of(scene(seed).resize((side, side))))
    page.evaluate(
        """([name, content]) => {
            const data = new DataTransfer();
            data.items.add(new File([new Uint8Array(content)], name, { type: "image/png" }));
            const facts = { dataTransfer: data, bubbles: true, cancelable: true };
            for (const kind of ["dragenter", "dragover", "drop"])
                document.body.dispatchEvent(new DragEvent(kind, facts));
        }""",
        [name, content],
    )
