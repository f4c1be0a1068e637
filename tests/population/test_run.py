"""Runs on real files: every row is answered or refused, and a run that was stopped goes on as if it had not been."""

from __future__ import annotations

import csv
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.language import Rulebook
from app.population.columns.conforming import conform
from app.population.exact import ExactEvaluator
from app.population.runs.running import Progress, RunOptions, run
from app.population.runs.streams import open_population
from tests.conftest import NAME

from .people import AFTER, QUESTION, contents, people, person, rejects, results, simulation, write_people
from .running import SMALL, go, refused

MONTHLY, STATUS = f"{NAME}.monthly", f"{NAME}.status"


# -- what comes out ---------------------------------------------------------------------------------


def test_results_carry_the_person_and_both_answers(tmp_path: Path, rulebook: Rulebook) -> None:
    manifest = go(rulebook, write_people(tmp_path / "in.parquet", 700), tmp_path / "out", compared=True)
    assert len(manifest.parts) == 3
    found = results(tmp_path / "out")
    after = [f"after.{name}" for name in ExactEvaluator(rulebook, AFTER).schema.names]
    expected = ["person_id", "region", "weight", "sex", "birth_date", "about.urban", *ExactEvaluator(rulebook, QUESTION).schema.names, *after]
    assert found.schema.names == expected
    batch = conform(people(700).to_batches()[0], rulebook.facts).batch
    before = ExactEvaluator(rulebook, QUESTION).evaluate(batch)
    assert before.rejects == ()
    for name in before.results.schema.names:
        assert found.column(name).to_pylist() == before.results.column(name).to_pylist()
    changed = ExactEvaluator(rulebook, AFTER).evaluate(batch).results
    for name in changed.schema.names:
        assert found.column(f"after.{name}").to_pylist() == changed.column(name).to_pylist()
    assert found.column(f"after.{STATUS}").to_pylist() != found.column(STATUS).to_pylist()
    given = [person(number) for number in range(700)]
    assert found.column("person_id").to_pylist() == [each["person_id"] for each in given]
    assert found.column("region").to_pylist() == [each["region"] or "000000" for each in given]
    for name in ("weight", "sex", "birth_date", "about.urban"):
        assert found.column(name).to_pylist() == [each[name] for each in given]


def test_every_part_has_the_same_schema(tmp_path: Path, rulebook: Rulebook) -> None:
    go(rulebook, write_people(tmp_path / "in.parquet", 600), tmp_path / "out", compared=True)
    first, *others = [pq.read_schema(path) for path in sorted((tmp_path / "out" / "results").iterdir())]
    assert all(each.equals(first, check_metadata=True) for each in others)


def test_a_person_without_a_name_is_named_by_the_row(tmp_path: Path, rulebook: Rulebook) -> None:
    pq.write_table(pa.table({"months": [1, 2, None]}), tmp_path / "a.parquet")
    go(rulebook, tmp_path / "a.parquet", tmp_path / "out")
    assert results(tmp_path / "out").column("person_id").to_pylist() == [1, 2, 3]
    pq.write_table(pa.table({"months": [1, 2, 3], "person_id": ["a", None, "c"]}), tmp_path / "b.parquet")
    go(rulebook, tmp_path / "b.parquet", tmp_path / "out2")
    assert results(tmp_path / "out2").column("person_id").to_pylist() == ["a", "2", "c"]


def test_files_of_one_population_need_not_have_the_same_columns(tmp_path: Path, rulebook: Rulebook) -> None:
    (tmp_path / "in").mkdir()
    pq.write_table(pa.table({"person_id": [7], "months": [20], "about.x": ["a"]}), tmp_path / "in" / "a.parquet")
    pq.write_table(pa.table({"person_id": ["b"], "wage": pa.array([Decimal("1.00")]), "about.y": [1.5]}), tmp_path / "in" / "b.parquet")
    go(rulebook, tmp_path / "in", tmp_path / "out")
    found = results(tmp_path / "out")
    assert found.column("person_id").to_pylist() == ["7", "b"]
    assert found.column("about.x").to_pylist() == ["a", None]
    assert found.column("about.y").to_pylist() == [None, 1.5]
    pq.write_table(pa.table({"about.y": ["text"]}), tmp_path / "in" / "c.parquet")
    assert refused(lambda: go(rulebook, tmp_path / "in", tmp_path / "out2")) == ["wrong_type"]
    assert not (tmp_path / "out2").exists()


def test_bad_rows_are_refused_with_their_reasons_and_the_rest_answered(tmp_path: Path, rulebook: Rulebook) -> None:
    rows: list[dict[str, Any]] = [{**person(number), "sex": "male"} for number in range(600)]
    rows[3]["sex"], rows[3]["claim_month"] = "?", "2025-13"
    rows[260]["months"] = 721
    rows[599]["region"] = "999999"
    table = pa.Table.from_pylist(rows, people(1).schema)
    pq.write_table(table, tmp_path / "in.parquet")
    manifest = go(rulebook, tmp_path / "in.parquet", tmp_path / "out", compared=True)
    assert manifest.counts == {"input_rows": 600, "result_rows": 597, "rejected_rows": 3, "exact_rows": 2 * 598}
    assert [part.rejected_rows for part in manifest.parts] == [1, 1, 1]
    found = [(line["row"], line["file_row"], line["person_id"], line["pointer"], line["code"]) for line in rejects(tmp_path / "out")]
    assert found == [
        (4, 4, "p3", "/facts/sex", "unknown_value"),
        (4, 4, "p3", "/facts/claim_month", "no_such_month"),
        (261, 261, "p260", "/facts/months", "too_large"),
        (600, 600, "p599", "/region", "unknown_region"),
    ]
    assert all(line["zh"] and line["en"] and line["file"].endswith("in.parquet") for line in rejects(tmp_path / "out"))
    assert "p3" not in results(tmp_path / "out").column("person_id").to_pylist()


def test_rejects_say_which_file_and_which_row_of_it(tmp_path: Path, rulebook: Rulebook) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.csv").write_text("months\n1\n2\n")
    (tmp_path / "in" / "b.csv").write_text("months\n1\n1,2\nx\n")
    manifest = go(rulebook, tmp_path / "in", tmp_path / "out")
    found = [(line["row"], Path(line["file"]).name, line["file_row"], line["person_id"], line["code"]) for line in rejects(tmp_path / "out")]
    assert found == [(4, "b.csv", 2, None, "wrong_length"), (5, "b.csv", 3, "5", "wrong_form")]
    assert [each.rows for each in manifest.inputs] == [2, 3]


def test_nobody_at_all(tmp_path: Path, rulebook: Rulebook) -> None:
    (tmp_path / "in.csv").write_text("months,sex\n")
    manifest = go(rulebook, tmp_path / "in.csv", tmp_path / "out")
    assert manifest.counts["input_rows"] == 0
    assert len(manifest.parts) == 1


def test_given_figures_of_a_column(tmp_path: Path, rulebook: Rulebook) -> None:
    (tmp_path / "in.csv").write_text("months,records,wage,given.minimum_months\n5,[],100,5\n5,[],100,6\n5,[],100,x\n")
    go(rulebook, tmp_path / "in.csv", tmp_path / "out")
    assert results(tmp_path / "out").column(MONTHLY).to_pylist() != [None, None]
    assert [line["pointer"] for line in rejects(tmp_path / "out")] == ["/given/minimum_months"]
    (tmp_path / "in.csv").write_text("months,given.minimum_month\n5,5\n")
    assert refused(lambda: go(rulebook, tmp_path / "in.csv", tmp_path / "out2")) == ["unknown_name"]


_CELLS = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=6),
    st.sampled_from(
        [
            "",
            "male",
            "1960-02-29",
            "1960-02-30",
            "12",
            "-1",
            "1e9",
            "12.34",
            "true",
            "[]",
            '[{"year": 2000, "paid": 1}]',
            "[",
            "null",
            "110000",
            "\x00",
            "NaN",
        ]
    ),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.lists(_CELLS, min_size=7, max_size=9), max_size=30))
def test_a_hostile_csv_loses_no_row_and_ends_no_run(rows: list[list[str]], tmp_path: Path, rulebook: Rulebook) -> None:
    names = ["region", "sex", "birth_date", "wage", "months", "insured", "records", "about.x"]
    with (tmp_path / "in.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows([names, *rows])
    shutil.rmtree(tmp_path / "out", ignore_errors=True)
    manifest = go(rulebook, tmp_path / "in.csv", tmp_path / "out", RunOptions(part_rows=10, batch_rows=4))
    assert manifest.counts["input_rows"] == len(rows)
    wrong = {number + 1 for number, row in enumerate(rows) if len(row) != len(names)}
    assert wrong <= {line["row"] for line in rejects(tmp_path / "out")}


def test_the_result_does_not_depend_on_how_it_was_run(tmp_path: Path, rulebook: Rulebook) -> None:
    source = write_people(tmp_path / "in.parquet", 900)
    go(rulebook, source, tmp_path / "a", RunOptions(part_rows=400, batch_rows=7, threads=3))
    go(rulebook, source, tmp_path / "b", RunOptions(part_rows=400, batch_rows=400, threads=1))
    assert contents(tmp_path / "a") == contents(tmp_path / "b")


def test_progress_tells_rows_and_never_goes_back(tmp_path: Path, rulebook: Rulebook) -> None:
    for source in (write_people(tmp_path / "in.parquet", 500), tmp_path / "in.csv"):
        if source.suffix == ".csv":
            source.write_text("months\n" + "5\n" * 500)
        steps: list[Progress] = []
        run(open_population([source], rulebook.facts), simulation(rulebook), tmp_path / source.suffix, SMALL, steps.append)
        assert [step.stage for step in steps] == sorted(step.stage for step in steps)
        working = [step for step in steps if step.stage == "evaluating"]
        assert [step.rows for step in working] == sorted(step.rows for step in working)
        assert working[-1].rows == 500
        assert (working[-1].done, working[-1].total) == ((500, 500) if source.suffix == ".parquet" else (source.stat().st_size,) * 2)



def test_a_column_that_no_scheme_needs_is_looked_at_too(tmp_path: Path, rulebook: Rulebook) -> None:
    numbers = pa.array([each if each != 31 else 900_000_000_001 for each in range(60)], pa.int64())
    pq.write_table(people(60).append_column("population_number", numbers), tmp_path / "in.parquet")
    go(rulebook, tmp_path / "in.parquet", tmp_path / "out")
    (line,) = rejects(tmp_path / "out")
    assert (line["row"], line["pointer"]) == (32, "/facts/population_number")
