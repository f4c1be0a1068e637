"""The body of a request, read by a thread of its own, so that answers begin before it has ended.

Ahead of what is answered, a little is kept. More is kept (compressed, in memory, up to a limit) only while the client does
not take its answers: most clients send all they have before they read, and would wait for ever for one that waits for them.
"""

from __future__ import annotations

import zlib
from collections import deque
from collections.abc import Callable
from threading import Condition, Thread
from time import monotonic
from typing import Literal

# What is kept ahead of a client that takes its answers.
WINDOW = 256 * 1024
_LOOK_S = 0.05
State = Literal["nothing yet", "over", "broken"]


class Inflow:
    """Pieces of a body as they come; `read` waits for the next one, `packed` says that they are compressed already."""

    def __init__(self, read: Callable[[], bytes], max_ahead: int, *, packed: bool = False) -> None:
        self._next = read
        self._max_ahead = max_ahead
        self._packed = packed
        self._kept: deque[tuple[bool, bytes]] = deque()
        self._size = 0
        self._change = Condition()
        self._over = False
        self._broken = False
        self._sending_since: float | None = None
        self._discard = False
        self._thread = Thread(target=self._read, name="batch body", daemon=True)
        self._thread.start()

    def take(self, wait: float) -> bytes | State:
        """The next piece; or that nothing has come for `wait` seconds, that the body is over, or that it broke off."""
        with self._change:
            if not self._kept and not self._over:
                self._change.wait(wait)
            if self._kept:
                compressed, piece = self._kept.popleft()
                self._size -= len(piece)
                self._change.notify_all()
                return zlib.decompress(piece) if compressed else piece
            if not self._over:
                return "nothing yet"
            return "broken" if self._broken else "over"

    def sending(self, now: bool) -> None:
        """Say that an answer waits for the client to take it, or no longer."""
        self._sending_since = monotonic() if now else None

    def discard(self) -> None:
        """Read on, and keep nothing any more."""
        with self._change:
            self._discard = True
            self._kept.clear()
            self._size = 0
            self._change.notify_all()

    def ended(self, wait: float) -> bool:
        """Whether the thread is done, looking for `wait` seconds."""
        self._thread.join(wait)
        return not self._thread.is_alive()

    # -- the thread ------------------------------------------------------------------------------

    def _read(self) -> None:
        try:
            while self._has_room() and (piece := self._next()):
                self._keep(piece)
        except Exception:  # of the connection or of the server's parser: whichever it is, no more comes
            self._broken = True
        with self._change:
            self._over = True
            self._change.notify_all()

    def _has_room(self) -> bool:
        """Wait until more may be kept; always true, so that it can stand as the condition of a loop."""
        with self._change:
            while not self._discard and self._size >= (self._max_ahead if self._is_stuck() else WINDOW):
                self._change.wait(_LOOK_S)
        return True

    def _is_stuck(self) -> bool:
        """Whether an answer has been waiting for longer than it takes to send."""
        since = self._sending_since
        return since is not None and monotonic() - since > _LOOK_S

    def _keep(self, piece: bytes) -> None:
        with self._change:
            if self._discard:
                return
            compress = self._size >= WINDOW and not self._packed
            kept = zlib.compress(piece, 1) if compress else piece
            self._kept.append((compress, kept))
            self._size += len(kept)
            self._change.notify_all()
