"""Generated persons made plausible: what a check between facts blames is taken away, of most of those whom it fails."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from app.engine import Engine, InputError
from app.engine.evaluate import new_case
from app.engine.given import read_given
from app.engine.numbers import CERTIFIED
from app.engine.program import Program
from app.intake import RequestReader
from app.language import Rulebook, ir
from app.population.question import Question
from app.population.rows import RowWriter

# Of those whom a check fails so many stay as they are: they have to be rejected alike.
KEPT = 0.03


def plausible(engine: Engine, question: Question, batch: pa.RecordBatch, seed: int) -> pa.RecordBatch:
    """The batch without the facts that checks between facts blame, but for a few rows that keep them."""
    rulebook = engine.rulebook
    reader, random = RequestReader(rulebook), np.random.default_rng(seed)
    read = _read_by_checks(rulebook)
    bodies = RowWriter(rulebook.facts, question).bodies(batch.select([name for name in batch.schema.names if name in read or name == "region"]))
    taken: dict[str, list[int]] = {}
    for row in np.flatnonzero(random.random(batch.num_rows) >= KEPT):
        for name in _blamed(engine, reader, bodies[row]):
            taken.setdefault(name, []).append(int(row))
    columns = [_without(column, taken.get(name, ())) for name, column in zip(batch.schema.names, batch.columns, strict=True)]
    return pa.RecordBatch.from_arrays(columns, schema=batch.schema)


def _read_by_checks(rulebook: Rulebook) -> frozenset[str]:
    """The facts that the checks between facts read; none of them reads a rule."""
    nodes = [node for check in rulebook.fact_checks for node in ir.walk(check.holds)]
    assert not any(isinstance(node, ir.DefinitionRef) for node in nodes)
    return frozenset(node.name for node in nodes if isinstance(node, ir.FactRef))


def _blamed(engine: Engine, reader: RequestReader, body: dict[str, Any]) -> list[str]:
    """The facts to take away until no check fails."""
    try:
        request, _ = reader.read_value(body)
    except InputError as error:
        return [fault.pointer.split("/")[2] for fault in error.faults if fault.pointer.startswith("/facts/")]
    program = engine.program(request.as_of, request.region, request.reforms, request.schemes[:1])
    facts = dict(request.facts)
    blamed: list[str] = []
    while found := _failing(program, facts, request):
        blamed += found
        for name in found:
            facts.pop(name, None)
    return blamed


def _failing(program: Program, facts: dict[str, Any], request: Any) -> list[str]:
    space = program.space(CERTIFIED)
    changed = type(request)(request.as_of, request.schemes[:1], facts, request.region)
    with CERTIFIED.context():
        case = new_case(changed, program, read_given({}, program, changed.schemes), CERTIFIED)
        failing = [each.check.pointer.split("/")[0] for index, each in enumerate(program.checks) if space[f"check_{index}"](case) is False]
    return [name for name in dict.fromkeys(failing) if name in facts]


def _without(column: pa.Array, rows: Sequence[int]) -> pa.Array:
    if not rows:
        return column
    keep = np.ones(len(column), np.bool_)
    keep[list(rows)] = False
    return pc.if_else(pa.array(keep), column, pa.scalar(None, column.type)) if not pa.types.is_nested(column.type) else _nested(column, keep)


def _nested(column: pa.Array, keep: np.ndarray[Any, Any]) -> pa.Array:
    """Lists and records with some rows taken away."""
    positions = pa.array(np.where(keep, np.arange(len(column)), -1))
    return column.take(pc.if_else(pc.greater_equal(positions, 0), positions, pa.scalar(None, pa.int64())))
