import io

import pytest
from django.core.management import CommandError, call_command

pytestmark = pytest.mark.django_db


def download(*arguments: str) -> str:
    output = io.StringIO()
    call_command("download_model", *arguments, stdout=output)
    return output.getvalue()


def test_without_a_name_it_lists_the_catalogue_with_licences() -> None:
    printed = download()

    assert "starter                  installed" in printed
    assert "stable-diffusion-xl      not installed" in printed
    assert "CreativeML Open RAIL-M" in printed


def test_an_unknown_name_gets_the_nearest() -> None:
    with pytest.raises(CommandError, match="Did you mean “sdxl-turbo”"):
        download("sdxl-turb")


def test_the_starter_needs_no_download() -> None:
    with pytest.raises(CommandError, match="ships with the studio"):
        download("starter")
