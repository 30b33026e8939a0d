"""Events: what happened, as it was."""

from tests.billing.test_shop.counter import OpenShop


def test_an_event_keeps_the_object_as_it_was_and_names_the_request(shop: OpenShop) -> None:
    made = shop.v1.customers.create({"name": "Ada"}, {"idempotency_key": "one"})
    shop.v1.customers.update(made.id, {"name": "Grace"})
    created, updated = shop.events()
    assert created["data"]["object"]["name"] == "Ada"
    assert created["request"] == {"id": made.last_response.request_id, "idempotency_key": "one"}
    assert created["api_version"] == "2026-10-28.endive"
    assert (updated["data"]["object"]["name"], updated["data"]["previous_attributes"]) == ("Grace", {"name": "Ada"})
    assert shop.v1.events.retrieve(created["id"]).type == "customer.created"


def test_events_are_listed_by_name_family_and_time(shop: OpenShop) -> None:
    customer = shop.v1.customers.create({"name": "Ada"}).id
    later = shop.advance(seconds=100)
    shop.v1.products.create({"name": "Plan"})
    shop.v1.customers.update(customer, {"name": "Grace"})

    def names(**asked: object) -> list[str]:
        return [event.type for event in shop.v1.events.list(asked).data]

    assert names(type="customer.*") == ["customer.updated", "customer.created"]
    assert names(type="customer.created") == ["customer.created"]
    assert names(types=["product.created", "customer.updated"]) == ["customer.updated", "product.created"]
    assert names(created={"gte": later}) == ["customer.updated", "product.created"]


def test_what_is_refused_leaves_no_event(shop: OpenShop) -> None:
    assert shop.visit(f"{shop.url}/v1/customers", nonsense="1").status == 401
    assert shop.events() == []
