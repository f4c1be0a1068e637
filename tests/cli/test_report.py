"""`shebao report` on a run of the sample's rules: options, exit codes, and the next yuan of a run's own people."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner, Result

from app.cli import app
from tests.population.reports.sample import small_rulebook


def shebao(rules: Path, *arguments: object) -> Result:
    return CliRunner().invoke(app, ["--rules", str(rules), *map(str, arguments)])


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The rules, and the folder of a finished run."""
    folder = tmp_path_factory.mktemp("report")
    rules = folder / "rules"
    rules.mkdir()
    small_rulebook(rules)
    money = pa.decimal128(18, 2)
    people = {
        "region": pa.array(["220102", "220122", "110000", "110000"]),
        "weight": pa.array([10.0, 20.0, 30.0, 40.0]),
        "wage": pa.array([Decimal(wage) for wage in ("2999.50", "1500.00", "800.00", "9000.00")], money),
        "yearly_need": pa.array([Decimal(1200)] * 4, money),
        "children": pa.array([0, 1, 2, 0], pa.int32()),
        "bonus": pa.array([Decimal(100)] * 4, money),
        "about.income": pa.array([Decimal(wage) for wage in (3000, 1500, 800, 9000)], money),
    }
    pq.write_table(pa.table(people), folder / "people.parquet")
    schemes = [word for name in ("pension.small", "subsidy.small", "grant.small") for word in ("--scheme", name)]
    done = shebao(rules, "simulate", "--population", folder / "people.parquet", "--out", folder / "run", "--as-of", "2026-03-01", "--exact", *schemes)
    assert done.exit_code == 0, done.output
    return rules, folder / "run"


def headline(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "report.json").read_bytes())
    return found


def test_a_report(ran: tuple[Path, Path], tmp_path: Path) -> None:
    rules, run = ran
    done = shebao(rules, "report", run, "--out", tmp_path, "--no-charts", "--poverty-line", "1000", "--lang", "en")
    assert (done.exit_code, done.output.replace("\n", "")) == (0, f"Report: {tmp_path / 'report.html'}")
    told = headline(tmp_path)
    by_scheme = {row["scheme"]: row for row in told["summary"]}
    # 0.5 of the wage for those who earn 1000 or more; 1200 a year for those under 3000; 100 once for those with children.
    assert by_scheme["pension.small"]["cost_month"] == str(Decimal("1499.75") * 10 + Decimal(750) * 20 + Decimal(4500) * 40)
    assert by_scheme["subsidy.small"]["cost_year"] == "72000.00"
    assert by_scheme["grant.small"]["cost_once"] == "5000.00"
    assert [row["poverty_line"] for row in told["inequality"]] == [1000.0, 1000.0]
    assert not any(name.endswith(".png") for name in told["files"])


def test_the_next_yuan_of_the_run_s_own_people(ran: tuple[Path, Path], tmp_path: Path) -> None:
    rules, run = ran
    done = shebao(rules, "report", run, "--out", tmp_path, "--no-charts", "--next-yuan", "wage", "--step", "0.50")
    assert done.exit_code == 0, done.output
    subsidy = next(row for row in headline(tmp_path)["cliffs"] if row["scheme"] == "subsidy.small")
    assert (subsidy["cliff"], subsidy["persons"], subsidy["biggest_loss"]) == ("10", "100", "100.00")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--measure", "pension.small=x"], "'x' is no benefit of 'pension.small'"),
        (["--measure", "pension.small"], "'pension.small' is not SCHEME=BENEFIT"),
        (["--poverty-line", "much"], "'much' is not a number"),
        (["--poverty-line", "0"], "the poverty line is 0 yuan a month"),
        (["--equivalence", "2"], "the equivalence exponent is 2"),
        (["--pool-level", "village"], "'village' is not one of 'province', 'prefecture', 'county'"),
        (["--next-yuan", "sex"], "'sex' is no fact that is a number"),
        (["--next-yuan", "wage", "--step", "0.001"], "at most 2 decimals"),
        (["--next-yuan", "months"], "the population has no column 'months'"),
    ],
)
def test_what_is_wrong_with_the_options(ran: tuple[Path, Path], tmp_path: Path, options: list[str], message: str) -> None:
    rules, run = ran
    done = shebao(rules, "report", run, "--out", tmp_path / "report", "--no-charts", *options)
    assert done.exit_code == 2
    assert message in " ".join(done.output.replace("│", " ").split())


def test_a_folder_that_is_no_run(ran: tuple[Path, Path], tmp_path: Path) -> None:
    done = shebao(ran[0], "report", tmp_path, "--out", tmp_path / "report")
    assert done.exit_code == 2
    assert "is no finished run" in done.output
