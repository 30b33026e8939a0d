"""The developers' pages: which there are, and the code on them.

Every snippet is a file in templates/getimg_site/docs/snippets/, rendered with the reader's address and key; the tests
render the same files with theirs and run them.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.template import Context, Template
from django.utils.functional import lazy
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_noop as _
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name

from accounts.quick_start import api_url
from generation import catalog
from generation.errors import ModelUnavailable, ModelUnknown
from generation.params.text_to_image import TextToImageParams

EXAMPLE_ALIAS = "midjourney"
SNIPPETS = settings.BASE_DIR / "templates" / "getimg_site" / "docs" / "snippets"


@dataclass(frozen=True)
class Page:
    """One page of the documentation."""

    slug: str
    title: str
    # What it answers, in a sentence.
    about: str

    @property
    def template(self) -> str:
        """Its template."""
        return f"getimg_site/docs/{(self.slug or 'quick-start').replace('-', '_')}.html"


PAGES = (
    Page("", _("Quick start"), _("From a key to a picture in three commands.")),
    Page("polling", _("Getting results"), _("Ask, wait or be told: three ways to a finished picture.")),
    Page("webhooks", _("Webhooks"), _("Be told when a picture is ready, and know that it was us.")),
    Page("idempotency", _("Retrying safely"), _("Send anything twice without making or paying for it twice.")),
    Page("errors", _("Errors"), _("What every refusal says, and every code there is.")),
    Page("limits", _("Limits and prices"), _("How fast, how many, and what it costs.")),
    Page("prompts", _("Prompts"), _("Alternatives, lists of words, and words with weights.")),
    Page("edits", _("Editing"), _("Begin from a picture: inpaint, extend, blend, cut out, enlarge.")),
    Page("models", _("Your own models"), _("Draw with what you trained or brought along.")),
    Page("lists", _("Lists"), _("Find what was made before.")),
    Page("clients", _("Clients"), _("Python, TypeScript, and what speaks OpenAI's language.")),
    Page("reference", _("Reference"), _("Every address and every field, from the OpenAPI description.")),
    Page("playground", _("Playground"), _("Send a request from here and copy it as code.")),
)
BY_SLUG = {page.slug: page for page in PAGES}

# A file's ending, the name on the tab, and the lexer.
LANGUAGES = (("sh", "cURL", "bash"), ("mjs", "JavaScript", "javascript"), ("py", "Python", "python"))


@dataclass(frozen=True)
class Code:
    """A snippet in one language."""

    language: str
    label: str
    text: str
    html: SafeString


def codes(name: str, **values: Any) -> list[Code]:
    """Return a snippet in each language that it is written in. `values` fill its places; the others name themselves."""
    found = []
    for ending, label, lexer in LANGUAGES:
        if (SNIPPETS / f"{name}.{ending}").is_file():
            text = rendered(f"{name}.{ending}", **values)
            found.append(Code(ending, label, text, mark_safe(_highlighted(text, lexer))))  # noqa: S308  (escaped there)
    return found


def rendered(file: str, **values: Any) -> str:
    """Return a snippet's text, as it is read and as it is run."""
    places = {
        "api_url": api_url(),
        "api_key": "YOUR_API_KEY",
        "id": "ID",
        "image_url": "IMAGE_URL",
        "model": lazy(example_model, str)(),
        "model_id": "MODEL_ID",
        "webhook_secret": "YOUR_WEBHOOK_SECRET",
        "port": 8080,
    }
    template = Template((SNIPPETS / file).read_text())
    # Code, not a page: where it goes into one, it is escaped as a whole.
    return str(template.render(Context({**places, **values}, autoescape=False))).rstrip("\n")


def example_model() -> str:
    """Return the model that the first example names: an alias while what it stands for draws here, or the default."""
    task = TextToImageParams.task
    try:
        served = catalog.resolve(EXAMPLE_ALIAS)
    except (ModelUnknown, ModelUnavailable):
        return catalog.default_for(task)
    return served.slug if catalog.can(served.model, task) else catalog.default_for(task)


def snippet_files() -> list[str]:
    """Return every snippet there is, as `rendered` takes them."""
    return sorted(str(path.relative_to(SNIPPETS)) for path in SNIPPETS.glob("*/*") if path.is_file())


@cache
def _formatter() -> HtmlFormatter:
    return HtmlFormatter(nowrap=True, classprefix="hl-")


def _highlighted(text: str, lexer: str) -> str:
    return str(highlight(text, get_lexer_by_name(lexer), _formatter()))
