"""A condition that has been amended many times for new people only is still decided twice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal

import pytest

from app.engine import Engine, Evaluation, Incident, Request
from app.engine.wording_chain import MAX_WORDINGS
from app.language import Rulebook
from tests.conftest import HEAD, NAME, TODAY, ask

Rules = Callable[[Mapping[str, str | bytes]], Rulebook]
FEW, MANY, AT_MOST = 3, 40, MAX_WORDINGS - 1
FIRST = "eligibility:\n  enough: {title: {zh: 够, en: Enough}, holds: months >= 10}\nbenefits:\n  b: {title: {zh: 付, en: Paid}, value: 1}\n"


def amended(times: int, guard: str = 'born >= date("{year}-01-01")', holds: str = "months >= {months}", first: str = FIRST) -> dict[str, str | bytes]:
    """The months required grow by one with each of some yearly amendments, for those born since."""
    files: dict[str, str | bytes] = {"a.yaml": HEAD.replace("2000-01-01", "1900-01-01") + first}
    for number in range(1, times + 1):
        year, months = 1900 + number, 10 + number
        head = f"scheme: test.scheme\namends: test.scheme@{year - 1}-01-01\nin_force: {{from: {year}-01-01}}\nsource: {{instrument: 办法}}\n"
        clause = f"{{applies_when: '{guard.format(year=year)}', holds: '{holds.format(months=months)}'}}"
        files[f"b{number:02d}.yaml"] = head + f"eligibility:\n  enough: {clause}\n"
    return files


def status(evaluation: Evaluation) -> str:
    return evaluation.outcomes[0].status


@pytest.mark.parametrize("times", [FEW, MANY, AT_MOST])
def test_each_wording_is_decided(rules: Rules, times: int) -> None:
    engine = Engine(rules(amended(times)))

    def found(**facts: date | Decimal) -> str:
        return status(engine.evaluate(Request(as_of=TODAY, schemes=(NAME,), facts=facts)))

    for number in range(times + 1):
        born = date(1900 + number, 6, 1) if number else date(1850, 1, 1)
        assert [found(born=born, months=Decimal(10 + number)), found(born=born, months=Decimal(9 + number))] == ["eligible", "not_eligible"]
        assert found(born=born) == "undetermined"
    assert found(months=Decimal(500)) == "undetermined"


def test_wordings_for_some_of_several_kinds(rules: Rules) -> None:
    """Guards of several comparisons each, which nobody can write out as alternatives of each other."""
    rulebook = rules(amended(MANY, 'born >= date("{year}-01-01") and (sex = "male" or insured)', "months >= {months} or months < 2"))
    for born, sex, months, expected in (
        (1940, "male", 50, "eligible"),
        (1940, "male", 49, "not_eligible"),
        (1940, "male", 1, "eligible"),
        (1940, "female", 10, "eligible"),
        (1940, "female", 9, "not_eligible"),
        (1920, "male", 30, "eligible"),
        (1920, "male", 29, "not_eligible"),
    ):
        facts: dict[str, date | str | bool | Decimal] = {"born": date(born, 6, 1), "sex": sex, "insured": False, "months": Decimal(months)}
        assert status(ask(rulebook, facts=facts)) == expected, facts


def test_many_conditions_of_several_wordings(rules: Rules) -> None:
    """Each of them might be asked together with others, all of them cannot."""
    names = [f"enough{number}" for number in range(12)]
    first = "eligibility:\n" + "".join(f"  {name}: {{title: {{zh: 够, en: Enough}}, holds: months >= 10}}\n" for name in names)
    files = amended(FEW, first=first + "benefits:\n  b: {title: {zh: 付, en: Paid}, value: 1}\n")
    for path, text in files.items():
        if path != "a.yaml":
            head, clause = str(text).split("  enough: ")
            files[path] = head + "".join(f"  {name}: {clause}" for name in names)
    rulebook = rules(files)
    for months, expected in ((13, "eligible"), (12, "not_eligible")):
        assert status(ask(rulebook, facts={"born": date(1950, 1, 1), "months": Decimal(months)})) == expected


@pytest.mark.parametrize("count", [15, 30])
@pytest.mark.parametrize("times", [0, MANY])
@pytest.mark.parametrize("word", ["and", "or"])
def test_a_wording_of_many_comparisons(rules: Rules, times: int, count: int, word: str) -> None:
    holds = f" {word} ".join(f"months {'>=' if word == 'and' else '='} {number}" for number in range(count))
    rulebook = rules(amended(times, holds=holds, first=FIRST.replace("months >= 10", holds)))
    last = count - 1
    for months, expected in ((last, "eligible"), (last - 1 if word == "and" else count, "not_eligible")):
        assert status(ask(rulebook, facts={"born": date(1950, 1, 1), "months": Decimal(months)})) == expected


def test_the_two_decisions_are_held_against_each_other(rules: Rules) -> None:
    engine = Engine(rules(amended(MANY)), tamper=lambda _, fired: frozenset(each.replace("not met", "met") for each in fired))
    facts: dict[str, date | Decimal] = {"born": date(1950, 1, 1), "months": Decimal(1)}
    with pytest.raises(Incident, match="disagree"):
        engine.evaluate(Request(as_of=TODAY, schemes=(NAME,), facts=facts))


def test_more_wordings_than_can_be_decided_are_named(rules: Rules) -> None:
    with pytest.raises(Incident, match=rf"the condition 'enough' \(b{MAX_WORDINGS}.yaml:6\) has {MAX_WORDINGS + 1} wordings"):
        ask(rules(amended(MAX_WORDINGS)), facts={"months": Decimal(1)})


def test_what_the_rules_engine_refuses_is_named(rules: Rules, monkeypatch: pytest.MonkeyPatch) -> None:
    for limit in ("MAX_JUNCTIONS", "MAX_ALTERNATIVES"):
        monkeypatch.setattr(f"app.engine.conditions.{limit}", 100)
    holds = " or ".join(f"months = {number}" for number in range(30))
    with pytest.raises(Incident, match=r"error code: 113\. It refuses the condition 'enough' \(a.yaml:\d+\)"):
        ask(rules(amended(0, first=FIRST.replace("months >= 10", holds))), facts={"months": Decimal(1)})
