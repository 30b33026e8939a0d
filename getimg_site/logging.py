"""How log lines look: one event a line, ids as fields; for people, or as JSON for what gathers logs."""

import json
import logging
from datetime import UTC, datetime
from typing import Any

from generation.api import request_ids

_STANDARD = frozenset(logging.LogRecord("", 0, "", 0, "", (), None).__dict__) | {"message", "asctime", "taskName"}


class LineFormatter(logging.Formatter):
    """Write `time level logger: message field=value …`; fields come from `extra=`."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: ARG002, N802
        return datetime.fromtimestamp(record.created, UTC).astimezone().isoformat(" ", "milliseconds")

    def format(self, record: logging.LogRecord) -> str:
        line = super().format(record)
        fields = " ".join(f"{name}={value}" for name, value in _fields(record).items())
        return f"{line} {fields}" if fields else line


class JsonFormatter(logging.Formatter):
    """Write one JSON object a line: time (UTC), level, logger, message, the fields of `extra=`, a traceback as text."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {"time": at, "level": record.levelname, "logger": record.name, "message": record.getMessage()}
        # What a field is called takes nothing away from the line's own words.
        line = {**_fields(record), **line}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str, ensure_ascii=False)


FORMATS: dict[str, type[logging.Formatter]] = {"line": LineFormatter, "json": JsonFormatter}


def configuration(level: str, form: str) -> dict[str, Any]:
    """Return Django's LOGGING: everything to the console, in one of `FORMATS`."""
    quieter = {name: {"level": "WARNING"} for name in ("django-q", "stripe", "fontTools")}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {name: {"()": made} for name, made in FORMATS.items()},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": form}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {**quieter, "django.request": {"level": "ERROR"}},
    }


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    fields = {name: value for name, value in record.__dict__.items() if name not in _STANDARD and name != "request"}
    request_id = request_ids.current()
    return {**fields, "request_id": request_id} if request_id else fields
