from fractions import Fraction

import pytest
from django.utils.html import escape
from pytest_django import Settings

from billing.models import FREE, Plan
from generation import catalog, pricing
from generation.params import parse_text_to_image
from tests.factories import make_user
from tests.visitors import visitor, words

pytestmark = pytest.mark.django_db


def test_the_day_of_the_credits_is_explained() -> None:
    page = words(visitor().get("/faq/"))

    assert "Signed up on the 15th? Then they come on the 15th." in page
    assert "Settings → Billing" in page


def test_who_is_signed_in_finds_their_name_and_the_way_to_billing() -> None:
    user = make_user()
    page = words(visitor(user).get("/faq/"))

    assert f'<p class="menu-name">{user.name}</p>' in page
    assert '<a href="/settings/billing/">Settings → Billing</a>' in answer_to(
        "It is the first of the month. Where are my credits?", page
    )
    assert "person-menu" not in words(visitor().get("/faq/"))


def test_a_page_with_one_persons_name_is_not_taken_for_anothers() -> None:
    ada, bob = make_user(email="ada@example.com"), make_user(email="bob@example.com")
    tag = visitor(ada).get("/faq/").headers["ETag"]

    answer = visitor(bob).get("/faq/", headers={"If-None-Match": tag})

    assert answer.status_code == 200
    assert "bob@example.com" in words(answer)
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert "Cookie" in answer.headers["Vary"]


def test_a_site_without_free_credits_promises_none() -> None:
    Plan.objects.filter(pk=FREE).update(monthly_credits=0)

    page = words(visitor().get("/faq/"))

    assert answer_to("Can I try it for free?", page).startswith("No. This site gives no free credits")
    assert answer_to("It is the first of the month. Where are my credits?", page).startswith(
        "This site gives no free credits."
    )


def test_the_models_are_named_with_what_they_are_built_like() -> None:
    answer = answer_to("How does it work?", words(visitor().get("/faq/")))
    here = [model for model in catalog.MODELS.values() if model.is_available and "text-to-image" in model.tasks]

    assert "Stable Diffusion is an open-source AI model. These are built like it: " in answer
    assert here
    names = [model.name.replace(", ", " (") for model in here]
    assert [name for name in names if escape(name) not in answer] == []
    assert "Starter and Starter (fast)" in answer


def test_one_credit_is_one_picture_most_of_the_time() -> None:
    drawing = [model for model in catalog.MODELS.values() if "text-to-image" in model.tasks]
    at_one = [model for model in drawing if model.price_weight == 1]
    tools = [weight for task, weight in pricing.TASK_WEIGHTS.items() if task != "image-to-video"]

    assert len(at_one) > len(drawing) / 2
    assert tools.count(Fraction(1)) > len(tools) / 2
    assert "Most of the time one credit is one picture." in words(visitor().get("/faq/"))
    for count in (1, 4):
        assert pricing.quote(parse_text_to_image({"prompt": "a fox", "num_images": count})).credits == count


def answer_to(question: str, page: str) -> str:
    """Return what stands below a question."""
    after = page.partition(f">{question}</h2>")[2].partition("</section>")[0]
    return after.partition('itemprop="text">')[2]


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
        ("How do the credits work?", "Training a model of your own (DreamBooth) costs 2,000."),
        ("How do the credits work?", "A video costs 12"),
        ("How much does it cost?", "/pricing/"),
        ("May I use my pictures commercially?", "Yes, those you make under a paid plan"),
        ("How do the credits work?", "painting a part anew, blending, another background"),
        (
            "How does it work?",
            'How to use each feature, and what each setting does, you learn in our <a href="/guides/"',
        ),
        ("How do I make beautiful pictures?", "/guides/#prompts"),
        ("How do I make beautiful pictures?", "Text models help with the words"),
        ("Can I try it for free?", "Yes. You get 100 credits"),
        ("It is the first of the month. Where are my credits?", "on the day of the month on which you signed up"),
        ("How do I report a bug?", "/report-a-bug/"),
        ("How do I ask for a feature?", "/wishes/"),
        ("Does a subscription include the API?", "No. The API is a separate product"),
        ("Does a subscription include the API?", 'href="/docs/"'),
    ],
)
def test_every_question_of_the_first_day_has_its_answer(question: str, answer: str) -> None:
    _, heading, after = words(visitor().get("/faq/")).partition(f">{question}</h2>")

    assert heading
    assert answer in after.partition("</section>")[0]


def test_nothing_is_promised_that_is_not_so(settings: Settings) -> None:
    page = words(visitor().get("/faq/"))
    assert "our team, who look at what was reported or refused" in page
    assert "friends you invite begin to draw" in page

    settings.REFERRAL_CREDITS = 0
    assert "friends you invite begin to draw" not in words(visitor().get("/faq/"))


def test_seeds_and_limits_are_promised_where_there_are_some() -> None:
    page = words(visitor().get("/faq/"))

    assert "Every picture that is drawn shows its own; enlarging and cutting out need none." in page
    assert "where it is known what the chosen one can’t draw, that is written below its name" in page


def test_what_a_video_costs_is_said_with_what_a_longer_one_does() -> None:
    page = words(visitor().get("/faq/"))
    assert "A video costs 12, and beyond its model’s own length more" in page


def test_help_of_text_models_is_promised_where_one_is_set_up(settings: Settings) -> None:
    question = "How do I make beautiful pictures?"
    settings.PROMPT_WRITER_URL = ""
    assert "On this site none is set up behind “Improve”." in answer_to(question, words(visitor().get("/faq/")))

    settings.PROMPT_WRITER_URL = "https://words.example/v1"
    answer = answer_to(question, words(visitor().get("/faq/")))
    assert "“Improve”, below the prompt, has one say yours more vividly" in answer
    assert "none is set up" not in answer


def test_how_long_pictures_are_kept_is_what_the_plans_say(settings: Settings) -> None:
    settings.API_RETENTION_DAYS = 12
    question = "How long are my pictures kept?"
    Plan.objects.filter(pk="pro").update(kept_days_after=77)
    answer = answer_to(question, words(visitor().get("/faq/")))

    assert "On the free plan for 90 days, on a paid plan as long as it lasts." in answer
    assert (
        "stays at least: 90 days after the Starter plan, 90 days after the Pro plan, 365 days after the Studio plan."
        in answer
    )
    assert "a mail comes a week before" in answer
    assert "brought back for 30 days" in answer
    assert "Brought back from there, it is kept for 30 days from then; that goes once" in answer
    assert "through the API is kept for 12 days" in answer
    Plan.objects.filter(pk=FREE).update(retention_days=None)
    assert answer_to(question, words(visitor().get("/faq/"))).startswith("As long as you like.")
