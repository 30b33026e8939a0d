"""The shop is held to the types of the installed `stripe` package: what it accepts, and all that it sends."""

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pytest
import stripe
import typing_extensions

from billing.test_shop import documents
from billing.test_shop.app import ROUTES
from billing.test_shop.params import Choice, Either, Flag, Group, Kind, Many, Map, Number, Text, Whole
from billing.test_shop.routes import Route
from tests.billing.test_shop import journeys, sdk_types
from tests.billing.test_shop.sdk_routes import params_by_call

_PLAIN = {Flag: bool, Text: str, Whole: int, Number: float}


def test_the_shop_speaks_the_version_of_the_installed_package() -> None:
    assert stripe.api_version == documents.API_VERSION


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_a_route_is_one_of_the_packages_and_accepts_what_it_knows(route: Route) -> None:
    params = params_by_call().get((route.method, route.path))
    assert params is not None, "the package has no such call"
    assert list(_strange(route.params, params, route.path)) == []


def test_a_parameter_that_the_package_does_not_know_is_found() -> None:
    params = params_by_call()["POST", "/v1/customers"]
    strange = Group({"email": Text(), "emial": Text(), "balance": Text(), "metadata": Flag()})
    assert [line.split(":")[0] for line in _strange(strange, params, "x")] == ["x.emial", "x.balance", "x.metadata"]


def _strange(kind: Kind, annotation: Any, path: str) -> Iterator[str]:
    """Yield what a kind accepts that the annotation does not."""
    choices = [choice for choice in _choices_of(annotation) if choice is not type(None)]
    match kind:
        case Group():
            yield from _strange_fields(kind, choices, path)
        case Either():
            yield from _strange(kind.group, annotation, path)
            yield from _strange(Whole(), annotation, path)
        case Many():
            lists = [choice for choice in choices if get_origin(choice) is list]
            if not lists:
                yield f"{path}: a list, the package wants {annotation}"
            for one in lists:
                yield from _strange(kind.item, get_args(one)[0], f"{path}[]")
        case Choice():
            known = {value for choice in choices if get_origin(choice) is Literal for value in get_args(choice)}
            if known and not set(kind.values) <= known:
                yield f"{path}: {set(kind.values) - known} are unknown"
            if not known and str not in choices:
                yield f"{path}: a choice, the package wants {annotation}"
        case Map():
            if dict not in choices and not any(get_origin(choice) is dict for choice in choices):
                yield f"{path}: metadata, the package wants {annotation}"
        case _:
            if _PLAIN[type(kind)] not in choices:
                yield f"{path}: {type(kind).__name__}, the package wants {annotation}"


def _strange_fields(kind: Group, choices: list[Any], path: str) -> Iterator[str]:
    dicts = [choice for choice in choices if typing_extensions.is_typeddict(choice)]
    if not dicts:
        yield f"{path}: an object, the package wants {choices}"
        return
    known = sdk_types.hints(dicts[0])
    for name, field in kind.fields.items():
        if name in known:
            yield from _strange(field, known[name], f"{path}.{name}")
        else:
            yield f"{path}.{name}: unknown to the package"
    for name, hint in known.items():
        must_be_there = get_origin(hint) not in (typing_extensions.NotRequired,)
        if must_be_there and name not in kind.required:
            yield f"{path}.{name}: the package says it is required"


def _choices_of(annotation: Any) -> list[Any]:
    if get_origin(annotation) in (typing_extensions.NotRequired, typing_extensions.Required):
        return _choices_of(get_args(annotation)[0])
    if sdk_types.is_union(annotation):
        return [choice for part in get_args(annotation) for choice in _choices_of(part)]
    return [annotation]


# --- What is sent -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> journeys.Sent:
    """Everything that the shop sent while people did all there is to do."""
    return journeys.everything(Path(tmp_path_factory.mktemp("contract")))


def test_every_object_sent_fits_the_packages_type(sent: journeys.Sent) -> None:
    faults = {line for value in sent.objects for line in _faults_in(value)}
    assert sorted(faults) == []


def test_every_event_sent_fits_the_packages_type(sent: journeys.Sent) -> None:
    faults = {line for event in sent.events for line in _faults_in(event)}
    faults |= {line for event in sent.events for line in _faults_in(event["data"]["object"])}
    assert sorted(faults) == []


def test_an_events_earlier_values_fit_too(sent: journeys.Sent) -> None:
    changed = [event for event in sent.events if "previous_attributes" in event["data"]]
    assert changed
    faults = {
        line
        for event in changed
        for line in sdk_types.faults(
            event["data"]["previous_attributes"],
            sdk_types.resource(event["data"]["object"]["object"]),
            event["type"],
            partial=True,
        )
    }
    assert sorted(faults) == []


def test_the_journeys_send_every_kind_of_object_and_the_events_that_billing_hears(sent: journeys.Sent) -> None:
    not_sent_alone = {"discount", "item", "line_item", "request", "subscription_item", "tax_rate"}
    kinds = {one["object"] for one in sent.singles}
    assert set(documents.PREFIXES) - not_sent_alone - kinds == set()
    assert journeys.HEARD - {event["type"] for event in sent.events} == set()


def test_every_route_is_taken_by_the_journeys(sent: journeys.Sent) -> None:
    assert {f"{route.method} {route.path}" for route in ROUTES} - sent.routes == set()


@pytest.mark.parametrize(
    "path",
    [
        *("invoice.lines.data.0.pricing.price_details", "invoice.status_transitions", "invoice.parent"),
        *("subscription.items.data.0.price.recurring", "charge.payment_method_details.card", "dispute.evidence"),
        *("checkout.session.total_details", "event.request", "billing_portal.configuration.features.invoice_history"),
    ],
)
def test_a_key_unknown_to_the_package_is_found_however_deep(sent: journeys.Sent, path: str) -> None:
    kind = next(kind for kind in documents.PREFIXES if path.startswith(f"{kind}."))
    candidates = [one for one in sent.singles if one["object"] == kind and not one.get("deleted")]
    answer = copy.deepcopy(candidates[-1])
    place: Any = answer
    for part in path.removeprefix(f"{kind}.").split("."):
        place = place[int(part)] if part.isdigit() else place[part]
    place["made_up"] = 1
    assert [line for line in _faults_in(answer) if line.endswith(".made_up is unknown")]


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        ({"idd": "cus_1"}, "customer.idd is unknown"),
        ({"created": "yesterday"}, "customer.created is 'yesterday', no int"),
        ({"livemode": 0}, "customer.livemode is 0, no bool"),
        ({"object": "client"}, "customer.object is 'client', not one of ('customer',)"),
        ({"invoice_settings": {"card": "x"}}, "customer.invoice_settings.card is unknown"),
        ({"tax_exempt": "maybe"}, "customer.tax_exempt is 'maybe', not one of ('exempt', 'none', 'reverse')"),
    ],
)
def test_a_fault_in_an_object_is_found(value: dict[str, Any], fault: str) -> None:
    right = {"id": "cus_1", "object": "customer", "created": 1, "livemode": False}
    assert list(sdk_types.faults(right, stripe.Customer, "customer")) == []
    assert list(sdk_types.faults({**right, **value}, stripe.Customer, "customer")) == [fault]


def _faults_in(value: dict[str, Any]) -> Iterator[str]:
    name = value["object"]
    if value.get("deleted"):
        assert set(value) == {"id", "object", "deleted"}
        return
    if name == "list":
        for item in value["data"]:
            yield from _faults_in(item)
        return
    yield from sdk_types.faults(value, sdk_types.resource(name), name)
