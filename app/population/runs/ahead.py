"""Pieces read ahead of their use, each source in a thread of its own, within a bound of bytes."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator

from .pieces import Piece

Source = Callable[[], Iterator[Piece]]
# Decoded bytes that one source may have waiting.
MOST_WAITING = 32 * 1024 * 1024


class _Reader:
    """A source being read in a thread; iterated once, then (or earlier) closed."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._changed = threading.Condition()
        self._waiting: deque[Piece] = deque()
        self._bytes = 0
        self._ended = self._closed = False
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._read, name="read", daemon=True)
        self._thread.start()

    def _read(self) -> None:
        error: BaseException | None = None
        pieces = self._source()
        try:
            for piece in pieces:
                with self._changed:
                    self._changed.wait_for(lambda: self._closed or self._bytes < MOST_WAITING)
                    if self._closed:
                        return
                    self._waiting.append(piece)
                    self._bytes += piece.batch.nbytes
                    self._changed.notify_all()
        except BaseException as caught:
            error = caught
        with self._changed:
            self._error, self._ended = error, True
            self._changed.notify_all()

    def __iter__(self) -> Iterator[Piece]:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: bool(self._waiting) or self._ended)
                if not self._waiting:
                    break
                piece = self._waiting.popleft()
                self._bytes -= piece.batch.nbytes
                self._changed.notify_all()
            yield piece
        if self._error is not None:
            raise self._error

    def close(self) -> None:
        """Have the thread stop after the piece it is at, and wait for it."""
        with self._changed:
            self._closed = True
            self._waiting.clear()
            self._changed.notify_all()
        self._thread.join()


def read_ahead(sources: Iterable[Source], readers: int) -> Iterator[Piece]:
    """The pieces of the sources, one source after the other, while up to `readers` of them are being read."""
    waiting = iter(sources)
    at_work: deque[_Reader] = deque()
    try:
        while True:
            while len(at_work) < readers and (source := next(waiting, None)) is not None:
                at_work.append(_Reader(source))
            if not at_work:
                return
            yield from at_work[0]
            at_work.popleft().close()
    finally:
        for reader in at_work:
            reader.close()
