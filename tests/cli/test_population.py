"""`shebao population` and `shebao gap` from the command line."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
from typer.testing import CliRunner, Result

from app.cli import app
from app.commands.population import SEED
from app.population.synthetic import DEFAULT_SEED


def shebao(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def test_people_are_written_and_checked(tmp_path: Path) -> None:
    out = tmp_path / "people.parquet"
    result = shebao("population", "--size", "3000", "--out", str(out), "--year", "2020", "--check")
    assert result.exit_code == 0, result.output
    assert "3,000 persons of the end of 2020" in result.output
    assert "persons in town" in result.output
    assert "not self-caring 60+" in result.output
    assert pq.read_metadata(out).num_rows == 3000


def test_a_check_needs_no_file() -> None:
    result = shebao("population", "--size", "2000", "--check")
    assert result.exit_code == 0
    assert "Grades: A official" in result.output


def test_a_file_that_is_there_is_left_alone(tmp_path: Path) -> None:
    out = tmp_path / "people.parquet"
    out.write_text("mine")
    result = shebao("population", "--size", "100", "--out", str(out))
    assert result.exit_code == 2
    assert "is there already" in result.output
    assert out.read_text() == "mine"


def test_nowhere_to_put_them_is_said() -> None:
    result = shebao("population", "--size", "100")
    assert result.exit_code == 2
    assert "--out" in result.output


def test_the_gap_is_shown_year_by_year() -> None:
    result = shebao("gap", "--size", "1500", "--exact", "--year", "2017")
    assert result.exit_code == 0, result.output
    for shown in ("2017", "2,876", "126.7", "residents, by the rules", "left open by the rules"):
        assert shown in result.output


def test_the_seed_is_the_generators() -> None:
    assert SEED == DEFAULT_SEED
