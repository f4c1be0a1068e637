"""Holds the compiled rules to the exact engine: every column of every row, and every reject."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from app.language import Rulebook
from app.population.engine import PopulationEngine
from app.population.exact import ExactEvaluator
from app.population.kernel import KernelError
from app.population.question import Evaluated, Question

SHOWN = 5


@dataclass(frozen=True, slots=True)
class Difference:
    """A cell the two answer differently; or (`column` 'reject') a row that only one refuses."""

    column: str
    row: int
    compiled: Any
    exact: Any


def differences(compiled: Evaluated, exact: Evaluated) -> list[Difference]:
    """Every cell and every reject that differs."""
    found = []
    mine, theirs = ({each.row: tuple(fault.en for fault in each.faults) for each in result.rejects} for result in (compiled, exact))
    for row in sorted(mine.keys() | theirs.keys()):
        if mine.get(row) != theirs.get(row):
            found.append(Difference("reject", row, mine.get(row), theirs.get(row)))
    for name, left, right in zip(exact.results.schema.names, compiled.results.columns, exact.results.columns, strict=True):
        if left.type != right.type:
            found.append(Difference(name, -1, left.type, right.type))
        found += [Difference(name, row, a, b) for row, (a, b) in enumerate(zip(left.to_pylist(), right.to_pylist(), strict=True)) if a != b]
    return found


def compare(rulebook: Rulebook, question: Question, batch: pa.RecordBatch, **options: Any) -> list[Difference]:
    engine = PopulationEngine(rulebook, question, threads=1, **options)
    assert engine.schema.equals(ExactEvaluator(rulebook, question).schema)
    return differences(engine.evaluate(batch), ExactEvaluator(rulebook, question).evaluate(batch))


def told(found: list[Difference], batch: pa.RecordBatch, rulebook: Rulebook | None = None, question: Question | None = None) -> str:
    """The first differences in words, with the facts of their rows and the rule's own text."""
    if not found:
        return ""
    lines = [f"{len(found)} differences"]
    for each in found[:SHOWN]:
        facts = {name: value for name, value in batch.slice(each.row, 1).to_pylist()[0].items() if value is not None} if each.row >= 0 else {}
        lines.append(f"{each.column}, row {each.row}: compiled {each.compiled!r}, exact {each.exact!r}, of {facts}")
    return "\n".join(lines)


def named(error: KernelError) -> set[str]:
    """The rules a refusal names; fails where a reason names none."""
    names = set()
    for reason in error.reasons:
        found = re.match(r"'([\w.]+)'", reason) or re.search(r"'(test\.[\w.]+)'", reason)
        assert found is not None, f"no rule is named: {reason}"
        names.add(found[1])
    return names
