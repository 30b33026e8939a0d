"""The bare loop draws with the model that the site offers."""

from benchmarks import bare_loop
from generation import catalog


def test_the_bare_loop_reads_what_the_catalogue_says() -> None:
    assert catalog.MODELS["starter"].spec() == bare_loop.STARTER
