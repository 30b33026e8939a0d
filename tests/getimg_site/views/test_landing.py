import pytest
from django.conf import LazySettings
from django.contrib.staticfiles import finders

from billing import plans
from billing.models import FREE, Plan
from getimg_site.views.landing import samples
from tests.generation.runs import make_person
from tests.visitors import visitor, words

pytestmark = pytest.mark.django_db


def test_a_visitor_is_greeted_and_offered_to_start() -> None:
    page = words(visitor().get("/"))

    assert "100 credits every month" in page
    assert 'href="/accounts/signup/"' in page
    assert 'href="/accounts/login/"' in page


def test_who_is_signed_in_finds_the_way_to_create() -> None:
    page = words(visitor(make_person()).get("/"))

    assert 'href="/create/"' in page
    assert 'href="/accounts/signup/"' not in page


def test_a_prompt_typed_here_leads_through_sign_up_to_create() -> None:
    client = visitor()

    answer = client.post("/", {"prompt": "a fox"})
    assert answer["Location"] == "/accounts/signup/?next=%2Fcreate%2F"
    client.post(answer["Location"], {"email": "ada@example.com", "password1": "a long enough secret"})

    assert "a fox</textarea>" in words(client.get("/create/"))


def test_a_prompt_is_kept_no_longer_than_it_may_be() -> None:
    client = visitor(make_person())
    client.post("/", {"prompt": "x" * 5000})

    assert client.session["prompt"] == "x" * 1000


def test_the_pictures_shown_are_there_and_say_what_they_were_asked_to_be() -> None:
    page = words(visitor().get("/"))

    assert samples()
    for sample in samples():
        assert finders.find(sample["file"])
        assert sample["prompt"] in page


def test_tools_and_plans_are_told_with_their_prices() -> None:
    page = words(visitor().get("/"))

    assert "2,000 credits, all back if it fails" in page
    assert "12 credits." in page
    for plan in plans.offered_plans():
        assert f"<h3>The {plan.name} plan</h3>" in page
        assert f"{plan.monthly_credits:,} credits a month" in page
    assert page.count("Commercial use") == 3
    for file in ("repaint", "background", "rework", "training", "video"):
        assert finders.find(f"img/tools/{file}-before.webp")
        assert finders.find(f"img/tools/{file}-after.webp")


@pytest.mark.parametrize(("first", "paid", "is_promised"), [(50, 0, True), (0, 500, True), (0, 0, False)])
def test_inviting_friends_is_promised_where_it_brings_something(
    first: int, paid: int, is_promised: bool, settings: LazySettings
) -> None:
    settings.REFERRAL_CREDITS, settings.REFERRAL_PAID_CREDITS = first, paid

    assert ("Inviting friends brings more." in words(visitor().get("/"))) is is_promised


def test_what_inpainting_keeps_is_what_lies_past_its_soft_edge() -> None:
    assert "Past its soft edge every pixel stays as it was." in words(visitor().get("/"))


@pytest.mark.parametrize(("path", "promise"), [("/", "watch it being drawn"), ("/faq/", "while you watch")])
def test_watching_is_promised_where_no_program_looks_first(path: str, promise: str, settings: LazySettings) -> None:
    settings.MODERATION_IMAGES = ""
    assert promise in words(visitor().get(path)).lower()

    settings.MODERATION_IMAGES = "nudenet"
    page = words(visitor().get(path)).lower()
    assert promise not in page
    assert "takes shape" not in page


def test_nothing_starts_free_where_no_credits_are_free() -> None:
    paths = ("/", "/pricing/", "/accounts/login/", "/accounts/signup/")
    assert all("Start free" in words(visitor().get(path)) for path in paths)

    Plan.objects.filter(pk=FREE).update(monthly_credits=0)

    for path in paths:
        page = words(visitor().get(path))
        assert "Start free" not in page, path
        assert "Sign up" in page, path
    assert "a plan or a pack" not in page
