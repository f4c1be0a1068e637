"""Every figure of the tables against plain Python over the same rows."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from app.language import Rulebook
from app.population.reports import ReportFiles, ReportOptions, write_report

from . import plain
from .sample import AFTER_COLUMNS, ALL_COLUMNS, random_rows, write_run

Row = dict[str, Any]
LINES = ("pension.small", "grant.small", "subsidy.small", "all")
STATUSES = ("eligible", "not_eligible", "undetermined", "rejected")


def read(files: ReportFiles, name: str) -> list[Row]:
    rows: list[Row] = pq.read_table(files.folder / f"{name}.parquet").to_pylist()
    return rows


@pytest.fixture(scope="module", params=[True, False], ids=["whole weights", "decimal weights"])
def rows(request: pytest.FixtureRequest) -> list[Row]:
    return random_rows(420, 7, whole_weights=request.param)


@pytest.fixture(scope="module")
def report(rows: list[Row], rulebook: Rulebook, tmp_path_factory: pytest.TempPathFactory) -> ReportFiles:
    folder = tmp_path_factory.mktemp("run")
    run = write_run(folder / "run", rows, ALL_COLUMNS + AFTER_COLUMNS, reforms=["higher_base"], release=rulebook.release)
    return write_report(run, folder / "report", rulebook, ReportOptions(charts=False))


def having(rows: list[Row], scheme: str, side: str, *statuses: str) -> list[Row]:
    """The rows of these statuses."""
    return [row for row in rows if plain.status(row, scheme, side) in statuses]


def paid(rows: list[Row], scheme: str, side: str) -> Fraction:
    """What the eligible are paid in a year (or once)."""
    return plain.total((row, plain.known(row, scheme, side)) for row in having(rows, scheme, side, "eligible"))


def check_outcome(found: Row, members: list[Row]) -> None:
    """A row of a table against the rows of its group."""
    scheme = found["scheme"]
    assert found["rows"] == len(members)
    assert Fraction(found["persons"]) == plain.persons(members)
    for prefix, side in (("", ""), ("after_", "after.")):
        for status in STATUSES:
            assert Fraction(found.get(prefix + status) or 0) == plain.persons(having(members, scheme, side, status))
        if scheme == "age.small":
            assert found.get(prefix + "cost_month") is None
            continue
        cost, entitled = paid(members, scheme, side), plain.persons(having(members, scheme, side, "eligible"))
        months = 1 if scheme == "grant.small" else 12
        names = ("cost_once", "cost_once") if months == 1 else ("cost_month", "cost_year")
        assert found[prefix + names[0]] == plain.fen(cost / months)
        assert found[prefix + names[1]] == plain.fen(cost)
        assert found[prefix + "average"] == (plain.fen(cost / entitled / months) if entitled else None)


def check_changes(found: Row, members: list[Row]) -> None:
    scheme = found["scheme"]
    months = 1 if scheme == "grant.small" else 12
    known = [
        (plain.weight(row), before, after) for row in members for before, after in [both(row, scheme)] if before is not None and after is not None
    ]
    gains = [(held, after - before) for held, before, after in known if after > before]
    losses = [(held, before - after) for held, before, after in known if after < before]
    assert Fraction(found["gainers"]) == sum(held for held, _ in gains)
    assert Fraction(found["losers"]) == sum(held for held, _ in losses)
    assert Fraction(found["unchanged"]) == sum(held for held, before, after in known if before == after)
    assert Fraction(found["not_compared"]) == plain.persons(members) - sum(held for held, _, _ in known)
    for name, mean, biggest, moved in (("gained", "mean_gain", "biggest_gain", gains), ("lost", "mean_loss", "biggest_loss", losses)):
        everything, persons = sum(held * change for held, change in moved), sum(held for held, _ in moved)
        assert found[name] == plain.fen(Fraction(everything) / months)
        assert found[mean] == (plain.fen(Fraction(everything) / persons / months) if persons else None)
        assert found[biggest] == (plain.fen(max(change for _, change in moved) / months) if moved else None)


def both(row: Row, scheme: str) -> tuple[Fraction | None, Fraction | None]:
    return plain.amount(row, scheme, ""), plain.amount(row, scheme, "after.")


def test_the_summary(report: ReportFiles, rows: list[Row]) -> None:
    summary = read(report, "summary")
    assert [row["scheme"] for row in summary] == ["pension.small", "grant.small", "subsidy.small", "age.small", "all"]
    assert [row["basis"] for row in summary] == ["month", "once", "month", "none", "month"]
    for found in summary:
        check_outcome(found, rows)
        for name, side in (("median", ""), ("after_median", "after.")):
            if found["scheme"] in LINES:
                entitled = [row for row in rows if plain.status(row, found["scheme"], side) == "eligible"]
                middle = plain.median([(plain.known(row, found["scheme"], side), plain.weight(row)) for row in entitled])
                assert found[name] == plain.fen(middle / (1 if found["scheme"] == "grant.small" else 12))


def test_what_a_reform_costs_is_the_difference(report: ReportFiles) -> None:
    for found in read(report, "summary"):
        for basis in ("month", "year", "once"):
            if found.get(f"cost_{basis}") is not None:
                assert abs(found[f"change_{basis}"] - (found[f"after_cost_{basis}"] - found[f"cost_{basis}"])) <= Decimal("0.01")


def test_gainers_and_losers(report: ReportFiles, rows: list[Row]) -> None:
    found = [row for row in read(report, "gainers_losers") if row["scheme"] in LINES]
    assert len(found) == len(LINES)
    for each in found:
        check_changes(each, rows)
        compared = each["gainers"] + each["losers"] + each["unchanged"]
        assert abs(each["gainers_share"] - Decimal(each["gainers"]) / Decimal(compared)) <= Decimal("0.000001")


def test_status_changes(report: ReportFiles, rows: list[Row]) -> None:
    found = {(row["scheme"], row["before_status"], row["after_status"]): row for row in read(report, "status_changes")}
    for scheme in (*LINES, "age.small"):
        pairs = {(plain.status(row, scheme, ""), plain.status(row, scheme, "after.")) for row in rows}
        assert {key[1:] for key in found if key[0] == scheme} == pairs
        for pair in pairs:
            members = [row for row in rows if (plain.status(row, scheme, ""), plain.status(row, scheme, "after.")) == pair]
            each = found[(scheme, *pair)]
            assert (each["rows"], Fraction(each["persons"])) == (len(members), plain.persons(members))
            pairs_of_amounts = [(row, *both(row, scheme)) for row in members] if scheme in LINES else []
            known = [(row, before, after) for row, before, after in pairs_of_amounts if before is not None and after is not None]
            if known:
                change = plain.total((row, after - before) for row, before, after in known)
                assert each["change_once" if scheme == "grant.small" else "change_year"] == plain.fen(change)


GROUPS: list[tuple[str, str, Callable[[Row], str | None]]] = [
    ("by_region", "region", plain.province),
    ("by_sex", "group", lambda row: row["sex"]),
    ("by_age", "group", plain.age_group),
]


@pytest.mark.parametrize(("name", "column", "group"), GROUPS, ids=[name for name, _, _ in GROUPS])
def test_groups(report: ReportFiles, rows: list[Row], name: str, column: str, group: Callable[[Row], str | None]) -> None:
    check_groups(read(report, name), column, rows, group)


def check_groups(found: list[Row], column: str, rows: list[Row], group: Callable[[Row], str | None]) -> None:
    wanted = {group(row) or "not known" for row in rows}
    for scheme in (*LINES, "age.small"):
        assert {row[column] for row in found if row["scheme"] == scheme} == wanted
    for each in found:
        members = [row for row in rows if (group(row) or "not known") == each[column]]
        check_outcome(each, members)
        if each["scheme"] in LINES:
            check_changes(each, members)


def test_deciles(report: ReportFiles, rows: list[Row]) -> None:
    given = [(row, income) for row, income, _ in plain.incomes(rows, "all")]
    decile = plain.deciles([(income, plain.weight(row)) for row, income in given if income is not None])
    by_person = {row["person_id"]: None if income is None else str(decile[income]) for row, income in given}
    found = read(report, "by_decile")
    check_groups(found, "group", rows, lambda row: by_person[row["person_id"]])
    assert [row["group"] for row in found if row["scheme"] == "all"] == [*map(str, range(1, 11)), "not known"]


def test_all_together_costs_what_the_schemes_cost(report: ReportFiles) -> None:
    cost = {row["scheme"]: row["cost_year"] for row in read(report, "summary") if row["basis"] == "month"}
    assert abs(cost["all"] - cost["pension.small"] - cost["subsidy.small"]) <= Decimal("0.01")


@pytest.mark.parametrize(("nothing", "figures"), [(False, (0, 0, 1, 111)), (True, (10, 100, 1, 1))])
def test_who_is_undetermined_may_be_taken_to_be_paid_nothing(rulebook: Rulebook, tmp_path: Path, nothing: bool, figures: tuple[int, ...]) -> None:
    cases = [
        (1.0, "eligible", "50.00", "eligible", "50.00"),
        (10.0, "undetermined", None, "eligible", "70.00"),
        (100.0, "eligible", "90.00", "undetermined", None),
    ]
    names = ["weight", "pension.small.status", "pension.small.monthly_pension", "after.pension.small.status", "after.pension.small.monthly_pension"]
    rows = [dict(zip(names, (held, one, old and Decimal(old), other, new and Decimal(new)), strict=True)) for held, one, old, other, new in cases]
    rows.append({"weight": 1.0})
    run = write_run(tmp_path / "run", rows, names, release=rulebook.release)
    report = write_report(run, tmp_path / "report", rulebook, ReportOptions(undetermined_as_nothing=nothing, charts=False))
    found, summary = read(report, "gainers_losers")[0], read(report, "summary")[0]
    assert (found["gainers"], found["losers"], found["unchanged"], found["not_compared"]) == figures
    # What it costs, and who is undetermined, is the same either way.
    assert (summary["cost_month"], summary["undetermined"], summary["rejected"]) == (Decimal("9050.00"), 10, 1)


def test_regions_have_names_and_groups_an_order(report: ReportFiles) -> None:
    regions = [row for row in read(report, "by_region") if row["scheme"] == "all"]
    assert [(row["region"], row["region_name"]) for row in regions][:2] == [("110000", "北京市"), ("220000", "吉林省")]
    ages = [row["group"] for row in read(report, "by_age") if row["scheme"] == "all"]
    assert ages == ["0-15", "16-24", "25-34", "35-44", "45-49", "50-54", "55-59", "60-64", "65-69", "70-74", "75-79", "80+", "not known"]


def test_benefits(report: ReportFiles, rows: list[Row]) -> None:
    found = {(f"{row['scheme']}.{row['benefit']}", row["side"]): row for row in read(report, "benefits")}
    assert len(found) == 10
    for (column, side), each in found.items():
        name = ("after." if side == "after" else "") + column
        known = [row for row in rows if row.get(name) is not None]
        everything = plain.total((row, Fraction(row[name])) for row in known)
        assert Fraction(each["persons"]) == plain.persons(known)
        assert abs(Fraction(each["total"]) - everything) <= Fraction(1, 10**6)
        assert abs(Fraction(each["mean"]) - everything / plain.persons(known)) <= Fraction(1, 10**6)
        assert (each["least"], each["most"]) == (min(row[name] for row in known), max(row[name] for row in known))
    assert found[("subsidy.small.yearly", "before")]["unit"] == "CNY/year"


def test_csv_holds_what_parquet_holds(report: ReportFiles) -> None:
    for file in report.files:
        if file.suffix == ".csv":
            assert file.read_bytes().startswith(b"\xef\xbb\xbf")
            told = pyarrow.csv.read_csv(file)
            kept = pq.read_table(file.with_suffix(".parquet"))
            assert (told.num_rows, told.column_names) == (kept.num_rows, kept.column_names)
    summary = pyarrow.csv.read_csv(report.folder / "summary.csv", convert_options=pyarrow.csv.ConvertOptions(column_types={"cost_year": "string"}))
    assert summary.column("cost_year").to_pylist() == [
        str(row["cost_year"]) if row["cost_year"] is not None else "" for row in read(report, "summary")
    ]


def test_only_a_baseline(rows: list[Row], rulebook: Rulebook, tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", rows, ALL_COLUMNS, release=rulebook.release, parts=1)
    report = write_report(run, tmp_path / "report", rulebook)
    names = {file.name for file in report.files}
    assert {"summary.csv", "by_region.parquet", "inequality.csv", "cost_by_scheme.png", "report.html", "report.json"} <= names
    assert not {"gainers_losers.csv", "status_changes.csv", "mean_change_by_decile.png", "status_changes.png"} & names
    for found in read(report, "summary"):
        assert not any(name.startswith(("after_", "change_")) for name in found)
        assert Fraction(found["persons"]) == plain.persons(rows)
    assert [row["side"] for row in read(report, "inequality")] == ["without", "before"]


def test_the_benefits_that_count_may_be_named(rows: list[Row], rulebook: Rulebook, tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", rows, ALL_COLUMNS, release=rulebook.release)
    report = write_report(run, tmp_path / "report", rulebook, ReportOptions(measures={"pension.small": ("base_part",)}, charts=False))
    entitled = having(rows, "pension.small", "", "eligible")
    cost = plain.total((row, Fraction(row.get("pension.small.base_part") or 0)) for row in entitled)
    assert read(report, "summary")[0]["cost_month"] == plain.fen(cost)
