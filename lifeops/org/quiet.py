"""Logs say what went wrong, never what the papers say: the database repeats the row it refuses in its messages."""

from __future__ import annotations

import logging
import re
from types import TracebackType

#: The row ("DETAIL: Failing row contains …", over several lines where a text has some) and the piece of the statement
#: ("LINE 1: INSERT …" with its caret), up to whatever follows in a traceback.
SAID = re.compile(
    r"^(?:DETAIL|LINE \d+|STATEMENT|QUERY): .*?"
    r"(?=^(?:DETAIL|HINT|CONTEXT|STATEMENT|QUERY|LINE \d+|Traceback|The above exception|During handling)\b|^\s*$|\Z)",
    re.M | re.S,
)


def without_rows(text: str) -> str:
    return SAID.sub("", text).rstrip("\n")


class QuietFormatter(logging.Formatter):
    """A line per record; messages and tracebacks without the rows and statements of the database."""

    def formatException(self, ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]) -> str:
        return without_rows(super().formatException(ei))

    def formatMessage(self, record: logging.LogRecord) -> str:
        return without_rows(super().formatMessage(record))
