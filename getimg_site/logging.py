"""How log lines look: one event a line, ids as fields."""

import logging

_STANDARD = frozenset(logging.LogRecord("", 0, "", 0, "", (), None).__dict__) | {"message", "asctime", "taskName"}


class LineFormatter(logging.Formatter):
    """Write `time level logger: message field=value …`; fields come from `extra=`."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        line = super().format(record)
        fields = " ".join(
            f"{name}={value}" for name, value in record.__dict__.items() if name not in _STANDARD and name != "request"
        )
        return f"{line} {fields}" if fields else line
