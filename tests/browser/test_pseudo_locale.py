"""A language that is 40 % longer has room on a phone, and nothing on a page stays English."""

import re

from playwright.sync_api import Page
from pytest_django import Settings

from accounts.models import User
from generation import folders, showcase
from generation.catalog import MODELS
from generation.models import ModerationCase
from getimg_site import pseudo_locale
from tests.browser.test_pages import PUBLIC, SIGNED_IN
from tests.generation.pictures import draw
from tests.generation.runs import finished, make_person
from tests.generation.trained import draft, ready
from tests.rules import tree

# The API's own pages hold code, which is wide by itself and tried in English; whoever is signed in never sees the
# doors; the changelog is as its authors wrote it.
_LEFT_OUT = ("/docs/", "/nowhere/", "/accounts/login", "/accounts/signup", "/accounts/password/reset")
PAGES = [path for path in (*PUBLIC, *SIGNED_IN) if not path.startswith(_LEFT_OUT)]
MORE = [
    *("/guides/", "/guides/steps/", "/guides/styles/"),
    *("/status/", "/wishes/", "/wishes/?state=done", "/report-a-bug/", "/verify/"),
    *("/edit/", "/video/", "/models/", "/models/new/", "/models/upload/", "/library/trash/"),
    *("/library/?q=fox&shape=square&rating=3&parent=no", "/create/styles/", "/showcase/", "/showcase/tags/"),
    *(
        "/settings/refusals/",
        "/settings/billing/statement/",
        "/settings/billing/invoices/",
        "/accounts/2fa/totp/activate/",
    ),
]
# What people typed, names of things, and dates, which the browser writes: they are the same in every language. So are
# the prompts of the pictures that ship: they are kept as they were written.
_KEPT = (
    r"\S+@[\w.]+|https?://\S+|job:\S+|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{12}…|__[a-z-]+__|Foxes|"
    r"\b(a red fox|[Aa]da|[Ee]ve|My toy|zwerg2?|getimg|Google|GitHub|Discord|PNG|JPEG|WebP|SHA-256|LoRA|API|PDF|JSON|"
    r"UTC|Europe/\w+|cURL|Ctrl|Shift|Enter|Esc|Del|Space|Tab|DDIM|DPM\S*|Euler( ancestral)?|LCM|PNDM|UniPC|Free|Pro|"
    r"Studio|Roomy-100|MIT|CreativeML Open RAIL\S*|"
    r"[0-9A-Z]{8}|\d+ [A-Z][a-z]{2}( \d{4})?|now|midjourney|For a test)\b"
)
# Every text that can be seen or is read out, without what was marked.
_SHOWN = """() => {
  const raw = "script, style, noscript, code, pre, kbd, samp, svg, textarea";
  const skipped = `${raw}, [translate=no], option[value*='/'], .word-lists dd, .style .option-detail`;
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const { parentElement: at, textContent: words } = walker.currentNode;
    if (!at.closest(skipped)) found.push(words);
  }
  for (const at of document.querySelectorAll("[aria-label], [title], [placeholder], [data-tip], img[alt]")) {
    if (at.closest("[translate=no]")) continue;
    for (const name of ["aria-label", "title", "placeholder", "data-tip", "alt"]) {
      if (at.getAttribute(name)) found.push(at.getAttribute(name));
    }
  }
  return found;
}"""


def speak_pseudo(page: Page, base_url: str, settings: Settings) -> None:
    settings.PSEUDO_LOCALE = True
    page.context.add_cookies([{"name": "django_language", "value": pseudo_locale.CODE, "url": base_url}])


def unmarked(texts: list[str]) -> set[str]:
    """Return the texts that hold words outside the brackets of what was marked."""
    names = "|".join([*_names(), _KEPT])
    left = {re.sub("⟦.*?⟧", " ", re.sub("⟦[^⟦⟧]*⟧", " ", " ".join(text.split()))).strip() for text in texts}
    return {text for text in left if re.search("[A-Za-z]{3,}", re.sub(names, " ", text))}


def _names() -> list[str]:
    """Return the models' names, and what the guides' and the landing page's pictures were drawn from; longest first."""
    drawn = (tree.ROOT / "static" / "img").rglob("*.json")
    found = {prompt for path in drawn for prompt in re.findall(r'"prompt": "([^"]+)"', path.read_text())}
    found |= {model.name for model in MODELS.values()}
    return [re.escape(name) for name in sorted(found, key=len, reverse=True)]


def everything_of(person: User) -> list[str]:
    """Give a person something of each kind; returns the addresses of what they have."""
    job = finished(person, num_images=2, prompt="a red fox")
    first, second = job.images.order_by("index")
    folders.make(person, "Foxes")
    shown = showcase.publish(draw(make_person("eve@example.com")), is_listed=True, shows_recipe=True)
    case = ModerationCase.objects.create(
        user=person, kind="prompt", action="blocked", category="gore", text="a red fox"
    )
    made, begun = ready(person), draft(person, 2, trigger_word="zwerg2")
    return [
        *(f"/pictures/{first.pk}/", f"/library/compare/{first.pk}/{second.pk}/", f"/create/runs/{job.pk}/"),
        *(f"/models/{made.pk}/", f"/models/{begun.pk}/", f"/edit/{first.pk}/", f"/video/{first.pk}/"),
        *(f"/s/{shown.token}/", f"/settings/refusals/{case.pk}/"),
    ]


def test_no_page_is_wider_than_a_phone_in_a_longer_language_or_holds_a_word_that_is_not_marked(
    studio: Page, person: User, base_url: str, settings: Settings
) -> None:
    settings.SHOWCASE = True
    speak_pseudo(studio, base_url, settings)
    studio.set_viewport_size({"width": 390, "height": 844})
    wide, english = {}, {}
    for path in [*PAGES, *MORE, *everything_of(person)]:
        studio.goto(path)
        studio.wait_for_load_state("load")
        assert "⟦" in studio.content(), f"{path} is not translated"
        if (width := studio.evaluate("document.documentElement.scrollWidth")) > 390:
            wide[path] = width
        if words := unmarked(studio.evaluate(_SHOWN)):
            english[path] = words
    assert not wide
    assert not english, "\n".join(f"{path}: {sorted(words)}" for path, words in english.items())


def test_what_scripts_say_is_translated_too(studio: Page, person: User, base_url: str, settings: Settings) -> None:
    speak_pseudo(studio, base_url, settings)
    draw(person)
    studio.goto("/library/")
    studio.wait_for_load_state("load")

    studio.keyboard.press("ArrowRight")
    studio.keyboard.press("x")

    studio.wait_for_function("document.querySelector('#selection-count').textContent.startsWith('⟦1 ')")
