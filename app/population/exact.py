"""A population answered by the exact engine, row by row: slow, and what every faster evaluator is held to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pyarrow as pa

from app.engine import Engine, Evaluation, InputError, InputFault, Outcome
from app.engine.numbers import show
from app.intake import RequestReader
from app.language import Rulebook, YearMonth

from .question import Evaluated, Question, Reject
from .results import STATUSES, ResultColumn, result_columns, result_schema
from .rows import RowWriter

_LARGEST = Decimal(10) ** 24


class ExactEvaluator:
    """Answers batches with `app.engine.Engine`. Raises InputError at once for a question nobody can be asked."""

    def __init__(self, rulebook: Rulebook, question: Question, engine: Engine | None = None) -> None:
        self.question = question
        self.columns = result_columns(rulebook, question)
        self._schema = result_schema(self.columns)
        self._engine = engine or Engine(rulebook)
        self._reader = RequestReader(rulebook)
        self._writer = RowWriter(rulebook.facts, question)

    @property
    def schema(self) -> pa.Schema:
        """The schema of the results."""
        return self._schema

    def evaluate(self, batch: pa.RecordBatch) -> Evaluated:
        """Every row of a canonical batch. Raises Incident where the engine's two decisions disagree."""
        return self.answer_rows(batch, None)

    def answer_rows(self, batch: pa.RecordBatch, rows: Sequence[int] | None) -> Evaluated:
        """Some rows of a canonical batch, in the order named (None: all); the results and rejects are numbered by `rows`' order."""
        values: list[list[Any]] = [[] for _ in self.columns]
        rejects: list[Reject] = []
        bodies = self._writer.bodies(batch, rows)
        for position, body in enumerate(bodies):
            try:
                row = self._answer(body)
            except InputError as error:
                rejects.append(Reject(position, error.faults))
                row = [None] * len(self.columns)
            for column, value in zip(values, row, strict=True):
                column.append(value)
        arrays = [column_array(column, found) for column, found in zip(self.columns, values, strict=True)]
        return Evaluated(pa.RecordBatch.from_arrays(arrays, schema=self._schema), tuple(rejects), len(bodies))

    def _answer(self, body: Mapping[str, Any]) -> list[Any]:
        request, _ = self._reader.read_value(dict(body))
        evaluation = self._engine.evaluate(request)
        row: list[Any] = []
        for outcome in evaluation.outcomes:
            known = _known(outcome, evaluation)
            row.extend(
                outcome.status if not column.local else _in_column(known.get(column.local), column)
                for column in self.columns
                if column.scheme == outcome.scheme
            )
        return row


def answer_rows(evaluator: ExactEvaluator, batch: pa.RecordBatch, rows: Sequence[int]) -> Evaluated:
    """Some rows of a batch, for an evaluator that could not answer them itself; results in the order of `rows`."""
    return evaluator.answer_rows(batch, rows)


def column_array(column: ResultColumn, values: list[Any]) -> pa.Array:
    """The values of one result column; None is null."""
    if not column.local:
        words = pa.array(STATUSES)
        codes = [None if value is None else STATUSES.index(value) for value in values]
        return pa.DictionaryArray.from_arrays(pa.array(codes, pa.int8()), words)
    if pa.types.is_dictionary(column.type):
        return pa.array(values, pa.string()).dictionary_encode().cast(column.type)
    return pa.array(values, column.type)


def _known(outcome: Outcome, evaluation: Evaluation) -> dict[str, Any]:
    """The values of a scheme by name: outputs, and benefits where every condition is met."""
    program, memo = evaluation.program, evaluation.case.memo
    entitled = all(met is True for met in outcome.truths)
    numbers = (*outcome.plan.outputs, *(outcome.plan.benefits if entitled else ()))
    return {program.definitions[number].name.local: memo[number] for number in numbers}


def _in_column(value: Any, column: ResultColumn) -> Any:
    """A value as its column holds it. Raises InputError where a given figure has more digits than the column."""
    if isinstance(value, Decimal | Fraction):
        return _number(value, column)
    return str(value) if isinstance(value, YearMonth) else value


def _number(value: Decimal | Fraction, column: ResultColumn) -> Decimal:
    number = Decimal(show(value))
    decimals = column.decimals or 0
    if -int(number.normalize().as_tuple().exponent) > decimals:
        zh = f"{column.name} 的值 {number} 的小数超过其规则所取的 {decimals} 位。请给定 {decimals} 位以内的数值。"
        en = f"the value {number} of {column.name} has more than the {decimals} decimals its rule rounds to. Give a figure of at most {decimals}."
        raise InputError([InputFault(f"/given/{column.name}", "too_precise", zh, en)])
    if abs(number) * 10**decimals >= _LARGEST:
        zh, en = f"{column.name} 的值过大，请核对事实。", f"the value of {column.name} is too large to be meant. Check the facts."
        raise InputError([InputFault("/facts", "too_large", zh, en)])
    return number
