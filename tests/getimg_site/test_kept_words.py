from collections.abc import Iterator

import pytest
from django.utils import translation

from billing import ledger
from billing.models import LedgerEntry
from generation import lifecycle, troubles
from generation.licences import Terms, terms_of
from getimg_site import kept_words, pseudo_locale
from tests.generation.runs import finished, make_person, submit

pytestmark = pytest.mark.django_db


@pytest.fixture
def _elsewhere() -> Iterator[None]:
    """Read in the language that nobody speaks."""
    pseudo_locale.install()
    with translation.override(pseudo_locale.CODE):
        yield


def pseudo(text: str) -> str:
    return pseudo_locale.pseudo(text)


def test_in_english_what_was_kept_is_read_as_it_stands() -> None:
    assert kept_words.read("3 pictures from text") == "3 pictures from text"


def test_translators_get_the_forms_that_are_kept() -> None:
    assert [(words_of(1), words_of(2)) for words_of in kept_words.COUNTED.values()] == list(kept_words.COUNTED)


@pytest.mark.usefixtures("_elsewhere")
@pytest.mark.parametrize(
    ("kept", "form", "values"),
    [
        ("Not used in time", "Not used in time", {}),
        ("1 picture from text", "%(count)s picture from text", {"count": "1"}),
        ("3 pictures from text", "%(count)s pictures from text", {"count": "3"}),
        ("Bought: 500 credits", "Bought: %(pack)s", {"pack": "500 credits"}),
        ("Up to the 3,000 credits a month of Pro", "Up to the %(credits)s credits a month of %(plan)s",
         {"credits": "3,000", "plan": "Pro"}),
        ("Made on the Free plan.", "Made on the %(plan)s plan.", {"plan": "Free"}),
        ("our team refused the invite. Twice the same.", "our team refused the invite. %(note)s",
         {"note": "Twice the same."}),
        ("You agreed to 5,000 credits for $45; it is 5,000 for $50 now.",
         "You agreed to %(before)s credits for %(before_price)s; it is %(credits)s for %(price)s now.",
         {"before": "5,000", "before_price": "$45", "credits": "5,000", "price": "$50"}),
        (troubles.OF_PICTURES["timeout"], troubles.OF_PICTURES["timeout"], {}),
    ],
)  # fmt: skip
def test_elsewhere_a_kept_sentence_is_read_in_the_readers_language(
    kept: str, form: str, values: dict[str, str]
) -> None:
    read = pseudo(form)
    assert kept_words.read(kept) == (read % values if values else read)


@pytest.mark.usefixtures("_elsewhere")
def test_a_sentence_within_a_sentence_is_read_too() -> None:
    assert kept_words.read("Given back: canceled") == pseudo("Given back: %(reason)s") % {"reason": pseudo("canceled")}
    task = {"count": "2", "task": pseudo("Inpaint").lower()}
    assert kept_words.read("2 pictures: inpaint") == pseudo("%(count)s pictures: %(task)s") % task


@pytest.mark.usefixtures("_elsewhere")
@pytest.mark.parametrize("text", ["", "We are sorry for the wait", "Blurred", "100 % off", "pictures from text"])
def test_what_somebody_typed_is_read_as_it_stands(text: str) -> None:
    assert kept_words.read(text) == text


@pytest.mark.usefixtures("_elsewhere")
def test_every_line_of_runs_that_end_well_and_badly_is_known() -> None:
    user = make_person(credits=100)
    finished(user, num_images=2)
    lifecycle.cancel(submit(user))
    lines = LedgerEntry.objects.filter(wallet=ledger.wallet_of(user)).exclude(reason="For a test")

    assert {line.kind for line in lines} >= {"hold", "settle", "release"}
    assert [line.reason for line in lines if kept_words.read(line.reason) == line.reason] == []


@pytest.mark.usefixtures("_elsewhere")
def test_every_sentence_of_a_licence_is_known() -> None:
    image = finished(make_person(), num_images=1).images.get()
    terms: Terms = terms_of(image)

    for words in (terms.reason, terms.meaning, terms.way_on, terms.caveat):
        assert not words or kept_words.read(words) != words
