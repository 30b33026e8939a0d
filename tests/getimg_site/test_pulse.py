"""A cluster's sign of life, as its supervisor reads it."""

import multiprocessing
import time

from django_q.signals import post_execute_in_worker, pre_execute

from getimg_site import pulse


def test_a_new_cluster_has_given_no_sign() -> None:
    pulse.clear()

    assert pulse.read() is None


def test_taking_a_task_makes_busy_and_ending_it_does_not() -> None:
    pulse.clear()
    begin = time.time()

    pre_execute.send(sender="django_q")
    taken = pulse.read()
    post_execute_in_worker.send(sender="django_q")
    ended = pulse.read()

    assert taken is not None
    assert ended is not None
    assert (taken.is_busy, ended.is_busy) == (True, False)
    assert begin <= taken.at <= ended.at


def test_a_forked_cluster_leaves_its_sign_where_the_supervisor_reads_it() -> None:
    pulse.clear()
    fork = multiprocessing.get_context("fork")
    worker = fork.Process(target=pre_execute.send, kwargs={"sender": "django_q"})

    worker.start()
    worker.join()

    sign = pulse.read()
    assert sign is not None
    assert sign.is_busy
