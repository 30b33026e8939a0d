import pytest
from django.utils import timezone
from PIL import Image as Pillow

from generation import custom_models, model_faces
from generation.models import CustomModel, Job
from tests.generation.runs import make_person
from tests.generation.trained import draft, ready, training

pytestmark = pytest.mark.django_db


def face(model: CustomModel) -> model_faces.ModelFace:
    return model_faces.face_of(CustomModel.objects.select_related("job").get(pk=model.pk))


def test_samples_stand_by_quarter_the_latest_first_each_in_its_order() -> None:
    model = training(make_person())
    for quarter, position in ((1, 1), (1, 0), (4, 0)):
        picture = Pillow.new("RGB", (64, 64))
        custom_models.add_sample(model, picture, quarter=quarter, position=position, prompt=f"{quarter}.{position}")
    quarters = face(model).quarters
    assert [quarter.title for quarter in quarters] == ["At the end", "After 25 %"]
    assert [sample.prompt for sample in quarters[1].samples] == ["1.0", "1.1"]


@pytest.mark.parametrize(
    ("seconds", "words"), [(None, ""), (0, "about 1 s left"), (99, "about 99 s left"), (400, "about 7 min left")]
)
def test_the_time_left_is_said_in_words(seconds: int | None, words: str) -> None:
    model = training(make_person())
    custom_models.report(model, step=1, of=2, losses=[], seconds_left=seconds)
    assert face(model).time_left == ""  # it waits
    now = timezone.now()
    Job.objects.update(status=Job.Status.PROCESSING, started_at=now, lease_expires_at=now)
    assert face(model).time_left == words


def test_the_page_asks_again_only_while_it_is_trained_and_its_tag_changes_with_what_is_seen() -> None:
    user = make_person()
    model = training(user)
    before = face(model)
    assert (before.poll_seconds, before.is_waiting) == (2, True)
    custom_models.report(model, step=1, of=2, losses=[(1, 0.5)])
    assert face(model).state_tag != before.state_tag
    assert face(model).state_tag == face(model).state_tag
    assert face(ready(user, trigger_word="other")).poll_seconds is None


def test_a_draft_is_shown_by_its_first_picture_and_a_trained_one_by_its_last_sample() -> None:
    user = make_person()
    model = draft(user, 2)
    assert face(model).picture == model.pictures.all()[0].upload.thumbnail
    other = training(user, trigger_word="other")
    for quarter in (1, 2):
        custom_models.add_sample(other, Pillow.new("RGB", (9, 9)), quarter=quarter, position=0, prompt="")
    assert face(other).picture == other.samples.get(quarter=2).thumbnail


def test_cards_are_the_persons_own() -> None:
    user = make_person()
    model = draft(user)
    draft(make_person("eve@example.com"))
    assert [card.model for card in model_faces.cards_of(user)] == [model]
    assert model_faces.shared_cards_of(user) == []
