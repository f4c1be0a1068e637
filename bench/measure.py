"""Times over rounds, summed up: persons a second, nanoseconds a person, memory."""

from __future__ import annotations

import os
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from threading import Event, Thread
from time import perf_counter

PAGE = resource.getpagesize()


@dataclass(frozen=True, slots=True)
class Spread:
    """A median with the least and the greatest over the rounds."""

    median: float
    low: float
    high: float

    def show(self, pattern: str = "{:,.2f}") -> str:
        """The median, and the range behind it."""
        low, high = pattern.format(self.low), pattern.format(self.high)
        return f"{pattern.format(self.median)} ({low}-{high})"


@dataclass(frozen=True, slots=True)
class Row:
    """One thing measured: its rate over the rounds, beside a target or a peer where there is one."""

    what: str
    persons: int
    seconds: tuple[float, ...]
    note: str = ""
    target: float | None = None

    @property
    def rate(self) -> Spread:
        """Persons a second."""
        return spread([self.persons / each for each in self.seconds])

    @property
    def nanoseconds(self) -> float:
        """Nanoseconds a person, in the median."""
        return median(self.seconds) / self.persons * 1e9


def spread(values: list[float]) -> Spread:
    return Spread(median(values), min(values), max(values))


def timed(call: Callable[[], object]) -> float:
    """Seconds of one call."""
    start = perf_counter()
    call()
    return perf_counter() - start


def rounds(count: int, calls: dict[str, Callable[[], float]]) -> dict[str, list[float]]:
    """What each call measures in each round, after one round unrecorded. Each round starts with another call."""
    names = list(calls)
    for call in calls.values():
        call()
    found: dict[str, list[float]] = {name: [] for name in names}
    for number in range(count):
        for position in range(len(names)):
            name = names[(number + position) % len(names)]
            found[name].append(calls[name]())
    return found


def resident() -> int:
    """Bytes of memory this process holds now."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * PAGE


@dataclass
class Peak:
    """The most memory seen, in bytes; `before` is what was held at the start."""

    before: int
    most: int


@contextmanager
def watched(interval: float = 0.02) -> Iterator[Peak]:
    """Look at the process's memory many times while something runs."""
    done = Event()
    peak = Peak(resident(), 0)

    def watch() -> None:
        while not done.wait(interval):
            peak.most = max(peak.most, resident())

    thread = Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield peak
    finally:
        done.set()
        thread.join()
        peak.most = max(peak.most, resident())


def cores() -> int:
    return os.cpu_count() or 1
