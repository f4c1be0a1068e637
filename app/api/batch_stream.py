"""A batch over HTTP while it runs: lines in, answers out, as much at a time as the connection takes.

Everything here may end early: the client goes away, stops sending or stops reading, a limit is reached, the server stops.
Whoever still listens is told so in a last line of kind `batch-ended`, at the line up to which the batch was answered.
"""

from __future__ import annotations

import errno
import select
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import orjson

from app.batch import Answered, BatchAnswerer, BatchLimits, BatchReader, Failed, Line, Lines
from app.batch.answering import answer_line
from app.engine import InputFault, Language

from .answers import BATCH_ENDED, LINE_KINDS, problem_document
from .gzip_stream import Packer, Unpacker
from .inflow import Inflow

# An answer waits for others until they are so many bytes, or it has waited so long.
_SEND_BYTES = 16 * 1024
_SEND_S = 0.25
_LOOK_S = 1.0
_DRAIN_S = 5.0


class BatchEnded(Exception):
    """The batch ends before its body does; `code` and words say why."""

    def __init__(self, code: str, zh: str, en: str) -> None:
        self.fault = InputFault("", code, zh, en)
        super().__init__(code)


@dataclass
class Connection:
    """What is known of the client's end. `socket`: where the server gives it, to see whether answers are taken.

    `go_on` is called about every second; it tells the server that this process works, and says False when it is to stop.
    """

    socket: Any | None = None
    go_on: Callable[[], bool] = lambda: True
    compressed_in: bool = False
    compressed_out: bool = False


@dataclass
class Count:
    """What became of a batch so far, for the log."""

    lines: int = 0
    answered: int = 0
    failed: Counter[str] = field(default_factory=Counter)
    bytes_in: int = 0
    bytes_out: int = 0
    ended: str = "client_gone"


class BatchStream:
    """One batch. `begin` reads up to the first line; iterating gives pieces of the answer; `close` has to be called."""

    def __init__(self, inflow: Inflow, answerer: BatchAnswerer, limits: BatchLimits, connection: Connection, language: Language) -> None:
        self.count = Count()
        self.began = monotonic()
        self._inflow = inflow
        self._answerer = answerer
        self._limits = limits
        self._connection = connection
        self._language = language
        self._lines = Lines(answerer.reader.limits.size)
        self._unpacker = Unpacker() if connection.compressed_in else None
        self._packer = Packer() if connection.compressed_out else None
        self._looked = self._sent = self._moved = self.began
        self._waiting: list[bytes] = []
        self._size = 0
        self._source = self._read()

    @property
    def reader(self) -> BatchReader:
        return self._answerer.reader

    @property
    def packs(self) -> bool:
        """Whether the answer is compressed."""
        return self._packer is not None

    # -- in --------------------------------------------------------------------------------------

    def _read(self) -> Iterator[Line | None]:
        """Line after line; None where none has come yet, so that what is answered may go. Raises BatchEnded."""
        while True:
            self._look()
            # Nobody is kept waiting for an answer that is there.
            piece = self._inflow.take(0 if self._waiting else _SEND_S)
            if piece == "nothing yet":
                if monotonic() - self._moved > self._limits.max_idle_seconds:
                    raise _idle(self._limits.max_idle_seconds)
                yield None
            elif piece == "broken":
                raise BatchEnded("broken_body", "请求正文中途断开。", "the body broke off.")
            elif piece == "over":
                break
            else:
                assert isinstance(piece, bytes)
                self._moved = monotonic()
                for part in self._unpacked(piece):
                    self.count.bytes_in += len(part)
                    if self.count.bytes_in > self._limits.max_bytes:
                        raise _too_much("too_many_bytes", self._limits.max_bytes, "字节", "bytes")
                    yield from self._lines.feed(part)
                    self._look()
        if self._unpacker is not None and not self._unpacker.whole:
            raise _not_gzip()
        yield from self._lines.end()

    def _unpacked(self, piece: bytes) -> Iterator[bytes]:
        if self._unpacker is None:
            yield piece
            return
        try:
            yield from self._unpacker.feed(piece)
        except zlib.error:
            raise _not_gzip() from None

    def _look(self) -> None:
        """Once a second: say that this process works. Raises BatchEnded where it may not go on."""
        now = monotonic()
        if now - self._looked < _LOOK_S:
            return
        self._looked = now
        if not self._connection.go_on():
            raise BatchEnded("stopping", "服务正在停止。请重发其余各行。", "the server is stopping. Send the rest again.")
        if now - self.began > self._limits.max_seconds:
            raise _too_much("out_of_time", self._limits.max_seconds, "秒", "seconds")

    # -- out -------------------------------------------------------------------------------------

    def begin(self) -> Line | None:
        """The first line there is, None of an empty batch. Raises BatchEnded."""
        for line in self._source:
            if line is not None:
                return line
        return None

    def answers(self, first: Line | None, early: BatchEnded | None = None) -> Iterator[bytes]:
        """The answer in pieces, beginning with that of the line `begin` gave; `early` is what kept it from giving any."""
        outcome = "complete"
        try:
            if early is not None:
                raise early
            if first is not None:
                self._add(self._answer(first))
            for line in self._source:
                if line is not None:
                    self._add(self._answer(line))
                if self._waiting and (line is None or self._size >= _SEND_BYTES or monotonic() - self._sent > _SEND_S):
                    yield from self._flushed()
                self._look()
        except BatchEnded as ended:
            outcome = ended.fault.code
            self._add(self._last_line(ended))
        yield from self._flushed(last=True)
        self.count.ended = outcome
        if outcome != "complete":
            self.drain()

    def _answer(self, line: Line) -> bytes:
        if self.count.lines >= self._limits.max_lines:
            raise _too_much("too_many_lines", self._limits.max_lines, "行", "lines")
        self.count.lines += 1
        found = self._answerer.answer(line)
        if isinstance(found, Answered):
            self.count.answered += 1
            return answer_line(found, self._language)
        self.count.failed[found.kind] += 1
        return orjson.dumps(self._problem(found))

    def _problem(self, found: Failed) -> dict[str, Any]:
        head: dict[str, Any] = {"line": found.number} if found.id is None else {"line": found.number, "id": found.id}
        return {**head, "error": problem_document(LINE_KINDS[found.kind], found.faults, self._language)}

    def _last_line(self, ended: BatchEnded) -> bytes:
        """What is said in place of the answers that do not come."""
        return orjson.dumps({"line": self._lines.number, "error": problem_document(BATCH_ENDED, (ended.fault,), self._language)})

    def _add(self, answer: bytes) -> None:
        self._waiting.append(answer)
        self._size += len(answer) + 1

    def _flushed(self, *, last: bool = False) -> Iterator[bytes]:
        """What waits, in pieces that the connection has room for."""
        self._waiting.append(b"")
        data = b"\n".join(self._waiting)
        self._waiting.clear()
        self._size = 0
        if self._packer is not None:
            data = self._packer.pack(data) if data else b""
            data += self._packer.end() if last else b""
        self._inflow.sending(True)
        for start in range(0, len(data), _SEND_BYTES):
            self._until_taken()
            piece = data[start : start + _SEND_BYTES]
            self.count.bytes_out += len(piece)
            yield piece
        self._inflow.sending(False)
        self._sent = self._moved = monotonic()

    def _until_taken(self) -> None:
        """Wait until the client takes more. Raises OSError, as a lost connection does, where it does not for too long."""
        if self._connection.socket is None:
            return
        until = monotonic() + self._limits.max_idle_seconds
        while not select.select([], [self._connection.socket], [], _LOOK_S)[1]:
            if not self._connection.go_on() or monotonic() > until:
                raise ConnectionResetError(errno.ECONNRESET, "the client does not read")

    # -- the end ---------------------------------------------------------------------------------

    def drain(self) -> None:
        """Read on for a while: a connection closed on a client that is still sending would lose it the last answers."""
        self._inflow.discard()
        until = monotonic() + _DRAIN_S
        while not self._inflow.ended(_LOOK_S / 10) and monotonic() < until:
            if not self._connection.go_on():
                break

    def close(self) -> None:
        """Have the thread end, whatever it waits for."""
        self._inflow.discard()
        if not self._inflow.ended(0) and self._connection.socket is not None:
            try:
                self._connection.socket.shutdown(0)  # no more is read: whoever waits for it is told that it is over
            except OSError:
                return


def _too_much(code: str, limit: int, zh: str, en: str) -> BatchEnded:
    return BatchEnded(code, f"一批至多 {limit} {zh}。其余各行未作答，请分批再发。", f"a batch has at most {limit} {en}. The rest is not answered; send it as another.")


def _idle(seconds: int) -> BatchEnded:
    return BatchEnded("idle", f"已有 {seconds} 秒没有收到内容。", f"nothing has come for {seconds} seconds.")


def _not_gzip() -> BatchEnded:
    return BatchEnded("not_gzip", "正文不是完整的 gzip 数据。", "the body is not gzip, or not all of it.")
