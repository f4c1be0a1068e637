"""A line of a batch to its answer, or to what is wrong with it. Nothing a line holds ends the batch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import orjson

from app.engine import Engine, Evaluation, Incident, InputError, InputFault, Language, TraceLevel, answer_json
from app.intake import BodyTooLargeError, JsonError

from .lines import Line
from .reading import BatchReader, pop_id

# The end of a problem's URN, as POST /v1/evaluate names the same failure.
Kind = Literal["malformed-body", "body-too-large", "invalid-input", "incident", "internal-error"]
Tell = Callable[[Exception], object]
_INCIDENT = InputFault("", "incident", "两次独立判定不一致，因此没有给出结果。", "two independent decisions disagree, so nothing was issued.")
_FAILED = InputFault("", "internal_error", "程序出错，没有给出结果。", "the program failed, so nothing was issued.")


class Answered(NamedTuple):
    """A line answered: `evaluation`, with the trace it asks for."""

    number: int
    id: str | int | None
    evaluation: Evaluation
    trace: TraceLevel


class Failed(NamedTuple):
    """A line refused, with every fault found in it."""

    number: int
    id: str | int | None
    kind: Kind
    faults: tuple[InputFault, ...]


class BatchAnswerer:
    """Answers lines one by one. `tell` is told of incidents and failures (never to be shown with their message: it may have data)."""

    def __init__(self, engine: Engine, reader: BatchReader, tell: Tell | None = None) -> None:
        self._engine = engine
        self.reader = reader
        self._tell = tell

    def answer(self, line: Line) -> Answered | Failed:
        """A line of JSON."""
        if line.text is None:
            return Failed(line.number, None, "body-too-large", (too_long(self.reader.limits.size),))
        try:
            value = self.reader.value(line.text)
        except InputError as error:
            return failed(line.number, None, error)
        return self.answer_value(line.number, value)

    def answer_value(self, number: int, value: Any) -> Answered | Failed:
        """A line that is JSON values already."""
        name: str | int | None = None
        try:
            name = pop_id(value)
            case = self.reader.read(value)
            return Answered(number, name, (case.engine or self._engine).evaluate(case.request), case.trace)
        except InputError as error:
            return failed(number, name, error)
        except Exception as error:  # whatever went wrong in one case, the others are answered
            if self._tell is not None:
                self._tell(error)
            return Failed(number, name, "incident", (_INCIDENT,)) if isinstance(error, Incident) else Failed(number, name, "internal-error", (_FAILED,))


def failed(number: int, name: str | int | None, error: InputError) -> Failed:
    """What is wrong with a line."""
    if isinstance(error, BodyTooLargeError):
        return Failed(number, name, "body-too-large", error.faults)
    return Failed(number, name, "malformed-body" if isinstance(error, JsonError) else "invalid-input", error.faults)


def too_long(limit: int) -> InputFault:
    """The fault of a line of more than `limit` bytes."""
    return InputFault("", "line_too_long", f"此行超过 {limit} 字节。", f"the line has more than {limit} bytes. Is there an end of line between the cases?")


def answer_line(answered: Answered, language: Language, trace: TraceLevel | None = None) -> bytes:
    """An answer as a line of JSON, without its end: `line`, `id` where there is one, then what POST /v1/evaluate answers."""
    head = {"line": answered.number} if answered.id is None else {"line": answered.number, "id": answered.id}
    body = answer_json(answered.evaluation, language, trace or answered.trace)
    return orjson.dumps(head)[:-1] + b"," + body[1:]
