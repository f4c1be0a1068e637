"""A row of columns to the request that asks the same of one person."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa

from app.language import Fact, FactDictionary, YearMonth

from .columns.conforming import GIVEN
from .question import Question

Writer = Callable[[Any], Any]


class RowWriter:
    """Writes rows of canonical batches as bodies of POST /v1/evaluate."""

    def __init__(self, dictionary: FactDictionary, question: Question) -> None:
        self._question = question
        self._facts = {name: _writer(fact) for name, fact in dictionary.facts.items()}

    def bodies(self, batch: pa.RecordBatch, rows: Sequence[int] | None = None) -> list[dict[str, Any]]:
        """One body a row (of all rows, or of those named), in order."""
        wanted = [name for name in batch.schema.names if name in self._facts or name == "region" or name.startswith(GIVEN)]
        chosen = batch.select(wanted)
        if rows is not None:
            chosen = chosen.take(pa.array(rows, pa.int64()))
        count = len(rows) if rows is not None else batch.num_rows
        regions = chosen.column("region").to_pylist() if "region" in wanted else [None] * count
        bodies: list[dict[str, Any]] = [{**self._question.body(region), "facts": {}, "given": {}} for region in regions]
        for name in wanted:
            self._write(name, chosen.column(name), bodies)
        return bodies

    def _write(self, name: str, column: pa.Array, bodies: list[dict[str, Any]]) -> None:
        """Column by column: of most facts most people have none."""
        if name == "region" or column.null_count == len(column):
            return
        given = name.startswith(GIVEN)
        under, local, write = ("given", name.removeprefix(GIVEN), _plain) if given else ("facts", name, self._facts[name])
        for body, value in zip(bodies, column.to_pylist(), strict=True):
            if value is not None:
                body[under][local] = write(value)


def _writer(fact: Fact) -> Writer:
    if fact.kind == "date":
        return date.isoformat
    if fact.kind == "month":
        return lambda value: str(YearMonth(value))
    if fact.kind == "number":
        return lambda value: format(value, "f")
    if fact.kind in ("list", "record"):
        record = _record_writer({field.name: _writer(field) for field in fact.fields})
        return record if fact.kind == "record" else lambda items: [None if item is None else record(item) for item in items]
    return lambda value: value


def _record_writer(writers: dict[str, Writer]) -> Writer:
    def write(record: dict[str, Any]) -> dict[str, Any]:
        return {name: writers[name](value) for name, value in record.items() if value is not None}

    return write


def _plain(value: Any) -> Any:
    """A given figure: numbers as text, so that they stay exact."""
    if isinstance(value, Decimal):
        text = format(value, "f")
        return text.rstrip("0").rstrip(".") if "." in text else text
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value
