from generation.starter import vocabulary
from generation.starter.vocabulary import to_plural, with_article


def test_favourites_are_common_names() -> None:
    assert vocabulary.favourite_names() <= set(vocabulary.common_names())


def test_held_out_words_name_no_picture_themselves() -> None:
    names = vocabulary.common_names()

    assert len(vocabulary.synonyms()) >= 100
    assert not set(vocabulary.synonyms()) & set(names)


def test_articles_follow_the_sound() -> None:
    assert [with_article(noun) for noun in ("fox", "apple", "umbrella", "unicorn", "grapes")] == [
        "a fox",
        "an apple",
        "an umbrella",
        "a unicorn",
        "grapes",
    ]


def test_plurals_are_english() -> None:
    singulars = ("fox", "cherry", "wolf", "fish", "snowman", "palm tree", "boy", "french fries")

    assert [to_plural(noun) for noun in singulars] == [
        "foxes",
        "cherries",
        "wolves",
        "fish",
        "snowmen",
        "palm trees",
        "boys",
        "french fries",
    ]
