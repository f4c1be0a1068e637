"""A request's body in the pieces in which it comes, so that a client may wait for the answer of one line before it sends the next.

A WSGI body can only be asked for so many bytes, and gunicorn's waits until it has all of them. What reads below that gives
what there is; where it is not as it is known here, the body is asked for a little at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any

from werkzeug.wsgi import get_input_stream

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_LITTLE = 1024


def body_pieces(environ: WSGIEnvironment) -> Callable[[], bytes]:
    """A function that gives the next piece, waiting for it; nothing once the body is over. It raises whatever the server raises."""
    reader: Any = getattr(environ["wsgi.input"], "reader", None)
    parser, unreader, length = (getattr(reader, name, None) for name in ("parser", "unreader", "length"))
    if isinstance(parser, Generator):  # a chunked body
        return lambda: next(parser, b"")
    if unreader is not None and length.__class__ is int:
        return _Measured(unreader.read, length).next
    # Not Flask's own stream, which is bounded by the size of a single case.
    stream = get_input_stream(environ, max_content_length=None)
    return lambda: stream.read(_LITTLE)


class _Measured:
    """A body of a stated length."""

    def __init__(self, read: Callable[[], bytes], length: int) -> None:
        self._read = read
        self._left = length

    def next(self) -> bytes:
        """Raises EOFError where the connection ends before the body."""
        if not self._left:
            return b""
        piece = self._read()[: self._left]
        if not piece:
            raise EOFError
        self._left -= len(piece)
        return piece
