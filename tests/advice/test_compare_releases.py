"""A case under two releases: each side is a single evaluation by its own rules, and shares add up to the change exactly."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.advice import Desk, Desks
from app.advice.compare_call import COMPARE
from app.engine import InputError, explain
from app.language import Rulebook
from app.releases import Releases, ReleaseStore, Running
from tests.conftest import FACTS, NAME
from tests.engine.proposals import ALONE, SCHEME, proposal
from tests.releases.keeping import keep, rulebook

from .test_compare import BOUNDED, adds_up

Json = dict[str, Any]
CASE: Json = {
    "as_of": "2025-06-01",
    "schemes": [NAME],
    "facts": {"wage": "6000.10", "months": 200, "sex": "male", "claim_month": "2025-03", "insured": True},
}
OTHER = """\
scheme: test.other
title: {zh: 另一险种, en: Another}
in_force: {from: 2000-01-01}
source: {instrument: 测试办法}
benefits:
  grant: {title: {zh: 补助, en: Grant}, unit: CNY/month, round: {to: 0.01, mode: half up}, value: wage * 0.05}
"""
AMENDING = """\
scheme: test.scheme
in_force: {from: 2025-01-01}
source: {instrument: 修订通知, number: 测发〔2025〕2号}
amends: test.scheme@2000-01-01
parameters:
  rate: {value: 0.1, source: {article: 一}}
"""


def desks(folder: Path, before: Rulebook, now: Rulebook) -> Desks:
    """The release `old`, kept, and the one that runs."""
    store = ReleaseStore(folder / "kept")
    keep(store, before, "old")
    desk = Desk(now)
    return Releases(Running(now.release, "now", lambda: desk), store, Desk)


def ask(found: Desks, **changed: Any) -> Json:
    answer = COMPARE.ask({**CASE, "release": "old", "against": {"release": "now"}, **changed}, found, "en")
    for side, name in (("before", "old"), ("after", "now")):
        desk = found.named(name)
        schemes = list(answer[side]["results"])
        stated: Json = {**CASE, **changed}["facts"]
        facts = {fact: value for fact, value in stated.items() if f"/facts/{fact}" not in answer[side].get("left_out", [])}
        request, _ = desk.cases.read_value({**CASE, "facts": facts, "as_of": answer[side]["as_of"], "schemes": schemes or desk.rulebook.scheme_ids()[:1]})
        single = explain(desk.engine.evaluate(request), "en", "none")
        assert answer[side]["release"] == single["release"] == desk.release
        for scheme in schemes:
            assert answer[side]["results"][scheme] == {field: single["results"][scheme][field] for field in answer[side]["results"][scheme]}
    adds_up(answer)
    return answer


def causes(answer: Json, scheme: str = NAME) -> dict[str, Json]:
    return {each["id"]: each for each in answer["schemes"][scheme]["causes"]}


def test_a_parameter_that_was_rewritten(tmp_path: Path) -> None:
    text = "# A line more.\n" + SCHEME.replace("value: 0.08", "value: 0.09")
    found = desks(tmp_path, rulebook(tmp_path / "old", {"a.yaml": SCHEME}), rulebook(tmp_path / "new", {"a.yaml": text}))
    answer = ask(found)
    (cause,) = causes(answer).values()
    assert (cause["id"], cause["before"], cause["after"], cause["file_change"]) == ("rate", "0.08", "0.09", "changed")
    (said,) = cause["said"]
    lines = [said[side]["file"].split(":") for side in ("before", "after")]
    assert [line[0] for line in lines] == ["a.yaml", "a.yaml"] and int(lines[1][1]) == int(lines[0][1]) + 1
    assert [said[side]["text"] for side in ("before", "after")] == ["0.08", "0.09"]
    assert {each["name"]: each["percent"] for each in cause["shares"]} == {"basic": "100.0", "monthly": "100.0"}
    assert answer["files"] == {"added": [], "removed": [], "changed": ["a.yaml"]}
    back = COMPARE.ask({**CASE, "against": {"release": "old"}}, found, "en")
    changes = [[each["change"] for each in one["schemes"][NAME]["results"]] for one in (answer, back)]
    assert [Decimal(each) for each in changes[0]] == [-Decimal(each) for each in changes[1]]


def test_a_formula_that_was_rewritten(tmp_path: Path) -> None:
    text = SCHEME.replace("value: basic + addition + charge", "value: max(basic * 2 + addition, charge)").replace("mode: half up}\n    value: counted * rate", "mode: up}\n    value: counted * rate")
    found = desks(tmp_path, rulebook(tmp_path / "old", {"a.yaml": SCHEME}), rulebook(tmp_path / "new", {"a.yaml": text}))
    answer = ask(found, facts={**CASE["facts"], "wage": "6000.19"})
    monthly = causes(answer)["monthly"]
    assert monthly["said"][0]["before"]["text"] == "basic + addition + charge"
    assert monthly["said"][0]["after"]["text"] == "max(basic * 2 + addition, charge)"
    assert monthly["file_change"] == "changed" and monthly["shares"]


def test_an_amendment_that_was_added(tmp_path: Path) -> None:
    old, new = rulebook(tmp_path / "old", {"a.yaml": SCHEME}), rulebook(tmp_path / "new", {"a.yaml": SCHEME, "b.yaml": AMENDING})
    found = desks(tmp_path, old, new)
    (cause,) = causes(ask(found)).values()
    assert (cause["id"], cause["file_change"], cause["source"]["number"], cause["source"]["article"]) == ("rate", "added", "测发〔2025〕2号", "一")
    assert [cause["said"][0][side]["file"].partition(":")[0] for side in ("before", "after")] == ["a.yaml", "b.yaml"]
    # What begins only later is no difference on a day before; on another day of the other release it is one.
    assert ask(found, as_of="2024-06-01", against={"release": "now", "as_of": "2024-06-01"})["moved"] is False
    assert causes(ask(found, against={"release": "now", "as_of": "2025-02-01"}))["rate"]["file_change"] == "added"


def test_a_scheme_that_was_removed(tmp_path: Path) -> None:
    old = rulebook(tmp_path / "old", {"a.yaml": SCHEME, "o.yaml": OTHER})
    new = rulebook(tmp_path / "new", {"a.yaml": SCHEME.replace("value: 0.08", "value: 0.09")})
    found = desks(tmp_path, old, new)
    answer = ask(found, schemes=["test.other", NAME])
    assert answer["schemes"]["test.other"]["status"] == {"before": "eligible", "after": None}
    assert answer["after"]["left_out"] == ["/schemes/0"] and answer["before"]["left_out"] == []
    assert answer["files"]["removed"] == ["o.yaml"]
    # The other scheme's change is shared out all the same: a law in between has the schemes of both releases.
    shared = {each["name"]: each for each in answer["schemes"][NAME]["shares"]}
    assert shared["monthly"]["joint"] is False and Decimal(shared["monthly"]["total"]) == Decimal(next(each["change"] for each in answer["schemes"][NAME]["results"] if each["name"] == "monthly")) > 0
    alone = ask(found, schemes=["test.other"])
    assert alone["after"]["results"] == {} and alone["schemes"]["test.other"]["status"]["after"] is None
    assert ask(desks(tmp_path / "back", new, old), schemes=["test.other"])["schemes"]["test.other"]["status"] == {"before": None, "after": "eligible"}


def test_a_fact_that_only_one_release_knows_is_left_out_of_the_other(tmp_path: Path) -> None:
    facts = FACTS.replace("  insured:", "  extra_pay: {type: number, unit: CNY/month, at_most: 100000, title: {zh: 另计, en: Extra pay}}\n  insured:")
    text = SCHEME.replace("value: wage * months / in_months(30)", "value: (wage + extra_pay) * months / in_months(30)")
    found = desks(tmp_path, rulebook(tmp_path / "old", {"a.yaml": SCHEME}), rulebook(tmp_path / "new", {"a.yaml": text}, facts=facts))
    answer = ask(found, facts={**CASE["facts"], "extra_pay": "100.00"})
    assert (answer["before"]["left_out"], answer["after"]["left_out"]) == (["/facts/extra_pay"], [])
    counted = next(each for each in answer["schemes"][NAME]["differences"] if each["id"] == "counted")
    assert counted["amended"] and "extra_pay" in counted["because"]
    assert answer["moved"] and all(each["method"] == "shapley" and not each["joint"] for each in answer["schemes"][NAME]["shares"])


def refused(found: Desks, **changed: Any) -> list[tuple[str, str, str]]:
    with pytest.raises(InputError) as error:
        COMPARE.ask({**CASE, "release": "old", "against": {"release": "now"}, **changed}, found, "en")
    return [(each.pointer, each.code, each.en) for each in error.value.faults]


def test_what_one_release_refuses_is_told_of_it(tmp_path: Path) -> None:
    facts = FACTS.replace("months: {type: whole, unit: month, at_most: 1000000000", "months: {type: whole, unit: month, at_most: 150").replace(
        "claim_month: {type: month,", "claim_month: {type: date,"
    )
    facts += "checks:\n  not_so_young: {holds: wage > 100, pointer: wage, message: {zh: 太少, en: Too little.}}\n"
    old, new = rulebook(tmp_path / "old", {"a.yaml": SCHEME}), rulebook(tmp_path / "new", {"a.yaml": SCHEME}, facts=facts)
    found = desks(tmp_path, old, new)
    (months, month) = refused(found)
    assert months[:2] == ("/facts/months", "too_large") and months[2].startswith(f"under release {new.release}: ")
    assert month[0] == "/facts/claim_month" and month[2].startswith(f"under release {new.release}: ")
    few = {"wage": "50", "months": 100, "sex": "male"}
    assert refused(found, facts=few) == [("/facts/wage", "not_so_young", f"under release {new.release}: Too little.")]
    assert refused(found, facts={**few, "wage": "x"}) == [("/facts/wage", "wrong_form", refused(found, facts={**few, "wage": "x"})[0][2])]
    assert not refused(found, facts={**few, "wage": "x"})[0][2].startswith("under release")
    assert ("/against/region", "unknown_region") in [each[:2] for each in refused(found, against={"release": "now", "region": "999999"})]
    assert [each[:2] for each in refused(found, against={"release": "now", "facts": {}})][:1] == [("/against/facts", "unknown_field")]
    assert [each[:2] for each in refused(found, against={"release": "nothing"})] == [("/against/release", "unknown_release")]
    assert [each[:2] for each in refused(found, against={"release": "old"})] == [("/against", "same_law")]
    assert [each[:2] for each in refused(found, facts=few | {"wage": "500"}, reforms=["better"])] == [("/reforms/0", "unknown_reform")]


def test_a_fact_read_as_another_value_is_refused(tmp_path: Path) -> None:
    """A text is a region in one release and a number in the other: no law in between could be asked both."""
    facts = FACTS.replace("place: {type: region,", "place: {type: number, at_most: 1000000,")
    found = desks(tmp_path, rulebook(tmp_path / "old", {"a.yaml": SCHEME}), rulebook(tmp_path / "new", {"a.yaml": SCHEME}, facts=facts))
    assert [each[:2] for each in refused(found, facts={**CASE["facts"], "place": "110000"})] == [("/facts/place", "read_otherwise")]


def test_a_reform_that_only_one_release_has(tmp_path: Path) -> None:
    old = rulebook(tmp_path / "old", {"a.yaml": SCHEME})
    new = rulebook(tmp_path / "new", {"a.yaml": SCHEME, "p.yaml": proposal(("rate", "men"))})
    found = desks(tmp_path, old, new)
    answer = COMPARE.ask({**CASE, "release": "old", "against": {"release": "now", "reforms": ["better"]}}, found, "en")
    assert adds_up(answer) and {each["file_change"] for each in causes(answer).values()} == {"added"}


@BOUNDED
@given(
    first=st.lists(st.sampled_from(ALONE), max_size=3, unique=True).map(tuple),
    second=st.lists(st.sampled_from(ALONE), max_size=3, unique=True).map(tuple),
    rate=st.sampled_from(["0.08", "0.085", "0.1"]),
    mode=st.sampled_from(["half up", "down", "up"]),
    wage=st.decimals("1000", "30000", places=2),
    months=st.integers(0, 480),
)
def test_shares_add_up_between_any_two_releases(
    tmp_path_factory: pytest.TempPathFactory, first: tuple[str, ...], second: tuple[str, ...], rate: str, mode: str, wage: Decimal, months: int
) -> None:
    folder = tmp_path_factory.mktemp("releases")
    # In law rather than proposed: the files of either release, and a scheme's text rewritten besides.
    laws = [proposal(each).replace("proposal: better\n", "").replace("2026-01-01", "2020-01-01") for each in (first, second)]
    text = SCHEME.replace("value: 0.08", f"value: {rate}").replace("{to: 0.1, mode: half up}", f"{{to: 0.1, mode: {mode}}}")
    old = rulebook(folder / "old", {"a.yaml": SCHEME, **({"b.yaml": laws[0]} if first else {})})
    new = rulebook(folder / "new", {"a.yaml": text, **({"c.yaml": laws[1]} if second else {})})
    if old.release == new.release:
        return
    facts = {**CASE["facts"], "wage": str(wage), "months": months}
    answer = ask(desks(folder, old, new), facts=facts)
    (pair,) = answer["schemes"].values()
    assert not pair["moved"] or answer["amendments"]
    if not answer.get("too_many_amendments"):
        shared = {each["name"] for each in pair["shares"]}
        assert shared >= {each["name"] for each in pair["results"] if each["change"] is not None and Decimal(each["change"])}
