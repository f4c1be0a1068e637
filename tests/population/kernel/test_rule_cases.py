"""Every rule case as a row: cases that ask the same are one batch, answered by compiled rules as by the exact engine."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

import pyarrow as pa
import pytest

from app.cases import RuleCase, read_cases
from app.engine import Engine
from app.language import NATION
from app.population.columns import conform
from app.population.columns.given import given_types
from app.population.engine import PopulationEngine
from app.population.exact import ExactEvaluator
from app.population.question import Question
from tests.population.kernel.comparing import differences, told
from tests.test_rule_cases import RULES, rulebook

Asked = tuple[str, tuple[str, ...], tuple[str, ...], tuple[tuple[str, Any], ...]]


@cache
def cases() -> dict[Asked, list[RuleCase]]:
    """The cases by day, schemes, reforms and assumptions."""
    groups: dict[Asked, list[RuleCase]] = defaultdict(list)
    for case in read_cases(RULES, rulebook().facts):
        body = case.body
        asked = (body["as_of"], tuple(body["schemes"]), tuple(body.get("reforms", ())), tuple(sorted(body.get("assumptions", {}).items())))
        groups[asked].append(case)
    return dict(groups)


@cache
def engine() -> Engine:
    return Engine(rulebook())


def _row(case: RuleCase) -> dict[str, Any]:
    """The case's facts, region and given figures as a row; a figure given for some years only has no column."""
    given = {f"given.{name}": str(value) for name, value in case.body.get("given", {}).items() if not isinstance(value, dict)}
    return {"region": case.body.get("region", NATION), **case.body.get("facts", {}), **given}


def _batch(group: list[RuleCase], question: Question) -> pa.RecordBatch:
    rows = [_row(case) for case in group]
    names = dict.fromkeys(name for row in rows for name in row)
    columns = {name: [row.get(name) for row in rows] for name in names}
    arrays = {name: _array(values) for name, values in columns.items()}
    return conform(pa.RecordBatch.from_pydict(arrays), rulebook().facts, given_types(rulebook(), question, names)).batch


def _array(values: list[Any]) -> pa.Array:
    """Texts and numbers as they stand in a case; a mixture of both as text."""
    if any(isinstance(value, str) for value in values):
        return pa.array([None if value is None else str(value) for value in values], pa.string())
    return pa.array(values)


@pytest.mark.parametrize("asked", cases(), ids=lambda asked: f"{asked[0]} {' '.join(asked[1])} {' '.join(asked[2])} {dict(asked[3])}")
def test_cases_as_columns(asked: Asked) -> None:
    day, schemes, reforms, assumptions = asked
    figures = {name: value if isinstance(value, bool) else Decimal(value) for name, value in assumptions}
    question = Question(date.fromisoformat(day), schemes, reforms, assumptions=figures, outputs=True)
    group = cases()[asked]
    batch = _batch(group, question)
    places = sorted(set(batch.column("region").to_pylist()))
    compiled = PopulationEngine(rulebook(), question, threads=1, engine=engine(), regions=places).evaluate(batch)
    found = differences(compiled, ExactEvaluator(rulebook(), question, engine()).evaluate(batch))
    assert not found, told(found, batch)
    assert len(compiled.rejects) < len(group)
