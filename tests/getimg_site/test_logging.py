import json
import logging
import sys
from datetime import datetime

import pytest

from getimg_site.logging import JsonFormatter, LineFormatter


def record(message: str = "job submitted", **fields: object) -> logging.LogRecord:
    made = logging.LogRecord("generation.lifecycle", logging.INFO, __file__, 1, message, (), None)
    made.__dict__.update(fields)
    return made


def test_a_line_ends_with_its_fields() -> None:
    assert LineFormatter().format(record(job="1", credits=4)).endswith("job submitted job=1 credits=4")


def test_a_line_begins_with_its_time_and_zone() -> None:
    made = record()

    day, time, *_ = LineFormatter().format(made).split(" ")

    at = datetime.fromisoformat(f"{day} {time}")
    assert at.tzinfo is not None
    assert abs(at.timestamp() - made.created) < 0.001


def test_json_is_one_object_a_line_with_the_fields_beside() -> None:
    line = JsonFormatter().format(record(job="1", credits=4))

    assert "\n" not in line
    found = json.loads(line)
    assert found.pop("time").endswith("+00:00")
    expected = {"level": "INFO", "logger": "generation.lifecycle", "message": "job submitted", "job": "1", "credits": 4}
    assert found == expected


def test_json_keeps_a_traceback_in_its_line() -> None:
    broken = record()
    try:
        raise ValueError("damaged\nmodel")
    except ValueError:
        broken.exc_info = sys.exc_info()

    line = JsonFormatter().format(broken)

    assert "\n" not in line
    assert "ValueError: damaged" in json.loads(line)["traceback"]


@pytest.mark.parametrize("name", ["message", "level", "time"])
def test_no_field_takes_the_place_of_a_lines_own(name: str) -> None:
    found = json.loads(JsonFormatter().format(record(**{name: "forged"})))

    assert found[name] != "forged" or name == "message"
