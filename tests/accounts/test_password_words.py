"""Words of the site make no password."""

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from accounts.password_words import WORDS
from tests.rules import tree


@pytest.mark.parametrize(
    "password", ["getimg2026!", "GetImg-Studio", "stablediffusion1", "my.picture.99", "99prompts!"]
)
def test_a_word_of_the_site_with_little_beside_it_is_refused(password: str) -> None:
    with pytest.raises(ValidationError) as caught:
        validate_password(password)

    assert [error.code for error in caught.value.error_list] == ["password_site_word"]


@pytest.mark.parametrize("password", ["heron getimg violin", "a picture of my grandmother", "correct horse battery"])
def test_words_of_ones_own_beside_it_pass(password: str) -> None:
    validate_password(password)


def test_the_list_is_written_down() -> None:
    assert ", ".join(f"`{word}`" for word in WORDS) in (tree.ROOT / "docs" / "security.md").read_text()
