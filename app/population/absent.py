"""A scheme that a reform founds, in a comparison with the law: without the reform nobody is entitled to it."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from app.intake import founded_by_a_reform, in_force_somewhere
from app.language import Rulebook

from .exact import column_array
from .question import Evaluated, Evaluator, Question
from .results import ResultColumn, result_schema


def absent_schemes(rulebook: Rulebook, question: Question, other: Question) -> tuple[str, ...]:
    """The schemes asked for that only proposals know, in force nowhere under a question's law, and somewhere under the other's.

    None where a reform is unknown: the question's own check says so.
    """
    if not {*question.reforms, *other.reforms} <= set(rulebook.proposals()):
        return ()

    def there(each: Question, scheme: str) -> bool:
        return in_force_somewhere(rulebook, each.as_of, scheme, each.reforms, each.region)

    new = [scheme for scheme in question.schemes if founded_by_a_reform(rulebook, scheme)]
    return tuple(scheme for scheme in new if not there(question, scheme) and there(other, scheme))


def with_absent(evaluator: Evaluator | None, schemes: Sequence[str], columns: Sequence[ResultColumn]) -> Evaluator:
    """An evaluator whose results have the columns of absent schemes too, in the order of `schemes`; without one, of these alone."""
    return _WithAbsent(evaluator, schemes, columns)


class _WithAbsent:
    """Every row is not eligible to the absent schemes, with no amounts."""

    def __init__(self, evaluator: Evaluator | None, schemes: Sequence[str], columns: Sequence[ResultColumn]) -> None:
        self._evaluator = evaluator
        self._absent = {column.name: column for column in columns}
        fields = [*(evaluator.schema if evaluator is not None else ()), *result_schema(tuple(columns))]
        place = {scheme: number for number, scheme in enumerate(schemes)}
        self._schema = pa.schema(sorted(fields, key=lambda field: place[field.name.rpartition(".")[0]]))

    @property
    def schema(self) -> pa.Schema:
        return self._schema

    def evaluate(self, batch: pa.RecordBatch) -> Evaluated:
        answered = None if self._evaluator is None else self._evaluator.evaluate(batch)
        arrays = [
            self._nothing(self._absent[name], batch.num_rows) if name in self._absent or answered is None else answered.results.column(name)
            for name in self._schema.names
        ]
        results = pa.RecordBatch.from_arrays(arrays, schema=self._schema)
        return Evaluated(results, () if answered is None else answered.rejects, 0 if answered is None else answered.exact_rows)

    @staticmethod
    def _nothing(column: ResultColumn, rows: int) -> pa.Array:
        return column_array(column, ["not_eligible" if not column.local else None] * rows)
