"""What no file states: `eligible` of every scheme, and names that are not in force."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from app.language import Rulebook, ir
from tests.conftest import HEAD, TODAY
from tests.language.bad_file import definitions, parameters

Build = Callable[..., Rulebook]
Refused = Callable[..., list[str]]
OTHER = HEAD.replace("test.scheme", "test.other").replace("2000-01-01", "2010-01-01").replace("Test}", "Other}").replace("{zh: 测试", "{zh: 其他")
CONDITIONS = """\
eligibility:
  enough: {title: {zh: 足月, en: Enough}, holds: months >= 180}
  aged: {title: {zh: 年龄, en: Aged}, holds: 'born <= date("1965-01-01")'}
"""
USER = definitions("entitled: {output: true, value: test.other.eligible}")
ELIGIBLE = ir.Name("test.other", "eligible")


def test_it_joins_the_conditions_as_amended(rules: Build) -> None:
    amended = "scheme: test.other\nin_force: {from: 2020-01-01}\namends: test.other@2010-01-01\nsource: {instrument: 修订}\neligibility:\n  insured_now: {title: {zh: 参保, en: Insured}, holds: insured}\n"
    rulebook = rules({"a.yaml": HEAD + USER, "b.yaml": OTHER + CONDITIONS, "c.yaml": amended})
    for day, names in ((date(2015, 1, 1), "enough and aged"), (TODAY, "enough and aged and insured_now")):
        version = rulebook.at(day).definition(ELIGIBLE).versions[0]
        clause = version.lowered.clause
        assert clause.body is not None and getattr(clause.body, "text", "") == names
        assert [node.name.local for node in ir.walk(version.body) if isinstance(node, ir.DefinitionRef)] == names.split(" and ")
    title = rulebook.at(TODAY).definition(ELIGIBLE).title
    assert (title.zh, title.en) == ("可以享受其他", "Entitled to Other")


def test_of_a_scheme_without_conditions_and_of_one_not_in_force(rules: Build) -> None:
    rulebook = rules({"a.yaml": HEAD + USER, "b.yaml": OTHER})
    bodies = [rulebook.at(day).definition(ELIGIBLE).versions[0].body for day in (date(2009, 12, 31), date(2010, 1, 1))]
    assert [getattr(body, "value", None) for body in bodies] == [False, True]


def test_a_scheme_that_has_ended_entitles_nobody(rules: Build) -> None:
    ended = OTHER.replace("2010-01-01}", "2010-01-01, to: 2012-12-31}") + CONDITIONS
    rulebook = rules({"a.yaml": HEAD + USER, "b.yaml": ended})
    assert [ELIGIBLE in rulebook.at(day).derived for day in (date(2012, 12, 31), date(2013, 1, 1))] == [True, True]
    assert getattr(rulebook.at(date(2013, 1, 1)).definition(ELIGIBLE).versions[0].body, "value", None) is False


def test_names_of_another_scheme_need_not_be_in_force(refused: Refused) -> None:
    text = definitions(
        "a: {unit: CNY, value: test.other.paid}", "b: {unit: CNY, value: test.other.cap * 2}", "c: {value: 'at(test.other.rate, 2010)'}",
        "d: {unit: CNY, value: 'progressive(test.other.paid, test.other.scale)'}", "e: {value: count(test.other.listed)}",
    )  # fmt: skip
    other = OTHER + parameters("cap: {unit: CNY, value: 5}", "rate: {by: year, values: {2010: 1}}", "scale: {unit: CNY, bands: [{above: 0, rate: 0.1}]}")
    other += definitions("paid: {unit: CNY, value: '1 * cap'}", "listed: {value: records.year}")
    assert refused({"a.yaml": HEAD + text, "b.yaml": other}) == []


def test_a_loop_variable_may_not_be_called_eligible(refused: Refused) -> None:
    assert refused({"a.yaml": HEAD + definitions("x: {value: 'sum(for eligible in [1] return eligible)'}")}) == [
        "a.yaml:6: the variable 'eligible' hides another 'eligible'. Choose another name."
    ]


def test_a_fact_may_not_be_called_eligible(refused: Refused) -> None:
    assert refused({}, facts="facts: {eligible: {type: boolean, title: {zh: 甲, en: A}}}") == [
        "facts.yaml:1: 'eligible' is what every scheme has of itself and cannot name a fact. Choose another name."
    ]
