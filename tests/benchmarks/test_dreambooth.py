"""What a training of the benchmark must have done, and what is said of one that has not."""

from benchmarks import mascot
from benchmarks.dreambooth import Measures, _report


def test_a_training_that_taught_too_little_or_changed_the_rest_fails_with_its_figures() -> None:
    assert Measures(0.1, 0.85, 600).misses() == []
    assert Measures(0.099, 0.849, 601).misses() == [
        "the word gains 0.099 in likeness; 0.1 is the least",
        "other prompts keep a likeness of 0.849; 0.85 is the least",
        "it took 601 s; 600 s are the most",
    ]


def test_the_gain_is_the_words_and_what_is_kept_the_others() -> None:
    learned = mascot.pictures(4)
    blank = [picture * 0 for picture in learned]

    gain, kept = _report(learned, (blank, learned), (learned, learned))

    assert gain > 0.3
    assert kept == 1
    assert _report(learned, (learned, learned), (learned, blank))[0] == 0
