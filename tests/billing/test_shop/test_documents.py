"""Objects as the shop keeps them."""

from billing.test_shop.documents import merge_metadata, new_id, public


def test_private_keys_are_never_sent_however_deep() -> None:
    kept = {"id": "a", "_number": "4242", "list": [{"_x": 1, "y": {"_z": 2, "w": 3}}]}
    assert public(kept) == {"id": "a", "list": [{"y": {"w": 3}}]}


def test_ids_begin_with_their_kind_and_do_not_repeat() -> None:
    ids = {new_id("customer") for _ in range(100)}
    assert len(ids) == 100
    assert all(id.startswith("cus_") for id in ids)


def test_metadata_is_merged() -> None:
    document = {"metadata": {"a": "1", "b": "2"}}
    merge_metadata(document, {"a": "", "c": "3"})
    assert document == {"metadata": {"b": "2", "c": "3"}}
    merge_metadata(document, None)
    assert document == {"metadata": {}}
