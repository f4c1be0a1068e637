"""One case under two laws: the rules that differ, the amendments behind them, and their shares."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.engine import Engine, Request
from app.engine.reasons import CaseReasons, compare_case
from app.engine.reasons_json import render_reasons
from app.language import Rulebook, YearMonth, load_rulebook
from tests.conftest import HEAD, NAME, TODAY, write
from tests.engine.proposals import ALONE, CLAUSES, SCHEME, proposal
from tests.language.bad_file import definitions, parameters

Build = Callable[..., Rulebook]
FACTS: dict[str, Any] = {
    "wage": Decimal("6000.10"), "months": Decimal(200), "sex": "male", "claim_month": YearMonth.parse("2025-03"), "insured": True,
}  # fmt: skip


def reasons(rulebook: Rulebook, after: dict[str, Any], before: dict[str, Any] | None = None, **facts: Any) -> CaseReasons:
    engine = Engine(rulebook)
    common: dict[str, Any] = {"as_of": TODAY, "schemes": (NAME,), "facts": FACTS | facts}
    return compare_case((engine, Request(**(common | (before or {})))), (engine, Request(**(common | after))))


def better(rules: Build, *clauses: str, **facts: Any) -> CaseReasons:
    rulebook = rules({"a.yaml": SCHEME, "p.yaml": proposal(clauses)})
    return reasons(rulebook, {"reforms": ("better",)}, **facts)


def causes(found: CaseReasons) -> dict[str, list[str]]:
    """Each rule that says something else, with where the amendment stands."""
    return {each.name.local: [f"{part.what} {part.by.source.article} {part.by.place.file}" for part in each.amended] for each in found.comparison.schemes[0].causes()}


@pytest.mark.parametrize(
    ("clause", "expected"),
    [
        ("rate", {"rate": ["row 一 p.yaml"]}),
        ("row", {"addition": ["row 二 p.yaml"]}),
        ("bands", {"scale": ["bands None p.yaml"]}),
        ("counted", {"cap": ["row None p.yaml"], "counted": ["wording 五 p.yaml"]}),
        ("round_charge", {"charge": ["rounding 六 p.yaml"]}),
        ("round_monthly", {"monthly": ["rounding 八 p.yaml"]}),
        ("men", {"basic": ["wording 十 p.yaml"]}),
        ("condition", {"is_insured": ["wording 七 p.yaml"]}),
    ],
)
def test_the_amendment_named_is_the_one(rules: Build, clause: str, expected: dict[str, list[str]]) -> None:
    found = better(rules, clause)
    assert causes(found) == expected
    assert [each.key for each in found.amendments] == [f"+ {NAME}.{list(expected)[-1]} (p.yaml)"]
    monthly = next(each for each in found.comparison.schemes[0].results if each.name.local == "monthly")
    shared = {each.name.local: each.shares for each in found.shared if each.name is not None}
    if monthly.moved:
        assert shared["monthly"].parts == (monthly.change,) and monthly.change


def test_effects_stand_after_their_causes_and_name_them(rules: Build) -> None:
    found = better(rules, "counted")
    pair = found.comparison.schemes[0]
    assert [each.name.local for each in pair.differences] == ["cap", "counted", "basic", "charge", "monthly"]
    because = {each.name.local: [name.removeprefix(f"{NAME}.") for name in each.because] for each in pair.differences}
    assert because == {"cap": [], "counted": ["cap"], "basic": ["counted"], "charge": ["counted"], "monthly": ["basic", "charge"]}
    assert [name.local for name in found.amendments[0].introduces] == ["cap"]


def test_nothing_differs_for_someone_the_amendment_does_not_concern(rules: Build) -> None:
    found = better(rules, "men", "counted", sex="female", wage=Decimal(4000))
    pair = found.comparison.schemes[0]
    assert not pair.moved and not found.comparison.moved
    assert not any(each.kind == "benefit" for each in pair.differences)
    assert not better(rules, "men", sex="female").comparison.schemes[0].differences
    assert found.shared == ()


def test_a_lost_entitlement_is_shared_too(rules: Build) -> None:
    found = better(rules, "rate", "minimum")
    pair = found.comparison.schemes[0]
    assert (pair.before, pair.after) == ("eligible", "not_eligible")
    results = {each.name.local: each for each in pair.results}
    assert results["monthly"].after.state == "not_due" and results["monthly"].change == -results["monthly"].before.value
    differing = {each.name.local: each for each in pair.differences}
    assert [each.key for each in found.amendments] == [f"+ {NAME}.rate (p.yaml)", f"+ {NAME}.minimum_months (p.yaml)"]
    assert differing["enough_months"].because == (f"{NAME}.minimum_months",)
    assert differing["monthly"].because == (f"{NAME}.enough_months",)
    shares = {None if each.name is None else each.name.local: each.shares for each in found.shared}
    assert shares[None].parts == (Decimal(0), Decimal(-1))
    # By itself the rate would have raised the benefit; with the minimum nothing is left of that.
    assert shares["monthly"].parts[0] > 0 > shares["monthly"].parts[1] and sum(shares["monthly"].parts) == results["monthly"].change


def test_another_day_and_another_place(rules: Build) -> None:
    amends = f"scheme: {NAME}\nin_force: {{from: 2026-01-01}}\nsource: {{instrument: 新法}}\namends: {NAME}@2000-01-01\n"
    local = f'scheme: {NAME}\nin_force: {{from: 2010-01-01}}\nregion: "110000"\nsource: {{instrument: 京}}\namends: {NAME}@2000-01-01\n'
    rulebook = rules({"a.yaml": SCHEME, "b.yaml": amends + CLAUSES["rate"][0] + ":\n" + CLAUSES["rate"][1], "bj.yaml": local + "parameters:\n" + CLAUSES["row"][1]})
    later = reasons(rulebook, {"as_of": date(2026, 5, 1)})
    assert causes(later) == {"rate": ["row 一 b.yaml"]}
    back = reasons(rulebook, {}, {"as_of": date(2026, 5, 1)})
    assert [each.key for each in back.amendments] == [f"- {NAME}.rate (b.yaml)"]
    elsewhere = reasons(rulebook, {"region": "110000"})
    assert causes(elsewhere) == {"addition": ["row 二 bj.yaml"]}
    both = reasons(rulebook, {"region": "110000", "as_of": date(2026, 5, 1)})
    assert len(both.amendments) == 2


def test_rules_that_read_the_day_name_it(rules: Build) -> None:
    rulebook = rules({"a.yaml": HEAD + definitions("age: {output: true, value: as_of.year * factor}") + parameters("factor: {value: 2}")})
    found = reasons(rulebook, {"as_of": date(2027, 1, 1)})
    assert [each.kind for each in found.amendments] == ["day"]
    assert found.comparison.schemes[0].differences[0].because == ("as_of",)
    assert found.shared[0].shares.parts == (Decimal("4.00"),)


def test_two_amendments_of_one_rule_each_have_their_share(rules: Build) -> None:
    amends = "scheme: test.scheme\nin_force: {from: %s}\nsource: {instrument: 第%s号}\namends: test.scheme@2000-01-01\n"
    clause = 'definitions:\n  x: {applies_when: sex = "%s", value: %d}\n'
    rulebook = rules(
        {
            "a.yaml": HEAD + definitions("x: {value: 1}", "y: {output: true, value: x + base}") + parameters("base: {value: 5}"),
            "b.yaml": amends % ("2026-01-01", "1") + clause % ("male", 10),
            "c.yaml": amends % ("2027-01-01", "2") + clause % ("female", 100),
            "d.yaml": amends % ("2028-01-01", "3") + parameters("base: {value: 7}"),
        }
    )
    for sex, expected in (("male", (9, 0, 2)), ("female", (0, 99, 2))):
        found = reasons(rulebook, {"as_of": date(2030, 1, 1)}, sex=sex)
        assert [each.after[0].source.instrument for each in found.amendments] == ["第1号", "第2号", "第3号"]
        assert found.shared[0].shares.parts == tuple(map(Decimal, expected))


def test_laws_in_between_that_run_in_a_circle_are_left_out(rules: Build) -> None:
    rulebook = rules(
        {
            "a.yaml": HEAD + definitions("x: {value: 1}", "y: {value: x * 10}", "z: {output: true, value: x + y}"),
            "p.yaml": f"scheme: {NAME}\nin_force: {{from: 2026-01-01}}\nproposal: better\nsource: {{instrument: 方案}}\namends: {NAME}@2000-01-01\n"
            + definitions("x: {value: y * 3}", "y: {value: 2}"),
        }
    )
    found = reasons(rulebook, {"reforms": ("better",)})
    # y has to be amended first, else x and y each need the other: 1 + 10, 1 + 2, 6 + 2.
    assert found.shared[0].shares.parts == (Decimal(5), Decimal(-8))


def test_given_figures_stay_as_given(rules: Build) -> None:
    rulebook = rules({"a.yaml": SCHEME, "p.yaml": proposal(("counted", "rate"))})
    given = {"counted": "1000", "rate": "0.5"}
    found = reasons(rulebook, {"reforms": ("better",), "given": given}, {"given": given})
    assert not found.comparison.moved and not found.comparison.schemes[0].differences


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    clauses=st.lists(st.sampled_from(ALONE), min_size=1, max_size=5, unique=True),
    wage=st.integers(100_000, 900_000),
    months=st.integers(100, 400),
    sex=st.sampled_from(["male", "female"]),
    insured=st.booleans(),
)
def test_shares_of_any_proposal_add_up(tmp_path_factory: pytest.TempPathFactory, clauses: list[str], wage: int, months: int, sex: str, insured: bool) -> None:
    rulebook = load_rulebook(write(tmp_path_factory.mktemp("rules"), {"a.yaml": SCHEME, "p.yaml": proposal(clauses)}))
    found = reasons(rulebook, {"reforms": ("better",)}, wage=Decimal(wage) / 100, months=Decimal(months), sex=sex, insured=insured)
    assert len(found.amendments) == len(clauses)
    pair = found.comparison.schemes[0]
    moved = {each.name: each.change for each in pair.results if each.moved and each.change}
    shared = {each.name: each.shares for each in found.shared if each.name is not None}
    assert shared.keys() == moved.keys()
    for name, change in moved.items():
        assert sum(shared[name].parts) == shared[name].total == change
    # Whatever differs is because of something amended.
    names = {str(each.name) for each in pair.differences}
    for each in pair.differences:
        assert each.amended or each.other_wording or set(each.because) & names


def test_rendered_in_both_languages(rules: Build) -> None:
    found = better(rules, "rate", "minimum", "row")
    for language, title in (("zh", "月待遇"), ("en", "Monthly benefit")):
        shown = render_reasons(found, language)  # type: ignore[arg-type]
        scheme = shown["schemes"][NAME]
        assert scheme["status"] == {"before": "eligible", "after": "not_eligible"}
        assert next(each for each in scheme["results"] if each["name"] == "monthly")["title"] == title
        rate = next(each for each in scheme["differences"] if each["id"] == "rate")
        assert rate["amended"][0]["amendment"] == {"source": {"instrument": "方案", "article": "一"}, "file": "p.yaml:7"}
        shares = next(each for each in scheme["shares"] if each["name"] == "monthly")
        assert sum(Decimal(each["share"]) for each in shares["shares"]) == Decimal(shares["total"])


def test_two_releases_are_compared_by_what_they_say(tmp_path: Path) -> None:
    old = load_rulebook(write(tmp_path / "old", {"a.yaml": SCHEME}))
    text = "# One line more, so that every clause stands elsewhere.\n" + SCHEME.replace("value: 0.08", "value: 0.09").replace("to: 0.1,", "to: 1,")
    new = load_rulebook(write(tmp_path / "new", {"a.yaml": text}))
    request = Request(as_of=TODAY, schemes=(NAME,), facts=FACTS)
    found = compare_case((Engine(old), request), (Engine(new), request))
    assert [each.key for each in found.amendments] == [f"{NAME}.{name} (a.yaml) -> {NAME}.{name} (a.yaml)" for name in ("rate", "monthly")]
    assert {name: [part.split()[0] for part in parts] for name, parts in causes(found).items()} == {"rate": ["row"], "monthly": ["rounding"]}
    shared = {each.name.local: each.shares for each in found.shared if each.name is not None}
    results = {each.name.local: each.change for each in found.comparison.schemes[0].results}
    assert sum(shared["monthly"].parts) == results["monthly"] and all(shared["monthly"].parts)


def test_the_example_of_the_documentation(rules: Build) -> None:
    body = parameters("rate: {value: 0.01}", "years: {value: 30}") + definitions("pension: {unit: CNY/month, output: true, value: wage * years * rate}")
    reform = f"scheme: {NAME}\nin_force: {{from: 2026-01-01}}\nproposal: better\nsource: {{instrument: 方案}}\namends: {NAME}@2000-01-01\n"
    rulebook = rules({"a.yaml": HEAD + body, "p.yaml": reform + parameters("rate: {value: 0.011}", "years: {value: 40}")})
    found = reasons(rulebook, {"reforms": ("better",)}, wage=Decimal(6000))
    assert found.shared[0].shares.parts == (Decimal("210.00"), Decimal("630.00"))
