"""What stands on a picture's row for ever, whoever writes."""

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from generation import written_once
from generation.models import Image
from tests.generation.runs import finished, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def image() -> Image:
    return finished(make_person(), num_images=1).images.get()


@pytest.mark.parametrize("column", written_once.COLUMNS)
def test_the_licence_and_the_checksum_cannot_be_changed(image: Image, column: str) -> None:
    other = True if column == "is_test" else "another"
    with pytest.raises(DatabaseError, match="written once"), transaction.atomic():
        Image.objects.filter(pk=image.pk).update(**{column: other})
    with pytest.raises(DatabaseError, match="written once"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE generation_image SET {column} = %s", [other])

    assert getattr(Image.objects.get(pk=image.pk), column) == getattr(image, column)


def test_a_picture_saved_by_hand_changes_nothing_of_it(image: Image) -> None:
    image.licence = "commercial"

    with pytest.raises(DatabaseError, match="written once"), transaction.atomic():
        image.save()


def test_all_else_can_be_changed_and_the_same_written_again(image: Image) -> None:
    image.deleted_at = timezone.now()

    image.save()

    assert Image.objects.filter(pk=image.pk, deleted_at__isnull=False).exists()
    image.delete()
    assert not Image.objects.exists()


def test_the_law_can_be_taken_away_and_put_back(image: Image) -> None:
    written_once.remove(connection)
    Image.objects.filter(pk=image.pk).update(plan="pro")

    written_once.install(connection)

    with pytest.raises(DatabaseError, match="written once"), transaction.atomic():
        Image.objects.filter(pk=image.pk).update(plan="free")
