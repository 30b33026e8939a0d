from django.conf import LazySettings

from accounts import quick_start


def test_three_commands_carry_key_and_address() -> None:
    asked, looked, kept = (command.text for command in quick_start.commands("starter", "gi_test_x"))
    assert asked.startswith("curl -X POST http://localhost:8000/v1/diffusions")
    assert "Bearer gi_test_x" in asked
    assert "Bearer gi_test_x" in looked
    assert kept == "curl -L -o picture.png 'IMAGE_URL'"


def test_the_api_has_a_host_of_its_own_where_it_is_set(settings: LazySettings) -> None:
    settings.SITE_URL, settings.API_HOST = "https://example.com", "api.example.com"
    assert quick_start.api_url() == "https://api.example.com"
