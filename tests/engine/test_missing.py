"""An undetermined answer says what it lacks, in lists and records too."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import cache
from typing import Any

import pytest

from app.cases import RuleCase, read_cases
from app.engine import Engine, explain
from app.intake import RequestReader
from app.language import Rulebook
from tests.conftest import HEAD, answer, ask
from tests.test_rule_cases import RULES, rulebook

Build = Callable[..., Rulebook]
RECORDS = ({"year": Decimal(1), "paid": Decimal(2), "index": Decimal(1)}, {"year": Decimal(2), "paid": Decimal(3)})
FIGURES = "parameters:\n  figure: {by: number, values: {1: 5}}\n"


def definitions(**bodies: str) -> str:
    lines = "".join(f"  {name}: {{value: '{body}'}}\n" for name, body in bodies.items())
    return HEAD + FIGURES + "definitions:\n" + lines + "benefits:\n  b: {title: {zh: 金额, en: B}, value: total}\n"


@pytest.mark.parametrize(
    ("bodies", "missing"),
    [
        # A figure in a list's items, or in a record's field
        ({"each_year": "for r in records return at(figure, r.year)", "total": "sum(each_year)"}, [("test.scheme.figure", "2", [])]),
        ({"both": "{one: at(figure, 1), two: at(figure, 7)}", "total": "both.one + both.two"}, [("test.scheme.figure", "7", [])]),
        ({"rows": "for r in records return {value: at(figure, r.year)}", "total": "sum(rows.value)"}, [("test.scheme.figure", "2", [])]),
        # A field that an item leaves out, read at once or through a list that hands the items on
        ({"each_year": "for r in records return r.index * 2", "total": "sum(each_year)"}, [("records", None, ["index"])]),
        ({"late": "records[item.year > 1]", "each_year": "for r in late return r.index * 2", "total": "sum(each_year)"}, [("records", None, ["index"])]),
        ({"total": "sum(for r in records return r.index)"}, [("records", None, ["index"])]),
        # A field with a default is not what is missing
        ({"total": "sum(for r in records return or_else(r.index, 1) + at(figure, r.year))"}, [("test.scheme.figure", "2", [])]),
        # A rule that says nothing of such a case
        ({"odd": "if count(records) > 1 then null else 3", "total": "odd + 1"}, [("test.scheme.odd", None, [])]),
        # A fact in a list
        ({"each_year": "for r in records return count_of_children", "total": "sum(each_year)"}, [("count_of_children", None, [])]),
    ],
)
def test_what_is_missing_in_a_list_is_named(rules: Build, bodies: dict[str, str], missing: list[Any]) -> None:
    result = answer(ask(rules({"a.yaml": definitions(**bodies)}), facts={"records": RECORDS}))
    assert result["status"] == "undetermined"
    assert [(each["name"], each.get("key"), [field["name"] for field in each.get("fields", [])]) for each in result["missing"]] == missing
    # What is no fact to be asked for is told in a sentence that names it.
    assert all(each["title"] in each["sentence"] for each in result["missing"] if each["kind"] != "fact")


def test_a_list_that_is_known_as_such_names_nothing(rules: Build) -> None:
    """How many there are does not hang on what is unknown in them."""
    bodies = {"each_year": "for r in records return at(figure, r.year)", "total": "count(each_year)"}
    result = answer(ask(rules({"a.yaml": definitions(**bodies)}), facts={"records": RECORDS}))
    assert (result["status"], result["missing"]) == ("eligible", [])


@cache
def engine() -> Engine:
    return Engine(rulebook())


OPEN = [each for each in read_cases(RULES, rulebook().facts) if any(expected.wanted == "undetermined" for expected in each.expectations)]


@pytest.mark.parametrize("case", OPEN, ids=lambda case: str(case.place))
def test_no_open_rule_case_is_silent(case: RuleCase) -> None:
    request, _ = RequestReader(rulebook()).read_value(dict(case.body))
    results = explain(engine().evaluate(request), "zh", "none")["results"].values()
    assert all(result["missing"] for result in results if result["status"] == "undetermined")
