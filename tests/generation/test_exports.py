"""An export's life: one at a time, taken by one process, begun anew after a kill, gone when its time is over."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone
from django_q.models import OrmQ

from accounts.models import User
from generation import exports
from generation.exports import ExportEnded
from generation.models import Export
from tests.generation.runs import make_person

pytestmark = pytest.mark.django_db


def claimed(user: User | None = None) -> Export:
    export = exports.claim(exports.order(user or make_person()).pk)
    assert export is not None
    return export


def ready(user: User) -> Export:
    export = claimed(user)
    key = default_storage.save(f"exports/{export.pk}/all.zip", ContentFile(b"a zip"))
    exports.finish(export, file=key, size_bytes=5)
    return export


def let_lease_run_out(export: Export) -> None:
    Export.objects.filter(pk=export.pk).update(lease_expires_at=timezone.now() - timedelta(seconds=1))


def test_ordering_twice_is_one_export_and_rings_once() -> None:
    user = make_person()
    rings = OrmQ.objects.count()

    assert exports.order(user) == exports.order(user)

    assert Export.objects.count() == 1
    assert OrmQ.objects.count() == rings + 1


def test_two_people_do_not_wait_for_each_other() -> None:
    first, second = exports.order(make_person()), exports.order(make_person("bob@example.com"))
    assert exports.due(timezone.now()) == [first.pk, second.pk]


def test_one_process_takes_it() -> None:
    export = claimed()

    assert exports.claim(export.pk) is None
    assert exports.due(timezone.now()) == []
    assert exports.being_written(timezone.now()) == 1


def test_what_a_dead_process_left_is_begun_anew_and_the_slow_one_changes_nothing() -> None:
    slow = claimed()
    exports.advance(slow, pictures=10, done=5, skipped=1)
    let_lease_run_out(slow)

    second = exports.claim(slow.pk)

    assert second is not None
    assert (second.attempt, second.pictures_done, second.pictures_skipped) == (2, 0, 0)
    writes: tuple[Callable[[], object], ...] = (
        lambda: exports.advance(slow, pictures=10, done=6, skipped=1),
        lambda: exports.finish(slow, file="x.zip", size_bytes=1),
        lambda: exports.fail(slow, "slow"),
    )
    for write in writes:
        with pytest.raises(ExportEnded):
            write()


def test_after_three_deaths_it_has_failed() -> None:
    export = claimed()
    for _ in range(2):
        let_lease_run_out(export)
        assert exports.claim(export.pk) is not None
    let_lease_run_out(export)

    assert exports.claim(export.pk) is None

    export.refresh_from_db()
    assert export.status == Export.Status.FAILED
    assert "Try again" in export.failure_reason


def test_a_canceled_export_ends_its_process() -> None:
    export = claimed()

    assert exports.cancel(export.user)
    assert not exports.cancel(export.user)

    with pytest.raises(ExportEnded):
        exports.advance(export, pictures=1, done=1, skipped=0)


def test_a_file_goes_when_its_time_is_over_and_not_before() -> None:
    export = ready(make_person())
    assert export.expires_at is not None

    assert exports.remove_expired(export.expires_at - timedelta(seconds=1)) == 0
    assert default_storage.exists(export.file)
    assert exports.remove_expired(export.expires_at) == 1

    assert not default_storage.exists(export.file)
    export.refresh_from_db()
    assert (export.status, export.file) == (Export.Status.EXPIRED, "")


def test_a_new_order_removes_the_file_before_it() -> None:
    user = make_person()
    old = ready(user)

    exports.order(user)

    assert not default_storage.exists(old.file)


def test_removing_all_leaves_neither_files_nor_rows_and_others_theirs() -> None:
    user, other = make_person(), make_person("bob@example.com")
    mine, theirs = ready(user), ready(other)

    exports.remove_all(user)

    assert list(Export.objects.all()) == [theirs]
    assert [default_storage.exists(export.file) for export in (mine, theirs)] == [False, True]
