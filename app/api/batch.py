"""POST /v1/evaluate/batch: many cases, one a line, answered line by line while they come."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from time import monotonic
from typing import cast

from flask import Blueprint, Response, current_app, request
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from app.batch import BatchAnswerer, BatchReader, Line
from app.engine import InputError

from .answers import TOO_MANY_BATCHES, answer_headers, problem
from .batch_slots import BatchSlots
from .batch_stream import BatchEnded, BatchStream, Connection
from .body_pieces import body_pieces
from .inflow import Inflow
from .languages import language_of_request
from .logs import TRACE_ID, Log, where
from .service import GO_ON, Service, service

blueprint = Blueprint("batch", __name__)
PATH = "/v1/evaluate/batch"
NDJSON = "application/x-ndjson"
TYPES = (NDJSON, "application/ndjson", "application/jsonl", "application/x-jsonlines")
# Where the application finds its slots.
SLOTS = "shebao.batch_slots"
_RETRY_S = 10


@blueprint.post(PATH)
def evaluate_batch() -> Response:
    """Answer line by line. Only what is wrong before the first line has an error status."""
    served = service()
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if request.mimetype not in TYPES or encoding not in ("identity", "gzip"):
        raise UnsupportedMediaType
    if (request.content_length or 0) > served.batch.max_bytes:
        raise RequestEntityTooLarge
    slots = cast(BatchSlots, current_app.extensions[SLOTS])
    slot = slots.take()
    if slot is None:
        zh = f"同时处理的批量请求已满，请 {_RETRY_S} 秒后再试。"
        response = problem(TOO_MANY_BATCHES, zh, f"As many batches run as may. Try again in {_RETRY_S} seconds.")
        response.headers["Retry-After"] = str(_RETRY_S)
        return response
    stream = None
    try:
        stream = _stream(served, compressed=encoding == "gzip")
        return _answer(served, stream, lambda: slots.free(slot))
    except BaseException:
        if stream is not None:
            stream.close()
        slots.free(slot)
        raise


def _stream(served: Service, *, compressed: bool) -> BatchStream:
    connection = Connection(
        socket=request.environ.get("gunicorn.socket"),
        go_on=_stopping_told(current_app.extensions.get(GO_ON)),
        compressed_in=compressed,
        compressed_out=request.accept_encodings.quality("gzip") > 0,
    )
    inflow = Inflow(body_pieces(request.environ), served.batch.max_ahead, packed=compressed)
    name = request.environ.get(TRACE_ID)

    def tell(error: Exception) -> None:
        served.log.error("failure", trace_id=name, error=type(error).__name__, where=where(error))

    answerer = BatchAnswerer(served.engine, BatchReader(served.reader, desks=served.desks), tell)
    return BatchStream(inflow, answerer, served.batch, connection, language_of_request())


def _stopping_told(go_on: Callable[[], bool] | None) -> Callable[[], bool]:
    """False once the worker is told to stop; a worker that is to be replaced after this request finishes it."""
    if go_on is None:
        return lambda: True
    if go_on():
        return go_on
    return lambda: go_on() or True


def _answer(served: Service, stream: BatchStream, free: Callable[[], None]) -> Response:
    first, early = None, None
    try:
        first = _after_defaults(stream, served)
    except BatchEnded as ended:
        early = ended
    except InputError:
        stream.drain()
        raise
    finished = _Finish(served.log, stream, free, request.environ.get(TRACE_ID))
    response = Response(finished.after(stream.answers(first, early)), 200, answer_headers(NDJSON, language_of_request(), "no-store"))
    response.headers["Vary"] = "Accept-Language, Accept-Encoding"
    if stream.packs:
        response.headers["Content-Encoding"] = "gzip"
    # An answer that nobody begins to read never comes to its end.
    response.call_on_close(finished)
    return response


class _Finish:
    """Ends a batch, once: its thread, its slot, and its line in the log."""

    def __init__(self, log: Log, stream: BatchStream, free: Callable[[], None], name: str | None) -> None:
        self._log, self._stream, self._free, self._name = log, stream, free, name
        self._done = False

    def after(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        try:
            yield from pieces
        finally:
            self()

    def __call__(self) -> None:
        if self._done:
            return
        self._done = True
        self._stream.close()
        self._free()
        count = self._stream.count
        self._log.info(
            "batch",
            trace_id=self._name,
            lines=count.lines,
            answered=count.answered,
            failed=dict(count.failed),
            bytes_in=count.bytes_in,
            bytes_out=count.bytes_out,
            ended=count.ended,
            ms=round((monotonic() - self._stream.began) * 1000, 2),
        )


def _after_defaults(stream: BatchStream, served: Service) -> Line | None:
    """The first case's line; defaults before it hold from now on. Raises BatchEnded, and InputError with the defaults' faults."""
    first = stream.begin()
    if first is None or first.text is None or b'"defaults"' not in first.text:
        return first
    reader = stream.reader
    try:
        value = reader.value(first.text)
    except InputError:
        return first  # told as any line that cannot be read
    return stream.begin() if reader.take_defaults(value, served.rulebook) else first
