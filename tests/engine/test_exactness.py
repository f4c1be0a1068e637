"""Certified decimals and exact fractions never decide differently, and no binary float takes part."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.engine import Engine, Evaluation, Request
from app.engine.numbers import CERTIFIED, RATIONAL, Undecided, show
from app.language import load_rulebook
from app.language.ir import ROUNDING_MODES
from tests.conftest import HEAD, NAME, TODAY, ask, value, write
from tests.language.feel import evaluate

BOUNDED = settings(max_examples=150, deadline=None, derandomize=True)
STEPS = [Decimal(step) for step in ("1", "2", "5", "0.5", "0.2", "0.1", "0.01", "0.05", "10", "100", "0.0001")]


def decide(text: str) -> Any:
    """An expression's value as the engine computes it: in decimals, or in fractions where these cannot decide."""
    try:
        return evaluate(text, arithmetic=CERTIFIED)
    except (Undecided, ArithmeticError):
        return evaluate(text, arithmetic=RATIONAL)


# -- rounding -------------------------------------------------------------------------------------


def by_definition(number: Fraction, step: Decimal, mode: str) -> Fraction:
    """Rounding written out from what its name means."""
    unit = Fraction(step)
    low = (number / unit).__floor__()
    down, up = low * unit, (low + 1) * unit
    if down == number:
        return down
    inner, outer = (down, up) if number > 0 else (up, down)
    if mode in ("floor", "ceiling", "down", "up"):
        return {"floor": down, "ceiling": up, "down": inner, "up": outer}[mode]
    if number - down != up - number:
        return down if number - down < up - number else up
    return {"half up": outer, "half down": inner, "half even": down if low % 2 == 0 else up}[mode]


def certified(number: Fraction, step: Decimal, mode: str) -> Fraction:
    with CERTIFIED.context():
        try:
            quotient = CERTIFIED.divide(Decimal(number.numerator), Decimal(number.denominator))
            assert quotient is not None
            return Fraction(CERTIFIED.round_to(quotient, step, mode))
        except Undecided:
            return Fraction(RATIONAL.round_to(number, step, mode))


@BOUNDED
@given(st.fractions(-(10**9), 10**9, max_denominator=2400), st.sampled_from(STEPS), st.sampled_from(ROUNDING_MODES))
@example(Fraction(1, 8), Decimal("0.01"), "half up")
@example(Fraction(-1, 200), Decimal("0.01"), "half even")
@example(Fraction(0), Decimal("0.5"), "up")
def test_rounding(number: Fraction, step: Decimal, mode: str) -> None:
    wanted = by_definition(number, step, mode)
    assert RATIONAL.round_to(number, step, mode) == wanted
    assert certified(number, step, mode) == wanted


@pytest.mark.parametrize("mode", ROUNDING_MODES)
@pytest.mark.parametrize("step", STEPS, ids=str)
@pytest.mark.parametrize("halves", [-5, -3, -2, -1, 0, 1, 2, 3, 5])
def test_ties_and_multiples(halves: int, step: Decimal, mode: str) -> None:
    number = Fraction(step) * halves / 2
    assert certified(number, step, mode) == by_definition(number, step, mode)


# -- expressions ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Formula:
    """An expression and its value, computed here in fractions."""

    text: str
    value: Fraction | None


def _of(number: Decimal) -> Formula:
    return Formula(f"({number})" if number < 0 else str(number), Fraction(number))


LEAVES = st.one_of(
    st.integers(-12, 400).map(lambda number: _of(Decimal(number))),
    st.integers(-999, 99999).map(lambda cents: _of(Decimal(cents) / 100)),
    st.sampled_from([_of(Decimal(number)) for number in ("139", "12", "3", "7", "0.005", "1.005", "2.675", "0", "0.08")]),
)
OPERATIONS: dict[str, Callable[[Fraction, Fraction], Fraction | None]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b if b else None,
}


def _combined(parts: tuple[Formula, str, Formula]) -> Formula:
    left, symbol, right = parts
    if symbol == "/" and right.text in ("0", "(0)", "0.00"):
        symbol = "*"
    both = left.value is not None and right.value is not None
    return Formula(f"({left.text} {symbol} {right.text})", OPERATIONS[symbol](left.value, right.value) if both else None)  # type: ignore[arg-type]


def _rounded(parts: tuple[Formula, str, int]) -> Formula:
    inner, mode, digits = parts
    step = Decimal(1).scaleb(-digits)
    return Formula(f"round_{mode.replace(' ', '_')}({inner.text}, {digits})", None if inner.value is None else by_definition(inner.value, step, mode))


def _chosen(parts: tuple[Formula, str, Formula, Formula, Formula]) -> Formula:
    left, op, right, then, other = parts
    text = f"(if {left.text} {op} {right.text} then {then.text} else {other.text})"
    if left.value is None or right.value is None:
        return Formula(text, None)
    held = {"<": left.value < right.value, "=": left.value == right.value, ">=": left.value >= right.value}[op]
    return Formula(text, then.value if held else other.value)


def _grown(inner: st.SearchStrategy[Formula]) -> st.SearchStrategy[Formula]:
    return st.one_of(
        st.tuples(inner, st.sampled_from("+-*/"), inner).map(_combined),
        st.tuples(inner, st.sampled_from(["half up", "half even", "half down", "up", "down"]), st.integers(0, 3)).map(_rounded),
        st.tuples(inner, st.sampled_from(["<", "=", ">="]), inner, inner, inner).map(_chosen),
    )


FORMULAS = st.recursive(LEAVES, _grown, max_leaves=8)


@BOUNDED
@given(FORMULAS)
def test_a_rounded_expression(formula: Formula) -> None:
    found = decide(f"round_half_up({formula.text}, 2)")
    wanted = None if formula.value is None else by_definition(formula.value, Decimal("0.01"), "half up")
    assert (None if found is None else Fraction(found)) == wanted
    assert not isinstance(found, float)


@BOUNDED
@given(FORMULAS, FORMULAS, st.sampled_from(["<", "<=", "=", "!=", ">", ">="]))
def test_a_comparison(left: Formula, right: Formula, op: str) -> None:
    found = decide(f"{left.text} {op} {right.text}")
    if left.value is None or right.value is None:
        assert found is None
    else:
        a, b = left.value, right.value
        assert found is {"<": a < b, "<=": a <= b, "=": a == b, "!=": a != b, ">": a > b, ">=": a >= b}[op]


@pytest.mark.parametrize(
    ("expression", "wanted"),
    [
        ("100 / 12 * 12 = 100", "true"),
        ("floor(100 / 12 * 12)", "100"),
        ("round_down(100 / 3 * 3 / 100, 2)", "1"),
        ("round_half_up(2.675 / 3 * 3, 2)", "2.68"),
        ("round_half_up(1 / 3 - 1 / 3 + 0.005, 2)", "0.01"),
        ("1 / (1 / 3 - 1 / 3)", "null"),
        ("[7, 8, 9][6 / 7 * 7 / 3]", "8"),
        ("at(base, 2023 / 7 * 7)", "6000"),
        ("100 / 7 * 7 in [99, 100]", "true"),
        ("list_contains([99, 100], 100 / 7 * 7)", "true"),
        ("count(distinct_values([1 / 3 * 3, 1]))", "1"),
        ("2 ** (6 / 7 * 7 / 3)", "4"),
        ("date(2025 / 7 * 7, 1, 1)", 'date("2025-01-01")'),
        ('year_month("2025-01") + 6 / 7 * 7', 'year_month("2025-07")'),
        ('add_months(date("2025-01-31"), 1 / 3 * 3)', 'date("2025-02-28")'),
        ('substring("abcdef", 6 / 7 * 7 / 3, 1)', '"b"'),
        ("sum(for i in 1..(9 / 7 * 7 / 3) return i)", "6"),
        ("modulo(100 / 7 * 7, 10)", "0"),
        ("(1 / 3) / (1 / 3) = 1", "true"),
        ("1.03 ** 40 / 1.03 ** 39 = 1.03", "true"),
    ],
)
def test_what_fractions_lose_in_decimals_is_not_lost(expression: str, wanted: str) -> None:
    found, expected = decide(expression), evaluate(wanted, arithmetic=RATIONAL)
    assert found == expected and (found is None) == (expected is None)


def test_exact_numbers_are_decided_in_decimals_after_an_inexact_division() -> None:
    assert evaluate("if 1 / 3 > 0 then floor(180 / 12) + round_up(0.5, 0) else 0", arithmetic=CERTIFIED) == 16


@pytest.mark.parametrize(
    ("number", "text"),
    [("0.00", "0.00"), ("-0.00", "0.00"), ("-0", "0"), ("1E+2", "100"), ("4321.10", "4321.10"), ("0.3333333333333333", "0.333333333333")],
)
def test_a_number_as_it_is_shown(number: str, text: str) -> None:
    assert show(Decimal(number)) == text


# -- an account with interest ---------------------------------------------------------------------

ACCOUNT = (
    HEAD
    + """\
parameters:
  rate:
    by: year
    values: {2001: 0.0225, 2002: 0.0198, 2003: 0.0571}
definitions:
  balance:
    unit: CNY
    output: true
    carry:
      each: r
      in: records
      start: 0
      next: previous * (1 + at(rate, r.year)) + r.paid * wage * 0.08 * (1 + at(rate, r.year) * (r.paid + 1) / in_months(2))
      round: {to: 0.01, mode: half up}
  history:
    unit: CNY
    output: true
    carry: {each: r, in: records, start: 0, next: "previous / 3 + 1", collect: true, round: none}
"""
)


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return Engine(load_rulebook(write(tmp_path_factory.mktemp("rules"), {"a.yaml": ACCOUNT})))


def credited(account: Engine, records: tuple[dict[str, Decimal], ...], wage: Decimal) -> Evaluation:
    return account.evaluate(Request(as_of=TODAY, schemes=(NAME,), facts={"records": records, "wage": wage}))


@settings(max_examples=25, deadline=None, derandomize=True)
@given(months=st.lists(st.integers(0, 12), max_size=3), cents=st.integers(100, 10**7))
def test_an_account_with_interest(account: Engine, months: list[int], cents: int) -> None:
    rates = {2001: Fraction("0.0225"), 2002: Fraction("0.0198"), 2003: Fraction("0.0571")}
    balance, history = Fraction(0), [Fraction(0)]
    for year, paid in enumerate(months, 2001):
        credit = paid * Fraction(cents, 100) * Fraction("0.08")
        balance = by_definition(balance * (1 + rates[year]) + credit * (1 + rates[year] * (paid + 1) / 24), Decimal("0.01"), "half up")
        history.append(history[-1] / 3 + 1)
    records = tuple({"year": Decimal(year), "paid": Decimal(paid)} for year, paid in enumerate(months, 2001))
    evaluation = credited(account, records, Decimal(cents) / 100)
    assert Fraction(value(evaluation, "balance")) == balance
    states = value(evaluation, "history")
    assert [abs(Fraction(state) - wanted) < Fraction(1, 10**60) for state, wanted in zip(states, history[1:], strict=True)] == [True] * len(months)


# -- no float anywhere ----------------------------------------------------------------------------


def test_a_rounded_number_of_any_size(tmp_path: Path) -> None:
    """Beyond 10**26 a case is computed in fractions; what was rounded is still written as the decimal it is."""
    rules = HEAD + "definitions:\n  x: {value: wage * wage * wage / 7, round: {to: 0.01, mode: half up}, output: true}\n"
    found = value(ask(load_rulebook(write(tmp_path, {"a.yaml": rules.replace("value: wage", "unit: CNY^3/month^3, value: wage")})), facts={"wage": Decimal("999999999.99")}), "x")
    assert isinstance(found, Decimal)
    assert abs(Fraction(found) - Fraction(Decimal("999999999.99")) ** 3 / 7) <= Fraction(1, 200)


def test_no_value_of_an_evaluation_is_a_float(account: Engine) -> None:
    records = tuple({"year": Decimal(year), "paid": Decimal(7)} for year in (2001, 2002, 2003))
    evaluation = credited(account, records, Decimal("5432.10"))
    assert not any(isinstance(each, float) for each in flat(evaluation.case.memo))
    assert "float" not in evaluation.program.sources()


def flat(values: Any) -> list[Any]:
    return [inner for each in values for inner in (flat(each) if isinstance(each, list | tuple) else [each])]
