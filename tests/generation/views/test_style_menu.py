import pytest

from generation import presets
from generation.models import Preset
from tests.generation.runs import make_person
from tests.visitors import HTMX, visitor, words

pytestmark = pytest.mark.django_db

MENU, SAVE = "/create/styles/menu/", "/create/styles/save/"


def test_anonymous_people_are_sent_to_the_login() -> None:
    for address in (MENU, SAVE):
        assert visitor().post(address, headers=HTMX)["HX-Redirect"].startswith("/accounts/login/")


def test_the_starter_is_told_apart_from_what_it_does_not_follow() -> None:
    page = words(visitor(make_person()).post(MENU, {"model": "starter"}))

    at = page.index("Starter does not follow these")
    assert page.index('data-style="on-white"') < at < page.index('data-style="watercolour"')


def test_a_large_model_follows_them_all() -> None:
    page = words(visitor(make_person()).post(MENU, {"model": "stable-diffusion-xl"}))

    assert "does not follow these" not in page
    assert 'data-style="watercolour"' in page


def test_the_style_that_is_on_is_named() -> None:
    page = words(visitor(make_person()).post(MENU, {"prompt": "a fox on a white background"}))

    assert "Now: <strong>On white</strong>" in page
    assert 'data-style="on-white" aria-pressed="true"' in page


def test_others_presets_are_not_shown() -> None:
    presets.save(make_person("bob@example.com"), {"name": "Bob’s own", "prompt": "b"})

    assert "Bob’s own" not in words(visitor(make_person()).post(MENU))


def test_what_stands_in_the_form_is_kept_under_a_name() -> None:
    person = make_person()
    form = {"prompt": "{prompt} at night", "negative_prompt": "day", "size": "160x96", "steps": "30", "seed": "7"}

    page = words(visitor(person).post(SAVE, {**form, "preset_name": "Night", "with_settings": "1"}))

    made = Preset.objects.visible_to(person).get()
    assert (made.name, made.prompt, made.negative_prompt) == ("Night", "{prompt} at night", "day")
    assert made.settings["size"] == "160x96"
    assert made.settings["steps"] == "30"
    assert "seed" not in made.settings
    assert "Saved as Night." in page
    assert f'data-style="{made.pk}"' in page


def test_the_settings_stay_out_when_they_are_not_wanted() -> None:
    person = make_person()
    visitor(person).post(SAVE, {"prompt": "a fox", "preset_name": "Fox"})

    assert Preset.objects.visible_to(person).get().settings == {}


def test_a_refusal_says_why_and_keeps_the_name() -> None:
    person = make_person()
    presets.save(person, {"name": "Fox", "prompt": "a"})

    answer = visitor(person).post(SAVE, {"prompt": "a fox", "preset_name": "Fox"})

    assert answer.status_code == 422
    assert "You have a preset “Fox” already." in words(answer)
    assert 'value="Fox"' in words(answer)


def test_settings_that_are_not_wanted_stay_so_when_the_name_is_refused() -> None:
    client = visitor(make_person())
    form = {"prompt": "a fox", "size": "128x128", "preset_name": ""}
    wanted = 'name="with_settings" value="1" checked'

    assert wanted in words(client.post(MENU, form))
    assert wanted in words(client.post(SAVE, {**form, "with_settings": "1"}))
    assert wanted not in words(client.post(SAVE, form))


def test_settings_are_offered_where_the_form_has_them() -> None:
    client = visitor(make_person())

    assert "With the settings" in words(client.post(MENU, {"size": "128x128"}))
    assert "With the settings" not in words(client.post(MENU, {"prompt": "a fox"}))


def test_a_preset_of_the_editor_keeps_the_tool_and_what_it_is_set_to() -> None:
    person = make_person()
    form = {"task": "inpaint", "prompt": "a hat", "strength": "0.8", "feather": "12", "steps": "20", "seed": "7"}
    form |= {"image": "upload:1", "mask": "upload:2", "preset_name": "Hat", "with_settings": "1"}

    page = words(visitor(person).post(SAVE, form))

    made = Preset.objects.visible_to(person).get()
    assert made.settings == {"task": "inpaint", "strength": "0.8", "feather": "12", "steps": "20"}
    assert "With the settings: inpaint, 20 steps, strength 0.8, feather 12" in page
    applied = visitor(person).post("/create/style/", {"prompt": "a fox", "style": str(made.pk)}).json()
    assert applied["settings"] == made.settings
