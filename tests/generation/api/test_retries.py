from pathlib import Path

import pytest
from django.conf import LazySettings

from accounts.models import RateBucket
from accounts.rate_limits import Rate, take
from generation.models import Job
from tests.generation.api.calling import make_program
from tests.generation.api.painting import painter


@pytest.mark.django_db(transaction=True)
def test_what_was_refused_and_comes_again_has_a_run_of_its_own_though_another_reads_the_same(
    settings: LazySettings, tmp_path: Path
) -> None:
    program, body = make_program(), {"prompt": "a red fox"}

    def ask(number: str) -> int:
        return program.post("images/generations", body, X_Stainless_Retry_Count=number).status_code

    with painter(tmp_path):
        assert ask("0") == 200
        settings.API_WAITERS_MAX = 0
        assert [ask("0"), ask("1")] == [429, 429]  # another request, and its second try
        settings.API_WAITERS_MAX = 2
        assert ask("2") == 200
        assert Job.objects.count() == 2
        # The answer to that was lost.
        assert ask("3") == 200
        assert Job.objects.count() == 2
        settings.API_RATE_GENERATE = 1
        take([Rate("generate", program.key.pk.hex, 1)])
        assert ask("0") == 429  # before anything was read
        RateBucket.objects.all().delete()
        settings.API_RATE_GENERATE = 1000
        assert [ask("1"), ask("9" * 5000)] == [200, 200]
    assert Job.objects.count() == 4
