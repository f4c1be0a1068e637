"""The expression language: literals, operators, three-valued logic, lists, dates and units."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import product
from typing import Any

import pytest

from app.language import YearMonth
from app.language.errors import ExpressionError
from app.language.parser import parse_expression
from tests.language.feel import evaluate, lower, same

FACTS: dict[str, Any] = {
    "wage": Decimal("5000.00"),
    "months": Decimal(180),
    "sex": "male",
    "born": date(1965, 5, 12),
    "claim_month": YearMonth.parse("2025-08"),
    "insured": True,
    "place": "110000",
    "records": (
        {"year": Decimal(2001), "paid": Decimal(12), "index": Decimal("1.1")},
        {"year": Decimal(2002), "paid": Decimal(6)},
        {"year": Decimal(2003), "paid": Decimal(12), "index": Decimal("0.6")},
    ),
}

SAME = [
    # literals
    ("1.10", "1.1"),
    ('"\\u793e\\n"', '"社\\n"'),
    ('@"2025-01-31"', 'date("2025-01-31")'),
    ('@"P1Y6M"', 'duration("P18M")'),
    ('@"-P10D"', 'duration("-P10D")'),
    ("{a: 1, b: {c: 2}}.b.c", "2"),
    ("1 // a remark\n + 1", "2"),
    # precedence
    ("1 + 2 * 3", "7"),
    ("(1 + 2) * 3", "9"),
    ("10 - 3 - 2", "5"),
    ("100 / 10 / 2", "5"),
    ("2 * 3 ** 2", "18"),
    ("-2 ** 2", "4"),
    ("2 ** 3 ** 2", "512"),
    ("2 ** -2", "0.25"),
    ("0 ** 0", "1"),
    ("0 ** -1", "null"),
    ("4 ** 0.5", "null"),
    ("--3", "3"),
    ("1 - -1", "2"),
    ("not(true) or true", "true"),
    ("true or false and false", "true"),
    ("1 < 2 and 2 < 3", "true"),
    ("if true then 1 else 2 + 3", "1"),
    ("(if false then 1 else 2) + 3", "5"),
    # exact numbers
    ("0.1 + 0.2 = 0.3", "true"),
    ("1.10 = 1.1", "true"),
    # comparisons and ranges
    ("5 between 1 and 5", "true"),
    ("5 between 6 and 9", "false"),
    ("5 in [1..5]", "true"),
    ("5 in [1..5)", "false"),
    ("5 in (5..6]", "false"),
    ("5 in (1, 5, 9)", "true"),
    ("5 in (< 3, [7..9])", "false"),
    ("5 in (< 3, >= 5)", "true"),
    ("5 in [1, 5]", "true"),
    ("5 in (5)", "true"),
    ('sex in ("male", "female")', "true"),
    ("2002 in records.year", "true"),
    ('date("2025-01-01") in [date("2024-01-01")..date("2025-01-01")]', "true"),
    ('"a" = "a" and "a" != "b"', "true"),
    # comparisons with null
    ("null = null", "true"),
    ("1 = null", "false"),
    ("1 != null", "true"),
    ("records[2].index = null", "true"),
    ("records[1].index != null", "true"),
    ('"a" = null', "false"),
    ('"a" != null', "true"),
    ('not("a" = null)', "true"),
    ("@\"2025-01-31\" != null", "true"),
    ('duration("P1M") != null', "true"),
    ('or_else("a", "b")', '"a"'),
    ('or_else("a", null)', '"a"'),
    ('or_else(null, "b")', '"b"'),
    ("or_else(null, 2) + 1", "3"),
    ("or_else(null, null)", "null"),
    ("or_else(count_of_children, 2)", "2"),
    # if
    ("if 1 = 1 then 2 else null", "2"),
    # lists
    ("for x in [1, 2, 3] return x * x", "[1, 4, 9]"),
    ("for x in [1, null] return x + 1", "[2, null]"),
    ("for i in 1..3 return i", "[1, 2, 3]"),
    ("for i in 0.5..2.5 return i", "[1, 2]"),
    ("count(for i in 3..1 return i)", "0"),
    ('for m in year_month("2024-12")..year_month("2025-01") return m.month', "[12, 1]"),
    ("for x in [1, 2] return for y in [10, 20] return x + y", "[[11, 21], [12, 22]]"),
    ("sum(for x in [1, 2] return sum(for y in [x, 10] return x * y))", "1 + 10 + 4 + 20"),
    ("sum(for r in records return r.paid)", "30"),
    ("sum(records.paid)", "30"),
    ("records.year", "[2001, 2002, 2003]"),
    ("records[paid = 12].year", "[2001, 2003]"),
    ("records[item.paid < 12].year", "[2002]"),
    ("records[paid < 12][1].year", "2002"),
    ("records[year = 2002][1].paid", "6"),
    ("count(records[year = 1990])", "0"),
    ("records[-1].year", "2003"),
    ("records[4]", "null"),
    ("records[0]", "null"),
    ("[5, 6, 7][2]", "6"),
    ("[5, 6, 7][2.5]", "null"),
    ("[5, 6, 7][1 + 1]", "6"),
    # positions counted off by a loop
    ("for i in 1..3 return [5, 6, 7][i]", "[5, 6, 7]"),
    ("for i in 1..3 return [5, 6, 7][i - 1]", "[null, 5, 6]"),
    ("for i in 1..3 return [5, 6, 7][i + 1]", "[6, 7, null]"),
    ("for i in 1..3 return [5, 6, 7][i + 1 - 2]", "[null, 5, 6]"),
    ("for i in 1..3 return [5, 6, 7][1 + i]", "[6, 7, null]"),
    ("for i in -4..4 return [5, 6, 7][i]", "[null, 5, 6, 7, null, 5, 6, 7, null]"),
    ("for i in 1..3 return [5, 6, 7][i - 4]", "[5, 6, 7]"),
    ("for i in 1..3 return [5, 6, 7][i - 9]", "[null, null, null]"),
    ("for i in 1..3 return [5, 6, 7][i + 9]", "[null, null, null]"),
    ("for i in 1..3 return [5, 6, 7][i + 0.5]", "[null, null, null]"),
    ("for i in 1..3 return [5, 6, 7][i + 0.5 - 0.5]", "[5, 6, 7]"),
    ("for i in 1..3 return [5, 6, 7][i / 2]", "[null, 5, null]"),
    ("for i in 0.5..2.5 return [5, 6, 7][i + 1]", "[6, 7]"),
    ("for i in [1, 2.5] return [5, 6, 7][i]", "[5, null]"),
    ("for i in 1..2 return for j in 1..2 return [5, 6, 7][i + j]", "[[6, 7], [7, null]]"),
    ("for i in 1..2 return [5, 6, 7][i + sum(for j in 1..1 return j / 2)]", "[null, null]"),
    ("sum(for i in 1..2 return i) + sum(for i in [1, 2.5] return or_else([5, 6, 7][i], 0))", "8"),
    ("for i in 1..4 return records[i].year", "[2001, 2002, 2003, null]"),
    ("for i in 1..0 return [5, 6, 7][i]", "[5, 6][item > 9]"),
    ("[5, 6, 7][item > 5]", "[6, 7]"),
    ("count([1, null][item > 0])", "null"),
    ("[1, 2, 3][item > 1][item < 3]", "[2]"),
    ("[1, null, 3][item > 1]", "null"),
    ("records[index > 1]", "null"),
    ("records[index != null].year", "[2001, 2003]"),
    ("some x in [1, 2] satisfies x > 1", "true"),
    ("every x in [1, 2] satisfies x > 1", "false"),
    ("some x in [1, null] satisfies x > 5", "null"),
    ("some x in [9, null] satisfies x > 5", "true"),
    ("every x in [9, null] satisfies x > 5", "null"),
    ("every x in [1, null] satisfies x > 5", "false"),
    ("every x in [1][item > 5] satisfies x > 5", "true"),
    ("some r in records satisfies r.year = 2002", "true"),
    # dates
    ("born.year + 1", "1966"),
    ("born.month", "5"),
    ("born.day", "12"),
    ('date("2025-01-31") + duration("P1M")', 'date("2025-02-28")'),
    ('date("2025-03-31") - duration("P1M")', 'date("2025-02-28")'),
    ('date("2024-02-28") + duration("P2D")', 'date("2024-03-01")'),
    ('date("2024-03-01") - date("2024-02-28") = duration("P2D")', "true"),
    ('duration("P1Y") + duration("P6M") = duration("P18M")', "true"),
    ('duration("P1D") < duration("P2D")', "true"),
    ('-duration("P1M") = duration("-P1M")', "true"),
    ("year_month(born) + 60 * 12", 'year_month("2025-05")'),
    ('year_month("2025-01") - 1', 'year_month("2024-12")'),
    ('year_month("2025-03") - year_month("2024-03")', "12"),
    ('claim_month >= year_month("2025-08")', "true"),
    ('year_month("9999-12") + 1', "null"),
    ('first_day(year_month("0001-01") - 1)', "null"),
    ('add_months(date("2025-01-01"), 200000)', "null"),
    ('add_days(date("2025-01-01"), 4000000)', "null"),
    ('add_days(date("2025-01-01"), -800000)', "null"),
    ('date("9999-12-31") + duration("P1D")', "null"),
    ('add_months(date("2025-01-31"), 1.9)', 'date("2025-02-28")'),
    ("as_of", 'date("2025-06-01")'),
    ("region", '"000000"'),
    # parts of a text
    ('substring("abcdef", 1, 1)', '"a"'),
    ('substring("abcdef", 1, 6)', '"abcdef"'),
    ('substring("abcdef", 6, 1)', '"f"'),
    ('substring("abcdef", 5, 9)', '"ef"'),
    ('substring("abcdef", 7, 1)', '""'),
    ('substring("abcdef", 99, 1)', '""'),
    ('substring("abcdef", 2, 0)', '""'),
    ('substring("abcdef", 2, -1)', '""'),
    ('substring("abcdef", 2.9, 2.9)', '"bc"'),
    ('substring("abcdef", 0.9, 2)', 'substring("abcdef", 0, 2)'),
    ('substring("abcdef", -1, 1)', '"f"'),
    ('substring("abcdef", -6, 2)', '"ab"'),
    ('substring("abcdef", -9, 2)', '"ab"'),
    ('substring("社保局", 2, 1)', '"保"'),
    ('substring("", 1, 1)', '""'),
    ("substring(place, 1, 2)", '"11"'),
    ("substring(place, 5, 9)", '"00"'),
    # units
    ("wage + 1", "5001"),
    ("wage * months / 2", "450000"),
    ("in_years(months) * 2", "30"),
    ("max(wage, 0)", "5000"),
    ("if insured then wage else 0", "5000"),
    ("rate * wage", "400"),
    ("twice + rate", "2.08"),
    ("at(base, 2024) * 2", "13001"),
    # unknown operands
    ("min(1, null)", "null"),
    ("floor(null)", "null"),
    ('starts_with(null, "a")', "null"),
    ("1 / (1 - 1)", "null"),
    ("modulo(1, 1 - 1)", "null"),
]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(("expression", "expected"), SAME, ids=[expression for expression, _ in SAME])
def test_means_the_same(expression: str, expected: str) -> None:
    same(expression, expected, FACTS)


TRUTH = {"true": True, "false": False, "null": None}


@pytest.mark.parametrize(("left", "right"), list(product(TRUTH, TRUTH)))
def test_three_valued_logic(left: str, right: str) -> None:
    a, b = TRUTH[left], TRUTH[right]
    both = False if False in (a, b) else None if None in (a, b) else True
    either = True if True in (a, b) else None if None in (a, b) else False
    assert evaluate(f"{left} and {right}") is both
    assert evaluate(f"{left} or {right}") is either
    assert evaluate(f"not({left})") is (None if a is None else not a)


@pytest.mark.parametrize(("value", "known"), [(True, True), (False, False), (None, None)])
def test_a_fact_that_is_not_given_is_unknown(value: bool | None, known: bool | None) -> None:
    facts = {} if value is None else {"insured": value}
    assert evaluate("insured", facts) is known
    assert evaluate("insured or 1 = 1", facts) is True
    assert evaluate("insured and 1 = 2", facts) is False


@pytest.mark.parametrize("op", ["=", "!=", "<", "<=", ">", ">="])
def test_comparing_with_an_unknown_fact_is_unknown(op: str) -> None:
    assert evaluate(f"wage {op} 1") is None
    assert evaluate(f"1 {op} wage") is None


def test_if_with_an_unknown_condition_is_unknown_even_where_both_branches_agree() -> None:
    assert evaluate("if insured then 1 else 1") is None


def test_every_operand_is_read_so_that_all_that_is_missing_can_be_named() -> None:
    assert evaluate("in_years(months) + count_of_children * in_years(months)") is None


REFUSED = [
    ("1 + ", "'1 +' ends too early."),
    ("1 1", "'1 1' makes no sense from '1' on."),
    ("wage + months", "CNY/month cannot be added to month. Both sides of '+' need the same unit."),
    ("wage - months", "month cannot be subtracted from CNY/month. Both sides of '-' need the same unit."),
    ("wage > months", "CNY/month cannot be compared with month."),
    ("wage = sex", "number of CNY/month cannot be compared with one of male, female."),
    ('sex = "mole"', '"mole" is not one of the values male, female.'),
    ('sex < "male"', "'<' does not work on one of male, female. Only numbers, dates, months and durations have an order."),
    ('born = "2025-01-01"', 'date cannot be compared with one of 2025-01-01. Write a date as date("2025-01-01").'),
    ("born > claim_month", "date cannot be compared with calendar month. Turn the date into its month with year_month(...)."),
    ("born + 1", "'+' does not work on date and number. Use add_days(date, days), add_months(date, months) or a duration."),
    ("wage < null", "null has no order. Ask '= null' or '!= null' instead of '< null'."),
    ("not(wage)", "'not' needs a condition that is true or false, not number of CNY/month."),
    ("wage and insured", "'and' needs a condition that is true or false, not number of CNY/month."),
    ('if insured then 1 else "a"', "both branches of 'if' need one type and unit, not number and one of a."),
    ("for x in wage return x", "'for' runs over a list, not number of CNY/month."),
    ("for wage in [1] return wage", "the variable 'wage' hides another 'wage'. Choose another name."),
    ("for rate in [1] return rate", "the variable 'rate' hides another 'rate'. Choose another name."),
    ("for x in [1] return for x in [2] return x", "the variable 'x' hides another 'x'. Choose another name."),
    ("for year in [2001] return records[year = year]", "'year' could be the item's field or the variable. Write item.year or rename the variable."),
    ("records[item.paid]", "a position in [...] cannot depend on the item. Write a condition, such as [item > 0]."),
    ("records[yeer = 1]", "unknown name 'yeer'."),
    ("records.yeer", "record {year, paid, index} has no part 'yeer'. Did you mean 'year'?"),
    ('[1, "a"]', "a list needs items of one type, not number and one of a."),
    ("[]", "an empty list has no type here. Use a filter that finds nothing, or leave it out."),
    ("{a: 1, a: 2}", "the record names 'a' twice."),
    ("1 / 0", "division by 0 has no value. Divide by something else."),
    ("wage ** months", "only a pure number can be raised to a power that is not fixed; here CNY/month ** month."),
    ('date("2025-02-30")', '"2025-02-30" is not a date that exists. Write it as date("2025-01-31").'),
    ('year_month("2025-13")', '"2025-13" is not a month. Write it as YYYY-MM, such as year_month("2025-01").'),
    ('duration("1 year")', '"1 year" is not a duration. Write "P1Y6M" (years, months) or "P10D" (days).'),
    ("rond_half_up(1, 2)", "unknown function 'rond_half_up'. Did you mean 'round_half_up'?"),
    ("abs(1, 2)", "abs(n) takes 1 value, not 2."),
    ("round_half_up(1.5, months)", "how many decimals to keep must be a whole number between -12 and 12, written out."),
    ("base", "'base' has a value for each number. Say which: at(base, ...), or give the parameter a line 'at:'."),
    ("scale", "'scale' is a scale of bands. Use progressive(amount, scale)."),
    ("at(rate, 2024)", "'rate' has one value for all times. Use it without at(...)."),
    ("at(wage, 2024)", "at(parameter, key): 'wage' is not a parameter."),
    ("progressive(wage, scale)", "the bands of 'scale' are in number of CNY, the amount is number of CNY/month."),
    ("1 + null", "'+' does not work on number and null."),
    ("5 in ]4..6[", "'5 in ]4..6[' makes no sense from ']' on."),
    ("1.e3", "number has no part 'e3'."),
    ("1e3", "'1e3' makes no sense from 'e3' on."),
    (".5", "'.5' makes no sense from '.' on."),
    ("1_000", "'1_000' makes no sense from '_000' on."),
]


@pytest.mark.parametrize(("expression", "message"), REFUSED, ids=[expression for expression, _ in REFUSED])
def test_is_refused(expression: str, message: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        lower(expression)
    assert caught.value.message.startswith(message)


@pytest.mark.parametrize(
    "expression", ["- " * 100 + "1", " + ".join(["1"] * 80), "if true then 1 else " * 80 + "2", "a" + ".b" * 80, "not(" * 70 + "true" + ")" * 70]
)
def test_nesting_is_bounded(expression: str) -> None:
    with pytest.raises(ExpressionError, match=r"limit is 60|deeper than 60"):
        parse_expression(expression)


@pytest.mark.parametrize(
    "expression", [" + ".join(["wage"] * 58), "if insured then 1 else " * 55 + "2", "abs(" * 55 + "wage" + ")" * 55, " or ".join(["insured"] * 200)]
)
def test_what_the_bound_allows_also_compiles(expression: str) -> None:
    assert evaluate(expression, FACTS) is not None


def test_a_local_name_never_meets_a_name_of_the_generated_code() -> None:
    for name in ("K0", "t1", "c", "lambda", "facts_get", "d0", "x²", "社"):
        assert evaluate(f"sum(for {name} in [1, 2] return {name} + 5)") == 13
