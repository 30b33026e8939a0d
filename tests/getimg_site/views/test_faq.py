import pytest
from pytest_django import Settings

from billing.models import FREE, Plan
from tests.visitors import visitor, words

pytestmark = pytest.mark.django_db


def test_the_day_of_the_credits_is_explained() -> None:
    page = words(visitor().get("/faq/"))

    assert "Signed up on the 15th? Then they come on the 15th." in page
    assert "Settings → Billing" in page


def test_a_site_without_free_credits_promises_none() -> None:
    Plan.objects.filter(pk=FREE).update(monthly_credits=0)

    assert "try it for free" not in words(visitor().get("/faq/"))


def test_money_is_answered_with_what_the_site_does() -> None:
    Plan.objects.filter(pk="pro").update(month_cents=4200)
    page = words(visitor().get("/faq/"))

    assert "15,000 for $42 a month" in page
    assert "CreativeML Open RAIL-M" in page
    assert "a subscription does not include API access" in page
    assert 'href="/pricing/"' in page
    assert 'href="/pricing/api/"' in page


def test_what_an_invite_brings_is_what_the_settings_say(settings: Settings) -> None:
    settings.REFERRAL_CREDITS, settings.REFERRAL_FRIEND_CREDITS = 60, 40
    assert "you get 60 credits and they get 40." in words(visitor().get("/faq/"))
    settings.REFERRAL_CREDITS = 0
    assert "inviting friends" not in words(visitor().get("/faq/"))


def test_bugs_and_wishes_have_an_address(settings: Settings) -> None:
    settings.SUPPORT_EMAIL = "help@example.com"
    page = visitor().get("/faq/").content.decode()
    assert 'href="mailto:help@example.com"' in page
    assert 'href="/wishes/"' in page
    assert "Discord" not in page

    settings.DISCORD_URL = "https://discord.example/getimg"
    settings.FEATURE_REQUESTS_URL = "https://wishes.example/"
    page = visitor().get("/faq/").content.decode()
    assert 'href="https://discord.example/getimg"' in page
    assert 'href="https://wishes.example/"' in page
    assert 'href="/wishes/"' not in page.partition("<footer")[0]


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("How does it work?", "You describe what you want to see"),
        ("How do the credits work?", "Most of the time one credit is one picture."),
        ("How do the credits work?", "Training a model of your own costs 2,000."),
        ("How do the credits work?", "A video costs 12"),
        ("How much does it cost?", "/pricing/"),
        ("May I use my pictures commercially?", "Yes, those you make under a paid plan"),
        ("How do I make beautiful pictures?", "/guides/#prompts"),
        ("Can I try it for free?", "Yes. You get 100 credits"),
        ("It is the first of the month. Where are my credits?", "on the day of the month on which you signed up"),
        ("How do I report a bug?", "/report-a-bug/"),
        ("How do I ask for a feature?", "/wishes/"),
        ("Does a subscription include the API?", "No. The API is a separate product"),
    ],
)
def test_every_question_of_the_first_day_has_its_answer(question: str, answer: str) -> None:
    _, heading, after = words(visitor().get("/faq/")).partition(f">{question}</h2>")

    assert heading
    assert answer in after.partition("</section>")[0]


def test_nothing_is_promised_that_is_not_so(settings: Settings) -> None:
    page = words(visitor().get("/faq/"))
    assert "our team, who look at what was reported or refused" in page
    assert "Your pictures stay, what" not in page
    assert "friends you invite begin to draw" in page

    settings.REFERRAL_CREDITS = 0
    assert "friends you invite begin to draw" not in words(visitor().get("/faq/"))


def test_what_a_video_costs_is_said_with_what_a_longer_one_does() -> None:
    page = words(visitor().get("/faq/"))
    assert "A video costs 12, and beyond its model’s own length more" in page
