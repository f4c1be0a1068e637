"""Structured logs: one JSON line per request. Never a body, a query, a message of an exception, or an address."""

from __future__ import annotations

import logging
import re
import secrets
import sys
import traceback
from pathlib import Path
from typing import Any, BinaryIO, Protocol, cast

import orjson
import structlog

# A client may name its own request so that it finds it again; anything else gets a name from here.
_TOKEN = re.compile(r"[A-Za-z0-9_-]{8,64}\Z")
TRACE_HEADER = "X-Request-Id"

# Where a request's name is kept in its environment.
TRACE_ID = "shebao.trace_id"


class Log(Protocol):
    """What is used of a structlog logger."""

    def info(self, event: str, **values: Any) -> Any: ...
    def error(self, event: str, **values: Any) -> Any: ...


def make_log(stream: BinaryIO | None = None) -> Log:
    """A logger of its own (nothing global is configured) that writes JSON lines to a stream, by default stdout."""
    logger = structlog.wrap_logger(
        structlog.BytesLogger(stream or sys.stdout.buffer),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(serializer=_dumps),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
    )
    # Bound at once: an unbound structlog logger is put together anew for every line.
    return cast(Log, logger.bind())


def _dumps(value: Any, **_: Any) -> bytes:
    return orjson.dumps(value, default=str)


def trace_id(wanted: str | None) -> str:
    """The client's own token where it is a harmless one, else a new one."""
    if wanted is not None and _TOKEN.match(wanted):
        return wanted
    return secrets.token_hex(12)


def where(error: BaseException) -> list[str]:
    """The places an exception passed, as file:line in function: enough to find it, nothing of the data."""
    frames = traceback.extract_tb(error.__traceback__)
    return [f"{Path(frame.filename).name}:{frame.lineno} in {frame.name}" for frame in frames]
