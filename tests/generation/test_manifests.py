import hashlib
import io
import json

import numpy as np
import pytest
from PIL import Image as Pillow

from generation import environments, manifests
from generation.models import Image
from tests.generation.pictures import content, draw, pixels
from tests.generation.runs import make_person
from tests.generation.test_environments import facts

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_manifest_names_everything_that_drew_the_picture() -> None:
    image = draw(make_person(), prompt="a {red|blue} fox", negative_prompt="snow", seed=41)
    Image.objects.filter(pk=image.pk).update(environment_id=environments.keep(facts()))
    image = Image.objects.select_related("job", "environment").get(pk=image.pk)

    found = json.loads(manifests.as_json(image))

    assert found["prompt"] in ("a red fox", "a blue fox")
    assert (found["negative_prompt"], found["seed"]) == ("snow", 41)
    assert found["model"] == {"id": "starter", "asked_for": "starter", **_weights()}
    assert found["versions"]["torch"] == "2.13.0"
    assert (found["device"], found["dtype"], found["loras"]) == ("cpu 2 threads", "float32", [])
    assert found["settings"]["num_inference_steps"] > 0
    assert found["scheduler"]


def test_the_pixels_checksum_is_that_of_the_file_and_not_of_its_metadata() -> None:
    image = draw(make_person())

    with Pillow.open(io.BytesIO(content(image))) as picture:
        again = hashlib.sha256(np.asarray(picture).tobytes()).hexdigest()
    assert manifests.of_picture(image)["pixels"]["sha256"] == again == hashlib.sha256(pixels().tobytes()).hexdigest()


def test_what_was_not_recorded_is_null() -> None:
    image = draw(make_person())
    Image.objects.filter(pk=image.pk).update(pixels_sha256="", environment=None)

    found = manifests.of_picture(Image.objects.get(pk=image.pk))

    assert (found["versions"], found["device"], found["model"]["weights_sha256"]) == (None, None, None)
    assert found["pixels"]["sha256"] is None


def _weights() -> dict[str, str]:
    return {"weights_sha256": facts()["model"]["weights_sha256"]}
