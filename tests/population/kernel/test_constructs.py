"""Each construct of the rule language over columns of generated persons, compiled and exact; and what once went wrong."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from app.language.ir import ROUNDING_MODES
from app.population.engine import PopulationEngine
from app.population.kernel import KernelError
from tests.population.kernel.comparing import named
from tests.population.kernel.random_ground import FACTS, OTHER_SCHEMES, SCHEME
from tests.population.kernel.small import HABITS, QUESTION, TITLE, agree, batch_of, rulebook_of
from tests.population.persons import persons

EXPRESSIONS = {
    "sums": ["wide + fine", "money - wide", "wide * share", "-wide", "wide - wide", "money / share", "wide / around", "1 / (money - 5)", "vast * vast - vast", "huge * money * share", "vast + 0.000001"],
    "unlike divisors": ["money / 7 + fine / 7", "money / 7 + fine / 9", "(money / 7) / (fine / 3)", "or_else(money / 7, 2) * 7", "(if flag then money / 7 else fine) + money / 7", "sum(for r in rows return r.base / 7)", "sum(for r in rows return r.base / r.paid)"],
    "powers": ["wide ** 2", "wide ** 0", "share ** 12", "around ** -1", "(money / 3) ** 3", "unset_single ** 0", "wide ** 0.5"],
    "comparisons": [f"wide {sign} fine" for sign in ("=", "!=", "<", "<=", ">", ">=")] + ["money / 3 < wide / 7", "share * 3 = share + share + share", "vast > money", "wide between 0 and 10", "small in [2..60)", "small in (< 2, [5..9])", 'kind in ("a", "bb")', "born < claim", "begun <= any_month", "flag = open", "kind = mode", "kind != town"],
    "three values": ["flag and open", "flag or open", "not(flag)", "flag and open and wide > 0", "flag or open or wide > 0", "(flag and open) = null", "if flag then 1 else 2", "if flag then money else money", "or_else(wide, fine)", "or_else(unset_single, wide)", "wide = null", "rows = null", "rows[index > 1] = null", "file = null", "file.made != null"],
    "functions of numbers": ["abs(wide)", "floor(wide / 7)", "ceiling(wide / 7)", "modulo(wide, 7)", "modulo(wide, around)", "modulo(money, share)", "min(wide, fine, 3)", "max(wide, fine / 3)", "in_years(months)", "in_months(in_years(months))", "min(money / 3, fine / 7)"],
    "days": ["born.year", "month(claim)", "day(any_day)", "any_month.year", "begun.month", "born + duration(\"P1M\")", "claim - duration(\"P100Y\")", "any_day + duration(\"P4000Y\")", "any_day - duration(\"P9D\")", "add_months(any_day, months)", "add_months(any_month, months)", "begun + months", "begun - 1.9", "months_between(born, claim)", "years_between(claim, any_day)", "months_between(begun, any_month)", "days_between(born, claim)", "first_day(begun)", "last_day(any_month)", "year_month(any_day)", "date(the_year, small, around)", "date(2015, 2, small)", "claim - born > duration(\"P10000D\")", "born + (claim - born)", "max(born, claim)", "min(begun, any_month)", "begun - any_month", "as_of.year - born.year"],
    "texts": ["kind", "town", "region", "upper_case(kind)", "lower_case(kind)", "substring(region, 1, 2)", "substring(kind, -1, 1)", "substring(kind, 0, 1)", "string_length(kind)", 'contains(town, "31")', 'starts_with(region, "11")', 'ends_with(kind, "a")', "upper_case(lower_case(mode))", "if flag then kind else mode", 'upper_case("a1")', 'contains("110105", "01")', 'substring("社保局", 2, 9)'],
    "lists": ["count(rows)", "sum(rows.paid)", "sum(rows.index)", "mean(rows.paid)", "mean(rows.base)", "min(rows.index)", "max(rows.year)", "min(events.day)", "max(rows.day)", "count(distinct_values(rows.year))", "count(distinct_values(rows.tag))", "count(distinct_values(rows.index))", "sum(distinct_values(events.amount))", "list_contains(rows.year, the_year)", "list_contains(rows.tag, mode)", "small in rows.paid", "all(rows.sure)", "any(rows.sure)", "some r in rows satisfies r.index > 2", "every r in rows satisfies r.index > 2", "sum(lots.big)", "sum(for l in lots return l.size * l.price)", "max(for r in rows return at(unset, r.year))", "sum(for r in rows return at(unset, r.year))", "sum(for r in rows return sum(for s in rows[year < r.year] return s.paid))", "count(for i in small .. small + around return i)", "sum(for i in 1.5 .. share return i * i)", "count(for m in begun .. begun + months / 100 return m)", "sum([wide, fine, 3])", "min([unset_single, 3])", "sum(or_else(rows.index, rows.paid))", "count(if flag then rows.index else rows.paid)"],
    "sums of one of several": ["sum(for r in rows return or_else(r.index, r.base / r.paid) * r.paid)", "sum(for r in rows return or_else(r.index, r.base / 7) * r.year)", "sum(for r in rows[year > 2000] return or_else(r.base, or_else(r.index, wide)) * r.year)", "mean(for r in rows return or_else(r.base / r.paid, r.index))", "sum(for r in rows return or_else(r.base / 3, or_else(r.index, 1)) / 7)", "sum(for r in rows return or_else(r.index, at(by_year, r.year)) - wide)", "sum(for r in rows[index > 1] return or_else(r.base, 1 / r.index) * 2 + 1)", "mean(for r in rows return or_else(r.base, r.paid))", "sum(for r in rows return or_else(unset_single, r.base / r.paid))"],
    "what is read twice": ["or_else(money / 7, fine)", "at(by_year, the_year) * at(by_year, the_year) + (if flag then at(by_year, the_year) + e0 else e0) + or_else(e0, wide)", "(if open then at(coded, kind) else 0) + at(coded, kind)", "(if flag then count(rows) else 0) + count(rows) + (if not(flag) then count(rows) else 1)", "e0 + e0 * e0"],
    "filters": [f"count(rows[year {sign} the_year])" for sign in ("=", "!=", "<", "<=", ">", ">=")] + [f"count(rows[year >= the_year and year {sign} claim.year])" for sign in ("<", "<=", "=")] + [f"count(events[day {sign} claim])" for sign in ("=", "<", ">=")] + ["count(lots[size > 3])", "count(lots[size = small])", "count(rows[paid = small])", "sum(rows[index > 1].paid)", "count(rows[flag])", "sum(rows[paid > 3][year > 2000].paid)", "count(rows[year >= 2010][year = the_year])", 'count(events[tag = "x"])', "count(events[tag = mode])", "rows[paid = 12][1].year", "count(rows[year = unset_single])", "count(rows[year >= wide])"],
    "positions": ["rows[1].index", "rows[-1].year", "rows[small].paid", "rows[around].base", "rows[wide > 0][2].paid", "events[2].day", "rows.index[3]", "rows[huge].year", "lots[1].price", "rows[1].place", "events[-1].since"],
    "parameters": ["one", "minus * wide", "if yes then 1 else 2", "key_day", "key_month", "word", "unset_single", "at(unset, the_year)", "by_year", "at(by_year, the_year)", "at(with_gaps, the_year)", "at(by_year, wide)", "at(by_year, 2011 + small / 3)", "at(rungs, share)", "at(rungs, small / 3)", "at(stepped, wide)", "at(stepped, money / 7)", "at(stepped, vast)", "at(ages, months)", "at(since, claim)", "at(monthly, begun)", "at(monthly_exact, any_month)", "at(coded, kind)", "at(coded, town)", "at(coded_yes, kind)", "at(coded_day, mode)", "at(coded_word, rows[1].tag)", "progressive(money, scale)", "progressive(wide, low_scale)", "progressive(money / 7, scale)", "progressive(vast, scale)", "progressive(sum(for r in rows return r.base / r.paid), scale)", "at(grown, the_year)", "at(grown, the_year + share)", "at(grown_raw, the_year)", "at(set_on, the_year)", "at(set_on, 2018 + share)", "at(month_grown, begun)", "progressive(wide * wide * wide, scale)"],
}  # fmt: skip
ROUNDINGS = [(step, mode) for step in ("0.01", "0.5", "5", "10", "0.001", "2", "0.02") for mode in ROUNDING_MODES]


@pytest.mark.parametrize("expressions", EXPRESSIONS.values(), ids=EXPRESSIONS.keys())
def test_expressions(tmp_path: Path, expressions: list[str]) -> None:
    agree(rulebook_of(tmp_path, expressions))


@pytest.mark.parametrize("assumptions", [{"growth": Decimal("0.05"), "interest": Decimal("0.031")}, {"hold": True}, {"growth": Decimal("0.5"), "hold": True}], ids=str)
def test_series_that_assumptions_extend(tmp_path: Path, assumptions: dict[str, Any]) -> None:
    series = [text for text in EXPRESSIONS["parameters"] if "grown" in text or "set_on" in text]
    agree(rulebook_of(tmp_path, series), question=replace(QUESTION, assumptions=assumptions))


@pytest.mark.parametrize("expression", ["fine", "wide / 7", "money * share", "money * share / 12", "sum(rows.base) / sum(rows.paid)"])
def test_roundings(tmp_path: Path, expression: str) -> None:
    more = "".join(f"  r{number}: {{output: true, value: {expression}, round: {{to: {step}, mode: {mode}}}}}\n" for number, (step, mode) in enumerate(ROUNDINGS))
    agree(rulebook_of(tmp_path, [f"round_{mode}(({expression}), {digits})" for mode in ("half_up", "half_even", "up", "down") for digits in (0, 2, -2)], more=more))


@pytest.mark.parametrize("hit", ["unique", "any", "first", "priority", "rule order", "output order", "collect", "collect sum", "collect min", "collect max", "collect count"])
def test_decision_tables(tmp_path: Path, hit: str) -> None:
    lists = hit in ("rule order", "output order", "collect")
    priorities = ', priorities: ["3", "1", "2"]' if hit in ("priority", "output order") else ""
    outputs = {"any": ("1", "1", "1"), "unique": ("fine", "small", "money / 7")}.get(hit, ("1", "around", "3"))
    rows = [("< 2", "-", outputs[0]), ("[2..60.25)", "-", outputs[1]), (">= 60.25", "-", outputs[2])]
    if hit != "unique":
        rows += [("> 30", "true", "1" if hit == "any" else "2"), ("-", "false", "1" if hit == "any" else "around")]
    text = ", ".join("[" + ", ".join(f"'{cell}'" for cell in row) + "]" for row in rows)
    more = f"  t: {{{'' if lists else 'output: true, '}decide: {{hit: {hit}, inputs: [small, flag], rows: [{text}]{priorities}}}}}\n"
    agree(rulebook_of(tmp_path, ["count(t)", "t[1]", "t[2]", "t[-1]", "sum(t)"] if lists else [], more=more))


CARRIES = {
    "numbers": ("{each: r, in: rows, start: money, next: previous * 1.03 + r.paid * share, round: {to: 0.01, mode: half up}}", ["t", "t * 2"]),
    "unrounded": ("{each: r, in: rows, start: 0, next: previous + r.paid, round: none}", ["t"]),
    "beyond any range": ("{each: r, in: rows, start: money, next: previous * (1 + money), round: {to: 1, mode: down}}", ["t"]),
    "sequence": ("{each: y, in: 'the_year .. the_year + 5', start: wide, next: previous + y / 7, round: {to: 0.01, mode: half even}}", ["t"]),
    "states": ("{each: r, in: rows, start: 0, next: previous + r.base / 12, round: {to: 0.01, mode: half up}, collect: true}", ["count(t)", "sum(t)", "t[-1]", "t[2]", "max(t)"]),
    "records": ("{each: r, in: rows, start: '{n: money + 0, f: flag and open, d: add_months(born, 1)}', next: '{n: round_half_up(previous.n + r.base / 7, 2), f: r.sure and previous.f, d: add_months(previous.d, 7)}'}", ["t.n", "t.f", "t.d"]),
    "days": ("{each: r, in: rows, start: born, next: 'previous + duration(\"P1M\")'}", ["t"]),
    "truths": ("{each: r, in: rows, start: flag, next: previous and r.sure}", ["t"]),
    "a field that is what another was": ("{each: r, in: rows, start: '{a: 1, b: 2, f: flag, d: born}', next: '{a: previous.b + r.paid, b: previous.a, f: previous.d > claim, d: if previous.f then r.day else previous.d}'}", ["t.a", "t.b", "t.f", "t.d"]),
    "collected records": ("{each: r, in: rows, start: '{used: 0, paid: 0}', next: '{used: min(money, previous.used + r.base), paid: previous.paid + round_half_up(max(0, r.base - (money - previous.used)) * share, 2)}', collect: true}", ["count(t)", "t[-1].paid", "t[1].used", "sum(for s in t return s.paid)", "max(for s in t return s.used)", "count(t[paid > 0])"]),
    "a choice of records": ("{each: r, in: events, start: '{n: 0, last: null}', next: 'if r.tag = mode then {n: previous.n + r.amount, last: r.day} else {n: previous.n, last: previous.last}'}", ["t.n", "t.last", "t.last = null"]),
    "a record beyond any range": ("{each: r, in: rows, start: '{n: money}', next: '{n: round_half_up(previous.n * (1 + money), 2)}'}", ["t.n"]),
    "records over records": ("{each: s, in: states, start: '{n: 0, m: 0}', next: '{n: previous.n + s.paid, m: max(previous.m, s.left)}'}", ["t.n", "t.m", "sum(for s in states return s.paid)"]),
}
STATES = "  states: {carry: {each: r, in: rows, start: '{left: money, paid: 0}', next: '{left: previous.left - min(previous.left, r.base), paid: min(previous.left, r.base)}', collect: true}}\n"


@pytest.mark.parametrize(("body", "reads"), CARRIES.values(), ids=CARRIES.keys())
def test_carry(tmp_path: Path, body: str, reads: list[str]) -> None:
    agree(rulebook_of(tmp_path, reads, more=f"{STATES if 'states' in body else ''}  t: {{carry: {body}}}\n"))


FIRST_WORDINGS = """\
  listed: {value: 'rows[paid > 3].paid'}
  either: {value: rows.paid}
  single: {output: true, value: small}
  never: {output: true, value: small}
  record: {value: '{n: small, f: unset_flag}'}
"""
LATER_WORDINGS = f"""\
scheme: {SCHEME}
in_force: {{from: 2005-01-01}}
amends: {SCHEME}@2000-01-01
source: {{instrument: 后来的办法}}
definitions:
  listed: {{value: rows.paid, applies_when: wide > 0}}
  either: {{value: 'rows[paid > 3].paid', applies_when: unset_flag}}
  single: {{value: wide, applies_when: flag}}
  never: {{value: wide, applies_when: unset_flag}}
  record: {{value: '{{n: wide, f: flag}}', applies_when: open}}
"""


def test_wordings_for_some(tmp_path: Path) -> None:
    """The latest wording whose guard holds; unknown where a guard is, whatever the person before had."""
    parameters = "parameters:\n  unset_flag: {type: boolean}\n"
    reads = ["sum(listed)", "count(listed)", "sum(either)", "count(either) + count(either)", "sum(listed) + count(listed)", "record.n", "record.f", "if unset_flag then 1 else 2", "unset_flag and flag"]
    agree(rulebook_of(tmp_path, reads, more=FIRST_WORDINGS, parameters=parameters, files={"later.yaml": LATER_WORDINGS}))


def test_items_of_lists_that_nobody_has(tmp_path: Path) -> None:
    """Without an item there is no memory to read a position from."""
    rulebook = rulebook_of(tmp_path, ["rows[1].index", "rows[-1].day", "rows[2].tag", "lots[1].big", "max(rows.year)"])
    agree(rulebook, [batch_of(rulebook, [{"rows": [], "lots": []}, {"rows": None}])])


def test_a_figure_too_large_for_its_column_refuses_the_row(tmp_path: Path) -> None:
    rulebook = rulebook_of(tmp_path, ["vast * vast"], more="  r: {output: true, value: vast * vast * 1000, round: {to: 1, mode: down}}\n")
    rows: list[dict[str, Any]] = [{"vast": "999999999999999"}, {"vast": "1000.000001"}]
    agree(rulebook, [batch_of(rulebook, rows)])
    assert [each.row for each in PopulationEngine(rulebook, QUESTION, threads=1).evaluate(batch_of(rulebook, rows)).rejects] == [0]


def test_an_unknown_key_spoils_only_lists_with_items_it_decides(tmp_path: Path) -> None:
    rulebook = rulebook_of(tmp_path, ["count(rows[year = the_year])", "count(rows[year >= the_year])", "count(rows[year >= 2010 and year <= the_year])", "count(rows[paid = the_year])"])
    row = {"paid": 1, "index": "1"}
    agree(rulebook, [batch_of(rulebook, [{"rows": []}, {"rows": [{"year": 2000, **row}]}, {"rows": [{"year": 2000, **row}, {"year": 2011, **row}]}])])


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("wide ** small", "a power whose exponent"),
        ("contains(kind, mode)", "not written out"),
        ("count(distinct_values(rows.sure))", "distinct_values of yes/no values"),
        ("count(distinct_values(for r in rows return r.base / r.paid))", "distinct_values of such items"),
        ("rows.paid[wide]", "a position that may not be a whole number"),
    ],
)
def test_what_cannot_be_compiled_is_named(tmp_path: Path, expression: str, said: str) -> None:
    rulebook = rulebook_of(tmp_path, ["wide", expression])
    with pytest.raises(KernelError, match=said) as refused:
        PopulationEngine(rulebook, QUESTION, threads=1)
    assert named(refused.value) == {"test.random.e1"}
    agree(rulebook_of(tmp_path, ["wide"]))


def test_conditions_and_benefits(tmp_path: Path) -> None:
    rules = f"""eligibility:
  old_enough: {{{TITLE}, holds: small >= 60}}
  insured: {{{TITLE}, holds: flag or open}}
benefits:
  amount: {{{TITLE}, value: money / 139, round: {{to: 0.01, mode: half up}}}}
  begins: {{{TITLE}, value: begun + months}}
  listed: {{{TITLE}, value: rows.index}}
  named: {{{TITLE}, value: kind}}
  stays: {{{TITLE}, value: open}}
"""
    agree(rulebook_of(tmp_path, ["money / 139"], more=rules, facts=FACTS))


TABLES = f"""  outcome: {{output: true, value: '{{n: money / 7, f: flag, d: born}}'}}
  yearly: {{output: true, value: 'for r in rows return {{year: r.year, amount: round_half_up(or_else(r.base, money) / 7, 2), sure: r.sure, day: r.day}}'}}
benefits:
  table: {{{TITLE}, value: 'for r in rows[index > 1] return {{year: r.year, amount: round_half_up(r.index * money, 2), day: r.day}}'}}
  record: {{{TITLE}, value: 'if flag then {{n: money, d: claim}} else null'}}
  amount: {{{TITLE}, value: 'sum(for y in yearly return y.amount) + count(table)'}}
"""


def test_tables_and_records_are_no_columns_but_have_to_be_known(tmp_path: Path) -> None:
    rulebook = rulebook_of(tmp_path, ["count(yearly)", "max(for y in yearly return y.amount)", "outcome.n"], more=TABLES)
    agree(rulebook)
    names = PopulationEngine(rulebook, QUESTION, threads=1).schema.names
    assert names == [f"{SCHEME}.{name}" for name in ("status", "amount", "e0", "e1", "e2")]


OTHER_EXPRESSIONS = [
    "test.other.eligible", "if test.other.eligible then wide else fine", "or_else(test.other.eligible, open)", "test.other.eligible = null",
    "test.later.eligible", "not(test.later.eligible) and flag", "test.ended.eligible", "test.later.due", "or_else(test.later.due, wide)",
    "test.later.fee * 2", "progressive(wide, test.later.toll)", "or_else(progressive(wide, test.later.toll), fine)", "count(rows[index > test.later.fee])",
]  # fmt: skip


def test_other_schemes_in_force_or_not(tmp_path: Path) -> None:
    """Three-valued, by place: one is amended in Shanghai; two are not in force on the day."""
    rulebook = rulebook_of(tmp_path, OTHER_EXPRESSIONS, files=OTHER_SCHEMES)
    agree(rulebook, [persons(rulebook.facts, 200, seed, regions=("000000", "310000", "310115"), habits=habits) for seed, habits in enumerate(HABITS)])


def test_being_entitled_may_be_given(tmp_path: Path) -> None:
    rulebook = rulebook_of(tmp_path, OTHER_EXPRESSIONS, files=OTHER_SCHEMES)
    batch = persons(rulebook.facts, 90, 5, habits=HABITS[1])
    for name in ("other", "later"):
        values = pa.array([(None, True, False)[(row + len(name)) % 3] for row in range(90)], pa.bool_())
        batch = batch.append_column(f"given.test.{name}.eligible", values)
    agree(rulebook, [batch])
