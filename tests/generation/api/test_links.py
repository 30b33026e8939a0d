import pytest

from generation.api.links import links_of

pytestmark = pytest.mark.django_db


def test_what_was_made_can_be_looked_at_and_taken_away() -> None:
    for operation, status, parameter in (
        ("createDiffusion", "201", "diffusion_id"),
        ("createWebhook", "201", "webhook_id"),
        ("createFile", "200", "file_id"),
    ):
        links = links_of(operation)[status].values()
        named = {link["operationId"] for link in links if link.get("parameters") == {parameter: "$response.body#/id"}}
        kind = operation.removeprefix("create")
        assert {f"get{kind}", f"delete{kind}"} <= named


def test_a_file_leads_to_each_task_that_one_picture_is_enough_for() -> None:
    bodies = {
        name: link["requestBody"] for name, link in links_of("createFile")["201"].items() if "requestBody" in link
    }

    assert bodies["upscale"] == {"task": "upscale", "image": "$response.body#/id"}
    assert bodies["image-to-image"]["prompt"]
    assert not {"inpaint", "blend", "instruct"} & set(bodies)


def test_a_list_leads_to_its_first_and_to_the_next_page() -> None:
    links = links_of("listDiffusions")["200"]

    assert links["nextPage"]["parameters"] == {"after": "$response.body#/next"}
    assert links["getDiffusion"]["parameters"] == {"diffusion_id": "$response.body#/data/0/id"}


def test_what_ends_leads_nowhere() -> None:
    assert links_of("deleteDiffusion") == {}
