"""Every check of the rule files refuses a bad file with the exact message: file, line, what is wrong, what to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from tests.conftest import HEAD
from tests.language import bad_clauses, bad_files
from tests.language.bad_file import Bad, definitions

ALL = [*bad_files.BAD, *bad_clauses.BAD]
Refused = Callable[..., list[str]]


@pytest.mark.parametrize("bad", ALL, ids=[bad.name for bad in ALL])
def test_message(refused: Refused, bad: Bad) -> None:
    assert refused(bad.files) == bad.messages


def test_every_fault_of_every_file_is_reported_at_once(refused: Refused) -> None:
    files: Mapping[str, str] = {"b.yaml": HEAD + definitions("x: {value: wagee}", "y: {value: mnths}")}
    assert refused(files) == ["b.yaml:6: unknown name 'wagee'. Did you mean 'wage'?", "b.yaml:7: unknown name 'mnths'. Did you mean 'months'?"]


def test_a_fault_in_a_definition_is_reported_once_however_many_use_it(refused: Refused) -> None:
    files: Mapping[str, str] = {"a.yaml": HEAD + definitions("x: {value: wagee}", "y: {value: x + 1}", "z: {value: x + y}")}
    assert refused(files) == ["a.yaml:6: unknown name 'wagee'. Did you mean 'wage'?"]


def test_no_dictionary(refused: Refused) -> None:
    assert refused({}, facts="facts: {x: {type: numbr, title: {zh: 甲, en: A}}}") == [
        "facts.yaml:1: 'numbr' is not a type of fact. Types: enum, date, month, whole, number, boolean, region, list, record."
    ]


def test_a_number_without_a_bound(refused: Refused) -> None:
    assert refused({}, facts="facts: {x: {type: number, title: {zh: 甲, en: A}}}") == [
        "facts.yaml:1: the fact 'x' has no 'at_most'. Say the largest value that can be meant: it bounds what is computed from it."
    ]


def test_whether_a_person_can_change_a_fact(refused: Refused) -> None:
    title = "title: {zh: a, en: a}"
    said = "'changes' must be can, past or never, not 'yes': whether a person can still change it, can only prove what was, or neither."
    assert refused({}, facts=f"facts:\n  x: {{type: boolean, changes: yes, {title}}}\n") == [f"facts.yaml:2: {said}"]
    field = f"facts:\n  x:\n    type: record\n    {title}\n    fields:\n      y: {{type: boolean, changes: can, {title}}}\n"
    assert refused({}, facts=field) == ["facts.yaml:6: 'changes' is said of a whole fact, and 'y' is a field of one. Move it up to the fact."]


def test_a_list_ordered_by_a_field_it_need_not_have(refused: Refused) -> None:
    facts = "facts: {x: {type: list, order_by: y, title: {zh: 甲, en: A}, item: {y: {type: whole, at_most: 9, title: {zh: 乙, en: B}}}}}"
    assert refused({}, facts=facts) == ["facts.yaml:1: the fact 'x': 'order_by' has to name a required field of its items, not 'y'."]


FORMS = {
    "household: size": "type: number, at_most: 9",
    "household: benefits": "type: list, item: {kind: {type: boolean, required: true, title: {zh: 乙, en: B}}}",
    "result: status": "type: enum, values: {eligible: {zh: 甲, en: A}}",
    "result: standing": "type: boolean",
    "result: monthly": "type: number, at_most: 9, unit: CNY",
    "result: once": "type: number, at_most: 9",
    "result: missing": "type: number, at_most: 9",
}


@pytest.mark.parametrize(
    ("role", "message"),
    [
        ("household: size", "'household: size' of 'x' goes with a whole number: how many persons there are."),
        (
            "household: benefits",
            "'household: benefits' of 'x' goes with a list whose items have to state an enumeration (which benefit) and a number in CNY/month.",
        ),
        ("result: status", "'result: status' of 'x' has to be an enum of eligible, not_eligible, undetermined."),
        ("result: standing", "'result: standing' of 'x' has to be an enum of official, provisional, estimated, unverified."),
        ("result: monthly", "'result: monthly' of 'x' has to be a number in CNY/month."),
        ("result: once", "'result: once' of 'x' has to be a number in CNY."),
        ("result: missing", "'result: missing' of 'x' has to be a whole number without a unit."),
    ],
)
def test_a_fact_of_a_household_or_a_result_has_its_form(refused: Refused, role: str, message: str) -> None:
    facts = f"facts: {{x: {{title: {{zh: 甲, en: A}}, {FORMS[role]}, {role}}}}}"
    assert refused({}, facts=facts) == [f"facts.yaml:1: {message}"]


def test_a_role_that_no_fact_has(refused: Refused) -> None:
    facts = "facts: {x: {type: boolean, household: shared, title: {zh: 甲, en: A}}}"
    assert refused({}, facts=facts) == ["facts.yaml:1: 'household' is one of same, size, benefits, not 'shared'."]


def test_a_fact_is_of_the_household_or_of_a_result(refused: Refused) -> None:
    facts = "facts: {x: {type: whole, at_most: 9, household: size, result: missing, title: {zh: 甲, en: A}}}"
    assert refused({}, facts=facts) == ["facts.yaml:1: 'x' is either of the household or of a result. Keep one."]


def test_a_check_between_facts_may_not_use_a_rule(refused: Refused) -> None:
    facts = """\
facts: {wage: {type: number, at_most: 1000000, title: {zh: 工资, en: Wage}}}
checks:
  low: {holds: wage > test.scheme.x, pointer: wage, message: {zh: 低, en: low}}
"""
    assert refused({"a.yaml": HEAD + definitions("x: {value: 1}")}, facts=facts) == [
        "facts.yaml:3: a check compares facts only; 'test.scheme.x' is a rule."
    ]


def test_a_name_declared_in_two_files_of_the_dictionary(refused: Refused) -> None:
    again = "checks: {}\nfacts:\n  x: {type: boolean, title: {zh: 甲, en: A}}\n"
    files: Mapping[str, str] = {"facts/a.yaml": again}
    assert refused(files, facts="facts: {x: {type: boolean, title: {zh: 甲, en: A}}}") == [
        "facts.yaml:1: 'x' is already declared in facts/a.yaml on line 3. A name is declared once."
    ]
