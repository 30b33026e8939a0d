import pytest

from getimg_site import docs_reference

pytestmark = pytest.mark.django_db


def test_the_reference_has_every_address_and_what_is_sent_and_answered() -> None:
    found = {(one.verb, one.path): one for one in docs_reference.operations()}
    for path in ("/v1/diffusions/{diffusion_id}", "/v1/models", "/v1/account", "/v1/webhooks"):
        assert ("GET", path) in found
    order = found["POST", "/v1/diffusions"]
    assert {"prompt", "guidanceScale", "numImages"} <= {field.name for field in order.request}
    strength = next(field for field in order.request if field.name == "strength")
    assert "image-to-image" in strength.about
    assert "inpaint" in strength.about
    assert not strength.is_required
    assert next(field for field in order.request if field.name == "prompt").is_required
    assert "outputs[].url" in {field.name for field in found["GET", "/v1/diffusions/{diffusion_id}"].answer}
    assert "Idempotency-Key (header)" in {field.name for field in order.parameters}
    assert {"201", "402"} <= {status for status, _ in order.statuses}
    assert (
        next(field for field in order.request if field.name == "seed").type == "integer, ≥ 0, ≤ 4,294,967,295, or null"
    )
