"""What the benchmark's videos must be, and that those of the docs are so."""

import json

from benchmarks.video import FOLDER, misses


def test_the_videos_of_the_docs_hold_every_bound_and_one_that_jumps_does_not() -> None:
    figures = json.loads((FOLDER / "figures.json").read_text())["videos"]
    assert misses(figures) == []

    worse = {"frame_to_frame_max": 3.1, "likeness_to_source_min": 0.849, "seconds": 60.1}
    assert misses({"fox": {**figures["fox"], **worse}}) == [
        "fox: frame_to_frame_max 3.1; 3.0 is the most",
        "fox: seconds 60.1; 60.0 is the most",
        "fox: likeness_to_source_min 0.849; 0.85 is the least",
    ]
