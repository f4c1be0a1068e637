"""Decision tables: every hit policy by its name, unknown inputs, tables in CSV; and progressive bands."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from app.language import Rulebook
from tests.conftest import HEAD, ask, value
from tests.language.bad_file import parameters

Build = Callable[..., Rulebook]


def table(hit: str, rows: list[str], inputs: str = "months", extra: str = "") -> str:
    lines = "".join(f"        - [{row}]\n" for row in rows)
    return f"{HEAD}definitions:\n  x:\n    output: true\n    decide:\n      hit: {hit}\n      inputs: [{inputs}]\n{extra}      rows:\n{lines}"


def decided(rulebook: Rulebook, **facts: Any) -> Any:
    return value(ask(rulebook, facts=facts), "x")


PRIORITIES = "      priorities: [3, 2, 1]\n"
LAYERS = ['">= 0", 1', '">= 10", 2', '">= 20", 3', '"< 0", 1']


@pytest.mark.parametrize(
    ("hit", "extra", "expected"),
    [
        ("first", "", [1, 1, 1]),
        ("priority", PRIORITIES, [1, 2, 3]),
        ("rule order", "", [[1], [1, 2], [1, 2, 3]]),
        ("output order", PRIORITIES, [[1], [2, 1], [3, 2, 1]]),
        ("collect", "", [[1], [1, 2], [1, 2, 3]]),
        ("collect sum", "", [1, 3, 6]),
        ("collect min", "", [1, 1, 1]),
        ("collect max", "", [1, 2, 3]),
        ("collect count", "", [1, 2, 3]),
    ],
)
def test_hit_policy(rules: Build, hit: str, extra: str, expected: list[Any]) -> None:
    rulebook = rules({"a.yaml": table(hit, LAYERS, extra=extra)})
    assert [decided(rulebook, months=Decimal(months)) for months in (0, 10, 25)] == expected
    assert decided(rulebook) is None


def test_unique_and_any(rules: Build) -> None:
    unique = rules({"a.yaml": table("unique", ['"< 180", 1', '"[180..240)", 2', '">= 240", 3'])})
    assert [decided(unique, months=Decimal(months)) for months in (0, 179, 180, 239, 240)] == [1, 1, 2, 2, 3]
    agreeing = rules({"a.yaml": table("any", ['"<= 180", 1', '">= 180", 1'])})
    assert decided(agreeing, months=Decimal(180)) == 1


@pytest.mark.parametrize(
    ("cell", "matches"),
    [
        ('"5"', {5}),
        ('"5, 7"', {5, 7}),
        ('"[5..7]"', {5, 6, 7}),
        ('"(5..7)"', {6}),
        ('"not(5)"', {4, 6, 7, 8}),
        ('"not(5, 6)"', {4, 7, 8}),
        ('"not([5..7])"', {4, 8}),
        ('"not(< 7)"', {7, 8}),
        ('"< 5, > 7"', {4, 8}),
        ('"!= 6"', {4, 5, 7, 8}),
        ('"-"', {4, 5, 6, 7, 8}),
        ('""', {4, 5, 6, 7, 8}),
    ],
)
def test_cell(rules: Build, cell: str, matches: set[int]) -> None:
    rulebook = rules({"a.yaml": table("first", [f"{cell}, 1", '"-", 0'])})
    assert {months for months in range(4, 9) if decided(rulebook, months=Decimal(months)) == 1} == matches


def test_an_unknown_input_decides_only_where_it_does_not_matter(rules: Build) -> None:
    rows = ['"\\"male\\"", "-", 1', '"\\"female\\"", true, 2', '"\\"female\\"", false, 3']
    rulebook = rules({"a.yaml": table("unique", rows, "sex, insured")})
    assert decided(rulebook, sex="male") == 1
    assert decided(rulebook, sex="female") is None
    assert decided(rulebook, sex="female", insured=False) == 3
    assert decided(rulebook, insured=True) is None
    first = rules({"a.yaml": table("first", ['"\\"male\\"", 1', '"-", 2'], "sex")})
    assert decided(first) is None


def test_inputs_and_outputs_may_be_expressions(rules: Build) -> None:
    rulebook = rules({"a.yaml": table("unique", ['"< 15", in_years(months) * 2', '">= 15", in_years(months)'], "in_years(months)")})
    assert decided(rulebook, months=Decimal(120)) == 20
    assert decided(rulebook, months=Decimal(240)) == 20


def test_a_table_in_csv(rules: Build) -> None:
    head = HEAD + "definitions:\n  x:\n    output: true\n    decide: {hit: unique, inputs: [sex, months], table: t.csv}\n"
    csv = '\ufeffsex,months,x\r\n"""male""",-,1\r\n"""female""",< 5,2\r\n"""female""","5, > 5",3\r\n'
    rulebook = rules({"a.yaml": head, "t.csv": csv})
    assert decided(rulebook, sex="female", months=Decimal(5)) == 3
    assert value(ask(rulebook, facts={"sex": "male"}), "x") == 1


def test_the_rows_that_were_hit_are_kept_for_the_trace(rules: Build) -> None:
    evaluation = ask(rules({"a.yaml": table("unique", ['"< 180", 1', '">= 180", 2'])}), facts={"months": Decimal(200)})
    assert [line for _, line in evaluation.case.rows_hit] == [13]


BANDS = (
    HEAD
    + parameters("scale:", "  unit: CNY/month", "  bands: [{above: 0, rate: 0.03}, {above: 3000, rate: 0.1}, {above: 12000, rate: 0.2}]")
    + "definitions:\n  x: {output: true, value: 'progressive(wage, scale)'}\n"
)


@pytest.mark.parametrize(
    ("wage", "charged"), [("-1", "0"), ("0", "0"), ("0.01", "0.0003"), ("3000", "90"), ("3000.01", "90.001"), ("12000", "990"), ("20000", "2590")]
)
def test_progressive_bands(rules: Build, wage: str, charged: str) -> None:
    assert decided(rules({"a.yaml": BANDS}), wage=Decimal(wage)) == Decimal(charged)
