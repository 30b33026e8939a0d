import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from generation.models import CustomModel
from tests.generation.runs import balance, make_person
from tests.generation.trained import ready
from tests.generation.trainees import CREDITS, make_trainee, model_of, ordered

pytestmark = pytest.mark.django_db


@pytest.fixture
def user(client: Client) -> User:
    person = make_person()
    client.force_login(person)
    return person


def press(client: Client, model: CustomModel, action: str, **body: str) -> str:
    client.post(reverse("generation:model_action", args=[model.pk, action]), body)
    model.refresh_from_db()
    return client.get(reverse("generation:models")).content.decode()


def refused(client: Client, model: CustomModel, **body: str) -> str:
    response = client.post(reverse("generation:model_action", args=[model.pk, "rename"]), body)
    assert response.status_code == 422
    model.refresh_from_db()
    return response.content.decode()


def test_canceling_gives_everything_back_and_makes_a_draft_again(client: Client) -> None:
    user = make_trainee()
    client.force_login(user)
    model = model_of(ordered(user))
    assert balance(user) == CREDITS - 2000
    assert "All credits are back" in press(client, model, "cancel")
    assert (model.state, balance(user), model.pictures.count()) == ("draft", CREDITS, 5)
    assert "had ended before" in press(client, model, "cancel")


def test_renaming_needs_a_name(client: Client, user: User) -> None:
    model = ready(user)
    press(client, model, "rename", name="  Our   Bruno ")
    assert model.name == "Our Bruno"
    page = refused(client, model, name="x" * 61)
    assert "1 to 60 characters; this one has 61" in page
    assert f'name="name" maxlength="60" value="{"x" * 61}"' in page
    assert "<h1>Our Bruno</h1>" in page


def test_a_name_that_others_may_not_read_is_refused(client: Client, user: User) -> None:
    model = ready(user)
    page = refused(client, model, name="nude woman")
    assert "“nude”" in page
    assert 'value="nude woman" autocomplete="off" aria-describedby="rename-error" aria-invalid="true"' in page
    assert model.name == "My toy"


def test_sharing_makes_a_link_and_unsharing_ends_it(client: Client, user: User) -> None:
    model = ready(user)
    press(client, model, "share")
    link = reverse("generation:shared_model", args=[model.share_token])
    assert link in client.get(reverse("generation:model", args=[model.pk])).content.decode()
    assert Client().get(link).status_code == 200
    press(client, model, "unshare")
    assert Client().get(link).status_code == 404


def test_deleting_leads_back_to_the_list(client: Client, user: User) -> None:
    model = ready(user)
    response = client.post(reverse("generation:model_action", args=[model.pk, "delete"]))
    assert response["Location"] == reverse("generation:models")
    model.refresh_from_db()
    assert model.state == "deleted"


def test_a_stranger_and_an_unknown_action_get_a_404(client: Client, user: User) -> None:
    theirs = ready(make_person("eve@example.com"))
    for action in ("cancel", "rename", "share", "unshare", "delete"):
        assert client.post(reverse("generation:model_action", args=[theirs.pk, action])).status_code == 404
    assert client.post(reverse("generation:model_action", args=[ready(user).pk, "explode"])).status_code == 404
    theirs.refresh_from_db()
    assert theirs.is_ready
    assert Client().post(reverse("generation:model_action", args=[theirs.pk, "delete"])).status_code == 302


def test_a_model_whose_name_is_not_allowed_is_not_shared_nor_one_of_a_suspended_person(
    client: Client, user: User
) -> None:
    model = ready(user)
    CustomModel.objects.filter(pk=model.pk).update(name="Nude models")
    client.post(reverse("generation:model_action", args=[model.pk, "share"]))
    model.refresh_from_db()
    assert model.share_token is None

    press(client, model, "rename", name="Models")
    press(client, model, "share")
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert Client().get(reverse("generation:shared_model", args=[model.share_token])).status_code == 404
