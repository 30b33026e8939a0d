"""Pages that others see lead to files by links that end with what is shown: every address is walked.

A link of an owner's page works for whoever has it until it expires (`storage.signed_url`): it stands on pages that the
owner alone sees.
"""

import re
from dataclasses import replace

import pytest
from django.conf import LazySettings
from django.contrib.admin import site
from django.http.response import HttpResponse
from django.test import Client
from PIL import Image as Pillow

from accounts.models import User
from generation import custom_models, showcase
from generation.models import CustomModel, Image
from tests.generation.runs import make_person
from tests.security.addresses import Address, all_addresses
from tests.security.belongings import Belongings, make_belongings

pytestmark = pytest.mark.django_db

_OWNERS = re.compile(r"/media/\d+/[0-9a-f]{32}/[\w./-]+")
_SHOWN = re.compile(r"/media/shown/\d+/")
_OPERATORS = re.compile(r"/media/operators/\d+/")
# Where each meets files of the owner's.
PAGES = {"generation:showcase", "generation:showcase_author", "generation:shared_picture", "generation:shared_model"}
OF_GUESTS = {"generation:models", "generation:create"}
OF_OPERATORS = {"admin:generation_job_change", "admin:generation_report_changelist"}


@pytest.fixture
def made(settings: LazySettings) -> Belongings:
    """Return somebody with one of everything, who shows a picture, a video and a model."""
    settings.SHOWCASE = True
    made = make_belongings()
    ready = CustomModel.objects.get(pk=made.at["ready_model_id"])
    # It was ready before it had samples: they come while it is trained.
    CustomModel.objects.filter(pk=ready.pk).update(state=CustomModel.State.TRAINING)
    custom_models.add_sample(ready, Pillow.new("RGB", (64, 64)), quarter=4, position=0, prompt="a zwerg at sea")
    CustomModel.objects.filter(pk=ready.pk).update(state=CustomModel.State.READY)
    made.at["model_token"] = custom_models.share(ready)
    User.objects.filter(pk=made.owner.pk).update(display_name="Ada")
    for name in ("image_id", "video_id"):
        image = Image.objects.select_related("user").get(pk=made.at[name])
        Image.objects.filter(pk=image.pk).update(alt_text="")
        image.tags.clear()
        shown = showcase.publish(Image.objects.get(pk=image.pk), is_listed=True, shows_recipe=False)
        made.at[f"token of {name}"] = shown.token
    showcase.report(shown, None, {"reason": "hate"})
    for model in site._registry:  # what operators open is there
        row = model._default_manager.first()
        made.at[f"admin:{model._meta.app_label}_{model._meta.model_name} object_id"] = str(row.pk if row else 1)
    made.at["admin:generation_job object_id"] = made.at["job_id"]
    return made


def paths(made: Belongings, address: Address) -> list[str]:
    """Return the ways to an address: with each of what its owner shows, where it takes a token."""
    if "<str:token>" not in address.route or "shared" not in address.name:
        return [address.path(made.at)]
    tokens = ["model_token"] if "model" in address.name else ["token of image_id", "token of video_id"]
    return [replace(address, route=address.route.replace("<str:token>", made.at[one])).path(made.at) for one in tokens]


def visitor_of(kind: str, made: Belongings) -> Client:
    client = Client(raise_request_exception=False)
    if kind == "guest":
        guest = make_person("bob@example.com")
        custom_models.accept(CustomModel.objects.get(pk=made.at["ready_model_id"]), guest, made.at["model_token"])
        client.force_login(guest)
    elif kind == "operator":
        client.force_login(User.objects.create_superuser("root@example.com", "correct horse battery"))
    return client


# Each walks some 400 addresses.
WALKS = [
    ("anonymous", PAGES),
    pytest.param("guest", PAGES | OF_GUESTS, marks=pytest.mark.journey),
    pytest.param("operator", PAGES | OF_OPERATORS, marks=pytest.mark.journey),
]


@pytest.mark.parametrize(("kind", "expected"), WALKS)
def test_no_page_that_others_see_has_a_link_of_its_owners(kind: str, expected: set[str], made: Belongings) -> None:
    client = visitor_of(kind, made)
    wrong, good = [], set()
    for address in all_addresses():
        if not address.urlconf.endswith("getimg_site.urls") or (address.reach and address.reach.name.startswith("KEY")):
            continue
        for path in paths(made, address):
            text = text_of(client, path)
            wrong += [f"{address.name}: {link}" for link in _OWNERS.findall(text)]
            if _SHOWN.search(text) or _OPERATORS.search(text):
                good.add(address.name)

    assert not wrong, "\n".join(wrong)
    assert expected <= good


def text_of(client: Client, path: str) -> str:
    """Return what a page says; nothing of what is no page."""
    answer = client.get(path)
    is_page = isinstance(answer, HttpResponse) and "html" in answer.headers.get("Content-Type", "")
    return answer.content.decode() if is_page else ""
