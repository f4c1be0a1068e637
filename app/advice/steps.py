"""How a call that takes long says that it works: whoever asks it may want to be told after each step, as a server does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_told: ContextVar[Callable[[], object] | None] = ContextVar("told", default=None)


def step() -> None:
    """Say that a part of the work is done."""
    tell = _told.get()
    if tell is not None:
        tell()


@contextmanager
def telling(tell: Callable[[], object] | None) -> Iterator[None]:
    """Have `tell` called at each step of what is asked within the block."""
    before = _told.set(tell)
    try:
        yield
    finally:
        _told.reset(before)
