"""A piece of the input to the rows of the results: made canonical, evaluated once or twice, and what was refused set apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from app.engine import Incident, InputFault

from ..columns.carried import Carried, person_ids
from ..columns.conforming import conform
from ..columns.given import given_types
from ..question import Reject
from .parts import REJECT_SCHEMA
from .pieces import Piece
from .simulation import Simulation
from .streams import Population

_NO_REJECTS = pa.RecordBatch.from_pylist([], REJECT_SCHEMA)


@dataclass(frozen=True, slots=True)
class Answered:
    """A piece answered: `results` and `rejects` are record batches; `rejected` are rows, each with one line of `rejects` or more."""

    piece: Piece
    results: pa.RecordBatch
    rejects: pa.RecordBatch
    rejected: int
    exact_rows: int

    @property
    def input_rows(self) -> int:
        return self.piece.last - self.piece.first


@dataclass(frozen=True, slots=True)
class AnsweredRows:
    """A batch answered: `results` of the rows without a fault, in order, and the faults of all others by row.

    `sound` are the numbers (int64, within the batch) of the rows in `results`.
    """

    results: pa.RecordBatch
    sound: Any
    faults: Mapping[int, tuple[InputFault, ...]]
    exact_rows: int


class RowAnswerer:
    """Answers batches of columns a population may have. Safe to share between threads. Raises InputError for columns that fit no rule."""

    def __init__(self, schemas: Sequence[pa.Schema], simulation: Simulation) -> None:
        self._simulation = simulation
        self._dictionary = simulation.rulebook.facts
        names = list(dict.fromkeys(name for schema in schemas for name in schema.names))
        self._given: dict[str, pa.DataType] = {}
        for question in (simulation.baseline, simulation.after):
            if question is not None:
                self._given |= given_types(simulation.rulebook, question, names)
        self._carried = Carried(schemas, self._dictionary, simulation.baseline.region)
        fields = [pa.field(prefix + field.name, field.type) for prefix, evaluator in simulation.evaluators() for field in evaluator.schema]
        self.schema = pa.schema([*self._carried.schema, *fields])

    def answer(self, batch: pa.RecordBatch, numbers: Any) -> AnsweredRows:
        """Every row, in the results or with its faults. `numbers` (from 1) name rows without a person_id; they may be None."""
        conformed = conform(batch, self._dictionary, self._given)
        faults: dict[int, tuple[InputFault, ...]] = {reject.row: reject.faults for reject in conformed.rejects}
        # Rows in order: those the evaluators are asked, by their place in the batch.
        asked = np.setdiff1d(np.arange(batch.num_rows), list(faults), assume_unique=True)
        readable = take_rows(conformed.batch, asked)
        columns: list[pa.Array] = self._carried.of(readable, numbers[asked])
        exact_rows = 0
        for _, evaluator in self._simulation.evaluators():
            evaluated = evaluator.evaluate(readable)
            columns += evaluated.results.columns
            exact_rows += evaluated.exact_rows
            _add(faults, evaluated.rejects, asked)
        sound = np.flatnonzero(np.isin(asked, list(faults), invert=True))
        results = take_rows(pa.RecordBatch.from_arrays(columns, schema=self.schema), sound)
        return AnsweredRows(results, asked[sound], faults, exact_rows)


class Answerer:
    """Answers pieces of one population, as `RowAnswerer` does batches; names the rows it refuses by file and number."""

    def __init__(self, population: Population, simulation: Simulation) -> None:
        self._population = population
        self._rows = RowAnswerer([file.schema for file in population.files], simulation)
        self.schema = self._rows.schema

    def answer(self, piece: Piece) -> Answered:
        """The rows of a piece, each either in the results or among the rejects. Raises Incident, which says among which rows."""
        try:
            answered = self._rows.answer(piece.batch, piece.numbers + 1)
        except Incident as error:
            raise Incident(f"in the input's rows {piece.first + 1} to {piece.last}: {error}") from error
        faults = answered.faults
        return Answered(piece, answered.results, self._reject_lines(piece, faults), len(faults) + len(piece.broken), answered.exact_rows)

    def _reject_lines(self, piece: Piece, faults: Mapping[int, tuple[InputFault, ...]]) -> pa.RecordBatch:
        """A line a fault, in the order of the input."""
        rows = sorted(faults)
        if not rows and not piece.broken:
            return _NO_REJECTS
        names = person_ids(take_rows(piece.batch, np.array(rows, np.int64)), piece.numbers[rows] + 1).to_pylist() if rows else []
        found: list[tuple[int, str | None, tuple[InputFault, ...]]] = [
            (int(piece.numbers[row]), name, faults[row]) for row, name in zip(rows, names, strict=True)
        ]
        found += [(each.number, None, each.faults) for each in piece.broken]
        path = str(self._population.files[piece.file].path)
        start = self._population.starts[piece.file]
        lines = [
            {"row": number + 1, "file": path, "file_row": number - start + 1, "person_id": name, **fault_line(fault)}
            for number, name, several in sorted(found, key=lambda each: each[0])
            for fault in several
        ]
        return pa.RecordBatch.from_pylist(lines, REJECT_SCHEMA)


def fault_line(fault: InputFault) -> dict[str, str]:
    """A fault as a line of rejects has it."""
    return {"pointer": fault.pointer, "code": fault.code, "zh": fault.zh, "en": fault.en}


def take_rows(batch: pa.RecordBatch, rows: Any) -> pa.RecordBatch:
    """Some rows of a batch; the batch itself where it is all of them."""
    return batch if len(rows) == batch.num_rows else pc.take(batch, pa.array(rows, pa.int64()))


def _add(faults: dict[int, tuple[InputFault, ...]], rejects: Iterable[Reject], asked: Any) -> None:
    """Add an evaluator's rejects, by their row in the piece; what both evaluators say is said once."""
    for reject in rejects:
        row = int(asked[reject.row])
        faults[row] = tuple(dict.fromkeys((*faults.get(row, ()), *reject.faults)))
