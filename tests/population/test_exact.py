"""A population answered by the exact engine says what the engine says of each person by himself."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from app.engine import Engine, InputError, Request, explain
from app.intake import RequestReader
from app.language import Rulebook, load_rulebook
from app.population.columns.conforming import conform
from app.population.columns.given import given_types
from app.population.exact import ExactEvaluator, answer_rows
from app.population.question import Question
from app.population.results import result_columns
from app.population.rows import RowWriter
from tests.conftest import NAME, TODAY

from .people import AFTER, QUESTION, people

ROOT = Path(__file__).parents[2]
FIXTURES = sorted((ROOT / "fixtures").glob("*.json"))


@pytest.fixture(scope="module")
def law() -> Rulebook:
    return load_rulebook(ROOT / "rules")


def shown(evaluated: pa.RecordBatch, row: int) -> dict[str, Any]:
    """One row's values as answers write them; what is null is left out."""
    found = {}
    for name, column in zip(evaluated.schema.names, evaluated.columns, strict=True):
        value = column[row].as_py()
        if value is not None:
            found[name] = format(value.normalize(), "f") if isinstance(value, Decimal) else str(value) if isinstance(value, date) else value
    return found


def answered(engine: Engine, request: Request) -> dict[str, Any]:
    """The same from the explained answer of one case: benefits only where every condition is met."""
    found: dict[str, Any] = {}
    answer = explain(engine.evaluate(request), "en", "none")
    for scheme, result in answer["results"].items():
        found[f"{scheme}.status"] = result["status"]
        values = dict(result["values"])
        if all(each["met"] is True for each in result["conditions"]):
            values |= {name: each["value"] for name, each in result["benefits"].items()}
        found |= {f"{scheme}.{name}": plain(value) for name, value in values.items() if value is not None and not isinstance(value, list)}
    return found


def plain(value: Any) -> Any:
    try:
        return format(Decimal(value).normalize(), "f") if isinstance(value, str) else value
    except ArithmeticError:
        return value


def row_of(body: Mapping[str, Any]) -> dict[str, str]:
    """A fixture as a row of texts, as a CSV file would have it."""
    texts = {name: json.dumps(value) if not isinstance(value, str) else value for name, value in body["facts"].items()}
    return {**texts, **{f"given.{name}": value for name, value in body.get("given", {}).items()}, "region": body.get("region", "000000")}


def test_the_fixtures_as_a_population(law: Rulebook) -> None:
    """All fixtures of one question are one batch, so that facts which only some have are null for the others."""
    engine, reader = Engine(law), RequestReader(law)
    groups: dict[str, list[tuple[str, dict[str, Any]]]] = defaultdict(list)
    told = {path: json.loads(path.read_bytes()) for path in FIXTURES}
    # A figure given for some years only has no column.
    held = {path: body for path, body in told.items() if not any(isinstance(value, dict) for value in body.get("given", {}).values())}
    for path, body in held.items():
        asked = {name: body.get(name) for name in ("as_of", "schemes", "assumptions", "reforms")}
        groups[json.dumps(asked)].append((path.stem, body))
    count = 0
    for asked_text, members in groups.items():
        asked = json.loads(asked_text)
        assumptions = {name: value if isinstance(value, bool) else Decimal(value) for name, value in (asked["assumptions"] or {}).items()}
        question = Question(date.fromisoformat(asked["as_of"]), tuple(asked["schemes"]), reforms=tuple(asked["reforms"] or ()), assumptions=assumptions, outputs=True)
        rows = [row_of(body) for _, body in members]
        names = dict.fromkeys(name for row in rows for name in row)
        table = pa.table({name: pa.array([row.get(name) for row in rows], pa.string()) for name in names})
        made = conform(table.to_batches()[0], law.facts, given_types(law, question, names))
        assert made.rejects == ()
        evaluated = ExactEvaluator(law, question, engine).evaluate(made.batch)
        assert evaluated.rejects == ()
        assert evaluated.exact_rows == len(members)
        evaluated.results.validate(full=True)
        for row, (name, body) in enumerate(members):
            request, _ = reader.read_value(body)
            assert shown(evaluated.results, row) == answered(engine, request), name
            count += 1
    assert count == len(held) > 70
    assert len(FIXTURES) - count < 5


def test_people_one_by_one(rulebook: Rulebook) -> None:
    engine, reader = Engine(rulebook), RequestReader(rulebook)
    batch = conform(people(120).to_batches()[0], rulebook.facts).batch
    for question in (QUESTION, AFTER):
        evaluator = ExactEvaluator(rulebook, question, engine)
        evaluated = evaluator.evaluate(batch)
        for row, body in enumerate(RowWriter(rulebook.facts, question).bodies(batch)):
            assert shown(evaluated.results, row) == answered(engine, reader.read_value(body)[0])
        assert evaluated.rejects == ()


def test_result_columns_are_those_of_all_regions_with_room_for_every_rounding(rulebook: Rulebook) -> None:
    found = {column.name: (str(column.type), column.benefit) for column in result_columns(rulebook, QUESTION)}
    text = "dictionary<values=string, indices=int{}, ordered=0>"
    assert found == {
        f"{NAME}.status": (text.format(8), False),
        f"{NAME}.monthly": ("decimal128(24, 2)", True),
        f"{NAME}.from_month": (text.format(32), True),
        f"{NAME}.born": ("date32[day]", True),
        f"{NAME}.covered": ("bool", True),
        f"{NAME}.who": ("string", True),
        f"{NAME}.local_addition": ("decimal128(24, 1)", True),
        f"{NAME}.paid_months": ("decimal128(24, 12)", False),
        f"{NAME}.share": ("decimal128(24, 12)", False),
        f"{NAME}.first_year": ("decimal128(24, 12)", False),
    }
    assert not [column for column in result_columns(rulebook, Question(TODAY, (NAME,))) if not column.benefit and column.local]


def test_a_local_benefit_is_null_elsewhere(rulebook: Rulebook) -> None:
    batch = conform(people(90).to_batches()[0], rulebook.facts).batch
    rows = ExactEvaluator(rulebook, QUESTION).evaluate(batch).results.to_pylist()
    regions = batch.column("region").to_pylist()
    paid = [row for row in range(90) if rows[row][f"{NAME}.monthly"] is not None]
    assert {(regions[row] == "110000", rows[row][f"{NAME}.local_addition"] is None) for row in paid} == {(True, False), (False, True)}


def test_only_the_rows_asked_for(rulebook: Rulebook) -> None:
    batch = conform(people(30).to_batches()[0], rulebook.facts).batch
    evaluator = ExactEvaluator(rulebook, QUESTION)
    whole, some = evaluator.evaluate(batch).results, answer_rows(evaluator, batch, [28, 3, 3]).results
    assert some.to_pylist() == [whole.to_pylist()[row] for row in (28, 3, 3)]
    assert some.schema == evaluator.schema


@pytest.mark.parametrize(
    ("question", "code"),
    [
        (Question(TODAY, ("test.schema",)), "unknown_scheme"),
        (Question(TODAY, (NAME,), ("fewer",)), "unknown_reform"),
        (Question(TODAY, (NAME,), region="999999"), "unknown_region"),
        (Question(TODAY, (NAME,), assumptions={"growth": Decimal(9)}), "too_large"),
        (Question(TODAY, (NAME,), assumptions={"groth": Decimal("0.1")}), "unknown_field"),
        (Question(date(1999, 1, 1), (NAME,)), "not_in_force"),
    ],
)
def test_a_question_nobody_can_be_asked_is_refused_at_once(question: Question, code: str, rulebook: Rulebook) -> None:
    with pytest.raises(InputError) as caught:
        ExactEvaluator(rulebook, question)
    assert [fault.code for fault in caught.value.faults] == [code]


def test_what_a_request_may_not_say_a_row_may_not_say(rulebook: Rulebook) -> None:
    paid = '[{"year": 2000, "paid": 1}]'
    rows = [
        {"wage": "100", "months": "10"},
        {"wage": "-1", "months": "800"},
        {"birth_date": "1990-01-01", "job": '{"since": "1980-01-01"}'},
        {"given.monthly": "1.234", "months": "100", "records": paid},
        {"given.minimum_months": "0.5", "months": "0", "records": paid, "wage": "1"},
    ]
    names = dict.fromkeys(name for row in rows for name in row)
    batch = pa.table({name: pa.array([row.get(name) for row in rows], pa.string()) for name in names}).to_batches()[0]
    made = conform(batch, rulebook.facts, given_types(rulebook, QUESTION, names))
    evaluated = ExactEvaluator(rulebook, QUESTION).evaluate(made.batch)
    found = {reject.row: [(fault.pointer, fault.code) for fault in reject.faults] for reject in evaluated.rejects}
    assert found == {
        1: [("/facts/wage", "too_small"), ("/facts/months", "too_large")],
        2: [("/facts/job", "born_before_job")],
        3: [(f"/given/{NAME}.monthly", "too_precise")],
    }
    assert all(value is None for row in found for value in evaluated.results.to_pylist()[row].values())
    assert evaluated.results.to_pylist()[4][f"{NAME}.monthly"] == Decimal("0.12")
