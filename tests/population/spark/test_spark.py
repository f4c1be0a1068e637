"""What a cluster answers is what one machine answers, whatever is killed on the way."""

from __future__ import annotations

import json
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from app.cli import app
from app.engine import InputError
from app.language import Rulebook
from app.population.question import Question
from app.population.reports.run_files import open_run
from app.population.runs.faults import TooManyRejects
from app.population.runs.running import RunOptions, run
from app.population.runs.simulation import make_simulation
from app.population.runs.streams import open_population
from app.population.spark import SparkOptions, answered_rows, evaluate_on_spark, rejected_rows, run_on_spark

from .conftest import BATCH_ROWS
from .killers import Killer
from .people import people

ROWS, FILES = 6_000, 12
LINES = ["person_id", "pointer", "code", "zh", "en"]


@pytest.fixture(scope="session")
def population(rulebook: Rulebook, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """People in a dozen files, and so in a dozen tasks."""
    folder = tmp_path_factory.mktemp("population")
    table = people(rulebook, ROWS, seed=7)
    for number in range(FILES):
        pq.write_table(table.slice(number * ROWS // FILES, ROWS // FILES), folder / f"{number:02d}.parquet")
    return folder


@pytest.fixture(scope="session")
def reform(question: Question) -> Question:
    return replace(question, reforms=("higher_base_rate",))


@pytest.fixture(scope="session")
def here(rulebook: Rulebook, question: Question, reform: Question, population: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run of one machine, which every run on the cluster is held to."""
    out = tmp_path_factory.mktemp("here") / "run"
    run(open_population([population], rulebook.facts), make_simulation(rulebook, question, reform), out)
    return out


def one_task_a_file(spark: Any, population: Path) -> Any:
    """The population, each file in a task of its own."""
    spark.conf.set("spark.sql.files.maxPartitionBytes", str(max(each.stat().st_size for each in population.iterdir())))
    spark.conf.set("spark.sql.files.openCostInBytes", str(64 * 1024 * 1024))
    return spark.read.parquet(str(population))


def results(out: Path) -> pa.Table:
    """Results in the order of persons, in types Spark has."""
    table = pa.concat_tables([pq.read_table(each) for each in sorted((out / "results").glob("*.parquet"))]).sort_by("person_id")
    schema = pa.schema([pa.field(field.name, field.type.value_type if pa.types.is_dictionary(field.type) else field.type) for field in table.schema])
    return table.cast(schema)


def plain(table: pa.Table) -> pa.Table:
    """Without what a file says of its writer."""
    return table.drop_columns(["rejects"] if "rejects" in table.schema.names else []).replace_schema_metadata(None)


def faults(table: pa.Table) -> list[dict[str, Any]]:
    return sorted(table.select(LINES).to_pylist(), key=lambda line: tuple(line.values()))


def assert_equal_runs(there: Path, here: Path) -> None:
    """Both runs have the same results, in every column, and the same rejects."""
    ours, theirs = plain(results(here)), plain(results(there))
    assert theirs.schema == ours.schema
    for name in ours.schema.names:
        assert theirs.column(name).to_pylist() == ours.column(name).to_pylist(), name
    assert faults(pq.read_table(there / "rejects")) == faults(pq.read_table(here / "rejects.parquet"))


def test_a_cluster_answers_as_one_machine_does(
    spark: Any, rulebook: Rulebook, question: Question, reform: Question, population: Path, here: Path, worker_cache: Path, tmp_path: Path
) -> None:
    manifest = run_on_spark(one_task_a_file(spark, population), rulebook, question, reform, str(tmp_path / "run"))
    assert_equal_runs(tmp_path / "run", here)
    expected = json.loads((here / "manifest.json").read_text())
    written = json.loads((tmp_path / "run" / "manifest.json").read_text())
    assert written["counts"] == expected["counts"]
    assert written["counts"]["rejected_rows"] == ROWS // 97 > 0 < written["counts"]["exact_rows"]
    same = ("state", "engine", "release", "tag", "as_of", "region", "schemes", "reforms", "assumptions", "outputs")
    assert {name: written[name] for name in same} == {name: expected[name] for name in same}
    assert [each["sha256"] for each in written["inputs"]] == [each["sha256"] for each in expected["inputs"]]
    assert len(manifest.parts) == FILES
    for part in manifest.parts:
        assert pq.read_metadata(tmp_path / "run" / part.file).num_rows == part.rows
        content = (tmp_path / "run" / part.file).read_bytes()
        assert (len(content), sha256(content).hexdigest()) == (part.bytes, part.sha256)
    table = results(tmp_path / "run")
    assert set(table["region"].unique().to_pylist()) >= set(rulebook.regions())
    assert table["pension.employee.monthly_pension"].null_count < table.num_rows * 3 // 4
    assert table["pension.employee.monthly_pension"] != table["after.pension.employee.monthly_pension"]
    assert open_run(tmp_path / "run").schemes == question.schemes
    simulation = make_simulation(rulebook, question, reform)
    with pytest.raises(InputError, match="the cluster: was Spark"):
        run(open_population([population], rulebook.facts), simulation, tmp_path / "run", RunOptions(resume=True))
    # The workers have no compiler, and had none to need.
    assert not list(worker_cache.glob("kernels/*"))


def test_again_gives_the_same(spark: Any, rulebook: Rulebook, question: Question, population: Path, tmp_path: Path) -> None:
    frame = one_task_a_file(spark, population)
    first, second = (run_on_spark(frame, rulebook, question, None, str(tmp_path / name)) for name in ("first", "second"))
    assert len(first.parts) == FILES
    # Not byte for byte: Parquet's Java library lists a column's encodings in an order of each process.
    for one, other in zip(first.parts, second.parts, strict=True):
        assert pq.read_table(tmp_path / "first" / one.file) == pq.read_table(tmp_path / "second" / other.file)


def test_a_dataframe_of_answers(spark: Any, rulebook: Rulebook, question: Question, population: Path, here: Path) -> None:
    evaluated = evaluate_on_spark(one_task_a_file(spark, population), rulebook, question)
    table = answered_rows(evaluated).toArrow().sort_by("person_id")
    ours = plain(results(here))
    for name in table.schema.names:
        assert table.schema.field(name).type == ours.schema.field(name).type, name
        assert table.column(name).to_pylist() == ours.column(name).to_pylist(), name
    assert [each for each in ours.schema.names if not each.startswith("after.")] == table.schema.names
    refused = rejected_rows(evaluated).toArrow()
    assert {line["code"] for line in refused.to_pylist()} == {line["code"] for line in pq.read_table(here / "rejects.parquet").to_pylist()}
    assert evaluated.count() == ROWS


@pytest.mark.parametrize("victim", ["worker", "executor"])
def test_killed_in_the_middle_the_job_is_still_right(
    spark: Any, rulebook: Rulebook, question: Question, reform: Question, population: Path, here: Path, tmp_path: Path, victim: str
) -> None:
    frame = one_task_a_file(spark, population)
    assert ROWS // FILES > 3 * BATCH_ROWS
    undotted = frame.toDF(*(name.replace(".", "_") for name in frame.columns))
    killed = undotted.mapInArrow(Killer(tmp_path, victim, partition=3), undotted.schema)
    manifest = run_on_spark(killed.toDF(*frame.columns), rulebook, question, reform, str(tmp_path / "run"))
    assert int((tmp_path / "killed").read_text()) > 0
    assert (tmp_path / "attempt-1").exists()
    assert_equal_runs(tmp_path / "run", here)
    assert manifest.counts == json.loads((here / "manifest.json").read_text())["counts"]


def test_the_command(spark: Any, rules: Path, population: Path, here: Path, tmp_path: Path) -> None:
    asked = ["--scheme", "pension.employee", "--scheme", "pension.retirement_age", "--as-of", "2026-03-01", "--region", "110000", "--reform", "higher_base_rate", "--outputs", "--lang", "en"]
    files = ["--population", str(population), "--out", str(tmp_path / "run")]
    done = CliRunner().invoke(app, ["--rules", str(rules), "simulate-on-spark", *files, *asked])
    assert done.exit_code == 0, done.output
    assert f"{tmp_path / 'run'}/results" in done.output
    assert_equal_runs(tmp_path / "run", here)
    again = CliRunner().invoke(app, ["--rules", str(rules), "simulate-on-spark", *files, *asked])
    assert again.exit_code == 2 and "is not empty" in again.output


def test_an_input_that_is_not_there(spark: Any, rules: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["--rules", str(rules), "simulate-on-spark", "--population", str(tmp_path / "none"), "--out", str(tmp_path / "run")])
    assert done.exit_code == 1 and "PATH_NOT_FOUND" in done.output


# -- refusals ---------------------------------------------------------------------------------------


def test_people_need_names(spark: Any, rulebook: Rulebook, question: Question, population: Path) -> None:
    with pytest.raises(InputError, match="no column person_id"):
        evaluate_on_spark(spark.read.parquet(str(population)).drop("person_id"), rulebook, question)


def test_unknown_columns_and_binary_floats_are_refused_by_name(spark: Any, rulebook: Rulebook, question: Question) -> None:
    frame = spark.createDataFrame([("1", "male", 1.5)], "person_id string, sexx string, account_balance double")
    with pytest.raises(InputError) as refused:
        evaluate_on_spark(frame, rulebook, question)
    assert [(fault.pointer, fault.code) for fault in refused.value.faults] == [("/columns/sexx", "unknown_column"), ("/columns/account_balance", "binary_float")]


def test_too_many_rejects(spark: Any, rulebook: Rulebook, question: Question, population: Path, tmp_path: Path) -> None:
    with pytest.raises(TooManyRejects, match=f"{ROWS // 97} rows were refused, more than the 5 allowed"):
        run_on_spark(spark.read.parquet(str(population)), rulebook, question, None, str(tmp_path / "run"), SparkOptions(max_rejects=5))
    assert len({line["person_id"] for line in pq.read_table(tmp_path / "run" / "rejects").to_pylist()}) == ROWS // 97
    assert not (tmp_path / "run" / "results").exists()


def test_a_folder_in_use_is_left_alone(spark: Any, rulebook: Rulebook, question: Question, population: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").touch()
    with pytest.raises(InputError, match="is not empty"):
        run_on_spark(spark.read.parquet(str(population)), rulebook, question, None, str(tmp_path))
    assert [each.name for each in tmp_path.iterdir()] == ["mine.txt"]


def test_nobody_at_all(spark: Any, rulebook: Rulebook, question: Question, population: Path, tmp_path: Path) -> None:
    manifest = run_on_spark(spark.read.parquet(str(population)).limit(0), rulebook, question, None, str(tmp_path / "run"))
    assert manifest.counts["input_rows"] == 0
    assert results(tmp_path / "run").num_rows == 0
