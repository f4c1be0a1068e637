"""Many cases answered in order, by one process or several: what the command line runs.

A `Source` gives cases in handfuls, a `Worker` answers a handful and renders it, in a process of its own if wanted; results
come in the order of the cases, and no more handfuls are under way than keep the processes busy.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context
from signal import SIG_IGN, SIGINT, signal
from typing import Any, NamedTuple, Protocol

from app.engine import InputError, InputFault, Language, TraceLevel

from .answering import Answered, BatchAnswerer, Failed, Kind, answer_line, failed
from .lines import Line

HANDFUL = 64
_AHEAD = 4


class Item(NamedTuple):
    """A case to answer: `case` is a line's bytes (None: too long), JSON values already, or the faults it was read with.

    `carried` are further cells of its row, which go along into a table of answers.
    """

    number: int
    case: bytes | Mapping[str, Any] | tuple[InputFault, ...] | None
    id: str | None = None
    carried: tuple[str, ...] = ()


class Done(NamedTuple):
    """A case answered (`output`, a line with its end) or refused (`kind` and `faults`)."""

    number: int
    id: str | int | None
    output: bytes | None
    kind: Kind | None = None
    faults: tuple[InputFault, ...] = ()


class Render(Protocol):
    """Writes one answer as bytes. Raises InputError where it cannot be written so."""

    def __call__(self, answered: Answered, carried: tuple[str, ...], /) -> bytes: ...


class Worker:
    """Answers handfuls of cases."""

    def __init__(self, answerer: BatchAnswerer, render: Render) -> None:
        self._answerer = answerer
        self._render = render

    def work(self, items: list[Item]) -> list[Done]:
        return [self._done(item) for item in items]

    def _done(self, item: Item) -> Done:
        found = self._answer(item)
        if isinstance(found, Answered):
            try:
                return Done(found.number, found.id, self._render(found, item.carried))
            except InputError as error:
                found = failed(found.number, found.id, error)
        return Done(found.number, found.id, None, found.kind, found.faults)

    def _answer(self, item: Item) -> Answered | Failed:
        if isinstance(item.case, tuple):
            return Failed(item.number, item.id, "invalid-input", item.case)
        if item.case is None or isinstance(item.case, bytes):
            return self._answerer.answer(Line(item.number, item.case))
        return self._answerer.answer_value(item.number, item.case)


def as_ndjson(language: Language, trace: TraceLevel | None) -> Render:
    """Answers as lines of JSON, as the service gives them; `trace` stands over what a case says."""

    def render(answered: Answered, _: tuple[str, ...]) -> bytes:
        return answer_line(answered, language, trace) + b"\n"

    return render


class Team:
    """The processes that work. They are forked at once, so that what is loaded is shared; one is this process itself."""

    def __init__(self, worker: Worker, processes: int) -> None:
        self._worker = worker
        self._most = processes * _AHEAD
        self._pool: ProcessPoolExecutor | None = None
        if processes > 1:
            self._pool = ProcessPoolExecutor(processes, get_context("fork"), _start, (worker,))
            # Before there are other threads, which a fork would lose.
            self._pool.submit(_work, []).result()

    def answer(self, handfuls: Iterable[list[Item]]) -> Iterator[list[Done]]:
        """The results in order. Raises BrokenProcessPool where a process dies."""
        if self._pool is None:
            yield from map(self._worker.work, handfuls)
            return
        under_way: deque[Future[list[Done]]] = deque()
        for items in handfuls:
            under_way.append(self._pool.submit(_work, items))
            while under_way and (len(under_way) >= self._most or under_way[0].done()):
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()

    def __enter__(self) -> Team:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)


_working: Callable[[list[Item]], list[Done]] | None = None


def _start(worker: Worker) -> None:
    """In a new process: it is stopped by the one that started it, not by the keyboard."""
    global _working
    signal(SIGINT, SIG_IGN)
    _working = worker.work


def _work(items: list[Item]) -> list[Done]:
    assert _working is not None
    return _working(items)


def handfuls(items: Iterable[Item]) -> Iterator[list[Item]]:
    """Items in lists of a bounded length."""
    found: list[Item] = []
    for item in items:
        found.append(item)
        if len(found) == HANDFUL:
            yield found
            found = []
    if found:
        yield found
