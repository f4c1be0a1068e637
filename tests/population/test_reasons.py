"""The amendments of a run ranked over its people, and one of them explained."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from app.cli import app
from app.engine import InputError
from app.engine.shares import coalitions, rounded
from app.language import Rulebook, load_rulebook
from app.population.columns import conform
from app.population.question import Question
from app.population.reasons import FinishedRun, explain_person, open_finished, reasons_table, run_reasons, write_reasons
from app.population.reasons.files import REASONS_SCHEMA
from app.population.reasons.in_between import InBetween
from app.population.runs import make_simulation, open_population, run
from tests.conftest import HEAD, NAME, TODAY, write
from tests.engine.proposals import ALONE, CLAUSES, SCHEME, proposal

CENT = Decimal("0.01")
QUESTION = Question(TODAY, (NAME,))
REGIONS = ("000000", "110000", "110105", "310000")
BEIJING = f'scheme: {NAME}\nin_force: {{from: 2010-01-01}}\nregion: "110000"\nsource: {{instrument: 京}}\namends: {NAME}@2000-01-01\n'
AMENDS_OTHER = "scheme: test.other\nproposal: better\nin_force: {from: 2000-01-01}\nsource: {instrument: 方案}\namends: test.other@2000-01-01\n"


def people(count: int, **more: list[Any]) -> pa.Table:
    """People whose wages, months, sex and places differ."""
    rows = range(count)
    columns = {
        "person_id": [f"p{row}" for row in rows],
        "region": [REGIONS[row % 4] for row in rows],
        "weight": [1 + row % 3 / 4 for row in rows],
        "wage": [Decimal(2000 + row * 137 % 7001) + Decimal(row % 100) / 100 for row in rows],
        "months": [120 + row * 53 % 240 for row in rows],
        "sex": ["male" if row % 3 else "female" for row in rows],
        "claim_month": [f"20{22 + row % 4}-03" for row in rows],
        "insured": [row % 5 > 0 for row in rows],
    }
    return pa.table(columns | more)


def simulate(folder: Path, files: dict[str, str], table: pa.Table, after: Question, before: Question = QUESTION) -> FinishedRun:
    """A finished run by the exact engine."""
    rulebook = load_rulebook(write(folder / "rules", files))
    pq.write_table(table, folder / "people.parquet")
    run(open_population([folder / "people.parquet"], rulebook.facts), make_simulation(rulebook, before, after, exact=True), folder / "run")
    return open_finished(folder / "run", rulebook)


def totals(found: FinishedRun) -> dict[str, Fraction]:
    """The weighted change of each benefit and of the number entitled, row by row."""
    sums: dict[str, Fraction] = {}
    for row in ds.dataset(str(found.folder / "results")).to_table().to_pylist():
        for name, value in row.items():
            if not name.startswith(NAME):
                continue
            later = row["after." + name]
            change = (later == "eligible") - (value == "eligible") if name.endswith(".status") else Fraction(later or 0) - Fraction(value or 0)
            sums[name] = sums.get(name, Fraction(0)) + change * Fraction(row.get("weight", 1))
    return sums


FILES = {"a.yaml": SCHEME, "bj.yaml": BEIJING + "parameters:\n" + CLAUSES["minimum"][1], "p.yaml": proposal(("rate", "counted", "minimum", "monthly"))}
BETTER = replace(QUESTION, reforms=("better",))


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> FinishedRun:
    return simulate(tmp_path_factory.mktemp("run"), FILES, people(60), BETTER)


def test_shares_add_up_to_the_change_of_the_run(finished: FinishedRun) -> None:
    found = run_reasons(finished, exact=True)
    expected = totals(finished)
    assert (found.method, found.joint, found.rows, found.asked, found.seed, found.evaluator) == ("shapley", False, 60, 60, None, "switched")
    assert {f"{each.scheme}.{each.local or 'status'}": Fraction(each.total) for each in found.measures} == {
        name: Fraction(rounded(each, CENT)) for name, each in expected.items() if each
    }
    for measure in found.measures:
        assert sum(each.share for each in measure.shares) == measure.total
        assert [abs(each.share) for each in measure.shares] == sorted((abs(each.share) for each in measure.shares), reverse=True)
    entitled = next(each for each in found.measures if not each.local)
    # In Beijing the minimum was as high before, so all of it is the nation's.
    assert [each.amendment.key for each in entitled.shares] == [f"+ {NAME}.minimum_months (p.yaml)"]


def test_compiled_rules_give_the_same(finished: FinishedRun) -> None:
    assert run_reasons(finished) == run_reasons(finished, exact=True)


def test_a_sample_is_stated_and_repeatable(finished: FinishedRun) -> None:
    found = run_reasons(finished, sample=20, seed=3, exact=True)
    assert (found.asked, found.rows, found.seed) == (20, 60, 3)
    assert found == run_reasons(finished, sample=20, seed=3, exact=True)
    assert found.measures != run_reasons(finished, sample=20, seed=4, exact=True).measures


def test_more_amendments_than_orders_can_be_tried_are_taken_in_order(finished: FinishedRun) -> None:
    found = run_reasons(finished, most=2, exact=True)
    assert found.method == "in_order"
    assert {each.local: each.total for each in found.measures} == {each.local: each.total for each in run_reasons(finished, exact=True).measures}
    assert all(sum(each.share for each in measure.shares) == measure.total for measure in found.measures)


def test_the_table_has_a_line_for_each_share(finished: FinishedRun) -> None:
    found = run_reasons(finished, exact=True)
    table = reasons_table(found)
    assert table.schema == REASONS_SCHEMA
    assert table.num_rows == sum(len(each.shares) for each in found.measures)
    line = next(row for row in table.to_pylist() if row["measure"] == "basic" and row["title_en"] == "Rate")
    assert (line["file"], line["instrument"], line["article"], line["version"]) == ("p.yaml:7", "方案", "一", f"{NAME}@better")
    written, _ = write_reasons(found, finished.folder)
    assert pq.read_table(written).equals(table)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(clauses=st.lists(st.sampled_from(ALONE), min_size=1, max_size=4, unique=True), local=st.lists(st.sampled_from(ALONE), max_size=2, unique=True))
def test_the_switched_law_is_every_law_in_between(tmp_path_factory: pytest.TempPathFactory, clauses: list[str], local: list[str]) -> None:
    """Row by row, whatever amendments are made."""
    text = proposal(local).split("amends", 1)[1].split("\n", 1)[1]
    files = {"a.yaml": SCHEME, "p.yaml": proposal(clauses)} | ({"bj.yaml": BEIJING + text} if local else {})
    rulebook = load_rulebook(write(tmp_path_factory.mktemp("rules"), files))
    joined, apart = (_between(rulebook, switched=switched) for switched in (True, False))
    assert joined.switched and joined.most_amendments == len(clauses)
    batch = conform(people(24).to_batches()[0], rulebook.facts).batch
    for made in coalitions(len(clauses)):
        one, other = joined.evaluate(batch, made).to_pylist(), apart.evaluate(batch, made).to_pylist()
        for row, (left, right) in enumerate(zip(one, other, strict=True)):
            for name in left.keys() & right.keys():
                place = joined.places(REGIONS[row % 4])
                if name.endswith(".status") or joined.shows(place, NAME, name.rpartition(".")[2], made):
                    assert left[name] == right[name], (clauses, sorted(made), name, row)


def _between(rulebook: Rulebook, *, switched: bool) -> InBetween:
    made = InBetween(rulebook, QUESTION, BETTER, (), exact=True)
    made.switched = made.switched and switched
    return made


def test_amended_parameters_given_for_some_keep_their_figures(tmp_path: Path) -> None:
    table = people(12, **{"given.rate": [None if row % 2 else Decimal("0.5") for row in range(12)]})
    found = simulate(tmp_path, FILES, table, BETTER)
    reasons = run_reasons(found, exact=True)
    assert reasons.evaluator == "separate"
    basic = next(each for each in reasons.measures if each.local == "basic")
    assert basic.total == rounded(totals(found)[f"{NAME}.basic"], CENT) and sum(each.share for each in basic.shares) == basic.total


def test_another_day(tmp_path: Path) -> None:
    amends = f"scheme: {NAME}\nin_force: {{from: 2026-01-01}}\nsource: {{instrument: 新法}}\namends: {NAME}@2000-01-01\n"
    later = replace(QUESTION, as_of=date(2026, 5, 1))
    found = simulate(tmp_path, {"a.yaml": SCHEME, "b.yaml": amends + "parameters:\n" + CLAUSES["rate"][1] + CLAUSES["row"][1]}, people(12), later)
    reasons = run_reasons(found, exact=True)
    monthly = next(each for each in reasons.measures if each.local == "monthly")
    assert {each.amendment.names[0].local for each in monthly.shares} == {"rate", "addition"}
    assert monthly.total == rounded(totals(found)[f"{NAME}.monthly"], CENT)


def test_who_is_entitled_to_another_scheme_changes(tmp_path: Path) -> None:
    """A condition more in one scheme moves another scheme's result: compiled, exact, with switches and without, all the same."""
    other = SCHEME.replace(NAME, "test.other")
    user = HEAD + "benefits:\n  extra: {title: {zh: 甲, en: Extra}, unit: CNY/month, value: if test.other.eligible then 0 else 50}\n"
    reform = f"{AMENDS_OTHER}eligibility:\n  is_insured: {{title: {{zh: 参保, en: Insured}}, holds: insured}}\nparameters:\n  minimum_months: {{value: 240}}\n"
    found = simulate(tmp_path, {"a.yaml": user, "b.yaml": other, "p.yaml": reform}, people(60), BETTER)
    reasons = run_reasons(found, exact=True)
    assert (reasons.evaluator, reasons) == ("switched", run_reasons(found))
    (extra,) = reasons.measures
    assert extra.total == rounded(totals(found)[f"{NAME}.extra"], CENT) > 0 and sum(each.share for each in extra.shares) == extra.total
    assert {tuple(map(str, each.amendment.names)) for each in extra.shares} == {("test.other.is_insured", "test.other.eligible"), ("test.other.minimum_months",)}


# -- one person ---------------------------------------------------------------------------------------


def test_a_person_is_explained(finished: FinishedRun) -> None:
    rows = {row["person_id"]: row for row in ds.dataset(str(finished.folder / "results")).to_table().to_pylist()}
    lost = next(name for name, row in rows.items() if row[f"{NAME}.status"] == "eligible" != row[f"after.{NAME}.status"])
    pair = explain_person(finished, lost).comparison.schemes[0]
    assert (pair.before, pair.after) == ("eligible", "not_eligible") and "minimum_months" in {each.name.local for each in pair.causes()}
    for name in ("p0", "p7", "p59"):
        reasons = explain_person(finished, name)
        assert reasons.comparison.before.request.facts["wage"] == rows[name].get("wage", reasons.comparison.before.request.facts["wage"])
        for shared in reasons.shared:
            assert sum(shared.shares.parts) == shared.shares.total


def test_people_without_an_id_are_named_by_their_row(tmp_path: Path) -> None:
    found = simulate(tmp_path, FILES, people(6).drop_columns(["person_id"]), BETTER)
    assert explain_person(found, "3").comparison.before.request.facts["wage"] == people(6)["wage"][2].as_py()


@pytest.mark.parametrize("person", ["p60", "x", ""])
def test_an_unknown_person_is_refused(finished: FinishedRun, person: str) -> None:
    with pytest.raises(InputError, match="there is no person"):
        explain_person(finished, person)


def test_changed_rules_input_or_results_are_refused(tmp_path: Path) -> None:
    found = simulate(tmp_path, FILES, people(6), BETTER)
    write(tmp_path / "rules", {"p.yaml": proposal(("rate",))})
    with pytest.raises(InputError, match="the rules have changed"):
        open_finished(found.folder, load_rulebook(tmp_path / "rules"))
    part = found.folder / found.manifest.parts[0].file
    table = pq.read_table(part)
    column = f"{NAME}.monthly"
    doubled = pa.array([None if each is None else each * 2 for each in table[column].to_pylist()], table.schema.field(column).type)
    pq.write_table(table.set_column(table.schema.get_field_index(column), column, doubled), part)
    paid = next(row["person_id"] for row in table.to_pylist() if row[column])
    with pytest.raises(InputError, match=r"in the run, and .* computed now"):
        explain_person(found, paid)
    pq.write_table(people(5), tmp_path / "people.parquet")
    with pytest.raises(InputError, match="was changed after the run"):
        open_finished(found.folder, found.rulebook)


def test_a_run_that_compared_nothing_has_no_reasons(tmp_path: Path) -> None:
    rulebook = load_rulebook(write(tmp_path / "rules", {"a.yaml": SCHEME}))
    pq.write_table(people(3), tmp_path / "people.parquet")
    run(open_population([tmp_path / "people.parquet"], rulebook.facts), make_simulation(rulebook, QUESTION, exact=True), tmp_path / "run")
    with pytest.raises(InputError, match="compared nothing"):
        open_finished(tmp_path / "run", rulebook)


def test_commands(finished: FinishedRun, monkeypatch: pytest.MonkeyPatch) -> None:
    rules = str(finished.folder.parent / "rules")
    monkeypatch.setitem(os.environ, "COLUMNS", "200")
    results = ds.dataset(str(finished.folder / "results")).to_table().to_pylist()
    paid = next(row["person_id"] for row in results if row[f"after.{NAME}.status"] == "eligible")
    shown = CliRunner().invoke(app, ["--rules", rules, "explain", str(finished.folder), paid, "--lang", "en"])
    assert shown.exit_code == 0 and "amended by 方案 一  p.yaml:7" in shown.output
    as_json = CliRunner().invoke(app, ["--rules", rules, "explain", str(finished.folder), paid, "--json"])
    assert as_json.exit_code == 0 and '"method": "shapley"' in as_json.output
    ranked = CliRunner().invoke(app, ["--rules", rules, "reasons", str(finished.folder), "--exact", "--lang", "en"])
    assert ranked.exit_code == 0 and "All 60 people." in ranked.output and (finished.folder / "reasons.csv").is_file()
    refused = CliRunner().invoke(app, ["--rules", rules, "explain", str(finished.folder), "nobody", "--lang", "en"])
    assert refused.exit_code == 2
