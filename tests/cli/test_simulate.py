"""`shebao simulate` as policy staff meet it: files in, a folder of results out, and words for whatever goes wrong."""

from __future__ import annotations

import errno
import io
import json
import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from rich.console import Console
from typer.testing import CliRunner, Result

from app.cli import app
from app.population.engine import PopulationEngine
from app.population.kernel import CompilerError, KernelError
from app.population.runs.running import Progress
from app.terminal import watch_run
from tests.conftest import NAME
from tests.population.people import contents, rejects, results, rules_folder, write_people

ROOT = Path(__file__).parents[2]
AS_OF = ("--as-of", "2025-06-01", "--lang", "en")


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    return rules_folder(tmp_path)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write_people(tmp_path / "people.parquet", 300)


def simulate(rules: Path, source: Path, out: Path, *arguments: str) -> Result:
    stated = ["--rules", str(rules), "simulate", "--population", str(source), "--out", str(out), *arguments]
    return CliRunner().invoke(app, stated)


def words(result: Result) -> str:
    return " ".join(result.output.replace("│", " ").split())


def test_a_population_under_the_law(rules: Path, source: Path, tmp_path: Path) -> None:
    result = simulate(rules, source, tmp_path / "out", *AS_OF)
    assert result.exit_code == 0, result.output
    assert "300 rows read: 300 answered, 0 refused" in words(result)
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert (manifest["as_of"], manifest["schemes"], manifest["reforms"]) == ("2025-06-01", [NAME], [])
    assert f"after.{NAME}.status" not in results(tmp_path / "out").schema.names


def test_compiled_and_exact_give_the_same_results(rules: Path, source: Path, tmp_path: Path) -> None:
    options = (*AS_OF, "--reform", "fewer_months", "--outputs", "--region", "310000")
    assert simulate(rules, source, tmp_path / "fast", *options).exit_code == 0
    assert simulate(rules, source, tmp_path / "exact", *options, "--exact").exit_code == 0
    fast, exact = results(tmp_path / "fast"), results(tmp_path / "exact")
    assert fast.schema == exact.schema
    assert fast.to_pylist() == exact.to_pylist()
    assert f"after.{NAME}.paid_months" in fast.schema.names
    assert json.loads((tmp_path / "fast" / "manifest.json").read_text())["counts"]["exact_rows"] < 300


def test_two_days_compared(rules: Path, source: Path, tmp_path: Path) -> None:
    amendment = """\
scheme: test.scheme
in_force: {from: 2025-07-01}
amends: test.scheme@2000-01-01
region: "000000"
source: {instrument: 修订}
parameters:
  minimum_months: {value: 30}
"""
    (rules / "test" / "later.yaml").write_text(amendment, encoding="utf-8")
    assert simulate(rules, source, tmp_path / "out", *AS_OF, "--against-as-of", "2025-07-01", "--exact").exit_code == 0
    rows = results(tmp_path / "out").to_pylist()
    changed = {(row[f"{NAME}.status"], row[f"after.{NAME}.status"]) for row in rows if row["region"] == "310000"}
    assert ("eligible", "not_eligible") in changed
    assert json.loads((tmp_path / "out" / "manifest.json").read_text())["against_as_of"] == "2025-07-01"


def test_what_was_refused_is_summed_up(rules: Path, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("sex,months\nmale,1\n?,1\n!,800\nmale,1,2\n", encoding="utf-8")
    result = simulate(rules, tmp_path / "in.csv", tmp_path / "out", *AS_OF, "--exact")
    assert result.exit_code == 0
    shown = words(result)
    assert "4 rows read: 1 answered, 3 refused" in shown
    assert "2 × /facts/sex" in shown and "1 × /  this line has 3 cells" in result.output
    # The months of the third person were not looked at: the row was refused before.
    assert [line["row"] for line in rejects(tmp_path / "out")] == [2, 3, 4]
    result = simulate(rules, tmp_path / "in.csv", tmp_path / "few", *AS_OF, "--exact", "--max-rejects", "2")
    assert result.exit_code == 2
    assert "more than the 2 allowed" in words(result) and "row 2: '?' is not one of male, female." in words(result)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--scheme", "test.schem"), 2, "there is no scheme 'test.schem'"),
        (("--reform", "none"), 2, "there is no reform 'none'"),
        (("--region", "999999"), 2, "there is no region '999999'"),
        (("--as-of", "1990-01-01", "--scheme", NAME), 2, "was in force nowhere on 1990-01-01"),
        (("--as-of", "1.6.2025"), 2, "is not a date"),
        (("--assume", "growth"), 2, "is not NAME=VALUE with one of growth, hold"),
        (("--assume", "groth=1"), 2, "is not NAME=VALUE"),
        (("--assume", "growth=much"), 2, "'much' is not a number"),
        (("--assume", "growth=NaN"), 2, "'NaN' is not a number"),
        (("--assume", "growth=9"), 2, "must not be more than 0.5"),
        (("--assume", "hold=yes"), 2, "'yes' is not one of true, false"),
        (("--max-rejects", "-1"), 2, "greater than or equal to 0"),
        (("--as-of", "1990-01-01"), 2, "was in force nowhere on 1990-01-01"),
        (("--lang", "de"), 2, "is not one of 'zh', 'en'"),
    ],
)
def test_a_question_that_cannot_be_asked(arguments: tuple[str, ...], code: int, said: str, rules: Path, source: Path, tmp_path: Path) -> None:
    result = simulate(rules, source, tmp_path / "out", "--lang", "en", *arguments, "--exact")
    assert result.exit_code == code
    assert said in words(result)
    assert not (tmp_path / "out").exists()


def test_assumptions_are_kept_in_the_manifest(rules: Path, source: Path, tmp_path: Path) -> None:
    assert simulate(rules, source, tmp_path / "out", *AS_OF, "--assume", "growth=0.03", "--assume", "hold=true", "--exact").exit_code == 0
    assert json.loads((tmp_path / "out" / "manifest.json").read_text())["assumptions"] == {"growth": "0.03", "hold": True}


def test_files_that_cannot_be_read(rules: Path, source: Path, tmp_path: Path) -> None:
    result = simulate(rules, tmp_path / "none.parquet", tmp_path / "out", *AS_OF)
    assert (result.exit_code, "there is no file or folder" in words(result)) == (2, True)
    (tmp_path / "cut.parquet").write_bytes(source.read_bytes()[:500])
    result = simulate(rules, tmp_path / "cut.parquet", tmp_path / "out", *AS_OF)
    assert (result.exit_code, "cannot be read" in words(result)) == (2, True)
    pq.write_table(pa.table({"birthdate": ["1960-01-01"], "wage": [1.5]}), tmp_path / "odd.parquet")
    result = simulate(rules, tmp_path / "odd.parquet", tmp_path / "out", *AS_OF)
    assert result.exit_code == 2
    assert "Did you mean 'birth_date'?" in words(result) and "store it as decimal" in words(result)
    assert not (tmp_path / "out").exists()
    assert "浮点数" in simulate(rules, tmp_path / "odd.parquet", tmp_path / "out").output


def test_a_run_in_the_way_and_a_run_gone_on_with(rules: Path, source: Path, tmp_path: Path) -> None:
    options = (*AS_OF, "--reform", "fewer_months", "--outputs", "--exact")
    assert simulate(rules, source, tmp_path / "out", *options).exit_code == 0
    result = simulate(rules, source, tmp_path / "out", *options)
    assert (result.exit_code, "Add --resume" in words(result)) == (2, True)
    # What is not stated is as it was, whatever day it is now.
    whole = contents(tmp_path / "out")
    (tmp_path / "out" / "results" / "part-00000.parquet").unlink()
    result = simulate(rules, source, tmp_path / "out", "--resume", "--lang", "en")
    assert result.exit_code == 0, result.output
    assert contents(tmp_path / "out") == whole
    result = simulate(rules, source, tmp_path / "out", "--resume", "--lang", "en", "--as-of", "2025-06-02")
    assert result.exit_code == 2
    assert "the day asked about: was 2025-06-01, is 2025-06-02" in words(result)


def test_rules_without_a_compiled_form_are_named_and_left_to_the_exact_engine(
    rules: Path, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.population.runs import simulation

    whole = PopulationEngine

    def picky(*arguments: Any, uncompiled: str = "refuse", **options: Any) -> Any:
        if uncompiled == "refuse":
            raise KernelError({("000000", "110000"): "too strange a rule"})
        return whole(*arguments, **options)

    monkeypatch.setattr(simulation, "PopulationEngine", picky)
    result = simulate(rules, source, tmp_path / "out", *AS_OF)
    assert result.exit_code == 0
    assert "too strange a rule (in 110000)" in words(result)

    def broken(*_: Any, **__: Any) -> Any:
        raise CompilerError("there is no C compiler.")

    monkeypatch.setattr(simulation, "PopulationEngine", broken)
    result = simulate(rules, source, tmp_path / "other", *AS_OF)
    assert (result.exit_code, "there is no C compiler. Or add --exact." in words(result)) == (1, True)


def test_a_full_disk_is_said(rules: Path, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr("app.population.runs.parts.SyncedParquet._write", full)
        result = simulate(rules, source, tmp_path / "out", *AS_OF, "--exact")
    assert (result.exit_code, "is full. Make room, then go on with --resume." in words(result)) == (1, True)
    assert simulate(rules, source, tmp_path / "out", *AS_OF, "--exact", "--resume").exit_code == 0


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_a_run_that_can_go_on(stop: signal.Signals, rules: Path, tmp_path: Path) -> None:
    source = write_people(tmp_path / "many.parquet", 40_000, group=5000)
    command = [sys.executable, "-m", "app.cli", "--rules", str(rules), "simulate", "--population", str(source), "--out", str(tmp_path / "out"), *AS_OF, "--exact"]
    # Tests that run in the background of a shell inherit that SIGINT is ignored.
    heard = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=heard)
    end = time.monotonic() + 60
    while not list((tmp_path / "out").glob("results/.part-*.tmp")) and time.monotonic() < end:
        time.sleep(0.02)
    process.send_signal(stop)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert "Interrupted. What is finished stays in" in said and "Traceback" not in said
    assert not list((tmp_path / "out").rglob("*.tmp"))
    assert json.loads((tmp_path / "out" / "manifest.json").read_text())["state"] == "running"


def test_other_commands_do_not_load_arrow() -> None:
    script = "import sys, app.cli; sys.exit('pyarrow' in sys.modules or 'numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False).returncode == 0


def test_on_a_terminal_a_bar_tells_how_far_it_is() -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=150)
    with watch_run(console, "en") as show:
        show(Progress("checking", 50, 100, "bytes"))
        show(Progress("evaluating", 250, 1000, "rows", 250, 3, 7))
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert "Evaluating" in shown and "25%" in shown and "250 rows, 3 refused, 7 computed exactly" in shown


def test_help_names_every_option() -> None:
    shown = CliRunner().invoke(app, ["simulate", "--help"], env={"COLUMNS": "200"}).output
    for option in ("--population", "--out", "--reform", "--as-of", "--against-as-of", "--region", "--scheme", "--assume", "--outputs", "--exact", "--resume", "--max-rejects", "--report"):
        assert option in shown
