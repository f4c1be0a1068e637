"""Pools by region, and the promises of the transfers that balance them."""

from __future__ import annotations

from decimal import Decimal
from itertools import combinations
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.language import Rulebook
from app.population.reports import ReportOptions, RunError, write_report
from app.population.reports.people import open_results
from app.population.reports.pool import PoolColumns, PoolQuestion, RegionBalance, pool_balances
from app.population.reports.run_files import open_run
from app.population.reports.transfers import FUND, Plan, apportion, direct, proportional

from .sample import write_run

REGIONS = [f"{number:02}0000" for number in range(11, 42)]
balances = st.dictionaries(st.sampled_from(REGIONS), st.integers(-(10**13), 10**13) | st.integers(-9, 9), max_size=31)
few = st.dictionaries(st.sampled_from(REGIONS), st.integers(-6, 6), max_size=6)


def check(found: dict[str, int], plan: Plan) -> None:
    """What every plan promises."""
    after, total = plan.after(found), sum(found.values())
    moved = sum(transfer.fen for transfer in plan.transfers if transfer.receiver != FUND)
    assert all(transfer.fen > 0 for transfer in plan.transfers)
    assert sum(transfer.fen for transfer in plan.transfers if transfer.giver != FUND) == moved
    assert sum(after.values()) == total
    assert all(after[region] >= 0 for region, fen in found.items() if fen >= 0)
    assert all(fen <= after[region] <= 0 for region, fen in found.items() if fen < 0)
    assert {region: -fen for region, fen in after.items() if fen < 0} == dict(plan.uncovered)
    assert sum(plan.uncovered.values()) == max(0, -total)


@given(balances)
def test_transfers_keep_their_promises(found: dict[str, int]) -> None:
    check(found, proportional(found))
    check(found, direct(found))


@given(balances)
def test_the_fund_gives_what_it_gets_in_proportion(found: dict[str, int]) -> None:
    plan = proportional(found)
    surplus = sum(fen for fen in found.values() if fen > 0)
    given_ = sum(transfer.fen for transfer in plan.transfers if transfer.receiver == FUND)
    assert given_ == sum(transfer.fen for transfer in plan.transfers if transfer.giver == FUND)
    for transfer in plan.transfers:
        if transfer.receiver == FUND:
            assert abs(transfer.fen * surplus - given_ * found[transfer.giver]) < surplus


@given(balances)
def test_direct_transfers_are_few(found: dict[str, int]) -> None:
    open_ = [fen for fen in found.values() if fen]
    assert len(direct(found).transfers) <= max(0, len(open_) - 1)


def most_groups(values: list[int]) -> int:
    """The most groups, each of a sum of 0 or more, that values can be split into; by trying them all."""
    if not values:
        return 0
    first, rest = values[0], values[1:]
    found = -(10**9)
    for size in range(len(rest) + 1):
        for chosen in combinations(range(len(rest)), size):
            if first + sum(rest[index] for index in chosen) >= 0:
                found = max(found, 1 + most_groups([rest[index] for index in range(len(rest)) if index not in chosen]))
    return found


@settings(max_examples=200)
@given(few)
def test_among_few_regions_the_transfers_are_the_fewest(found: dict[str, int]) -> None:
    open_ = [fen for fen in found.values() if fen]
    turned = open_ if sum(open_) >= 0 else [-fen for fen in open_]
    plan = direct(found)
    assert plan.fewest
    assert len(plan.transfers) == len(turned) - most_groups(turned)


@given(st.integers(0, 10**15), st.lists(st.integers(0, 10**15), min_size=1, max_size=40).filter(any))
def test_apportioning_sums_exactly(total: int, weights: list[int]) -> None:
    shares = apportion(total, weights)
    assert sum(shares) == total
    assert all(abs(share * sum(weights) - total * weight) < sum(weights) for share, weight in zip(shares, weights, strict=True))


# -- from a run ----------------------------------------------------------------------------------

NAMES = [
    "region", "weight", "contributions.monthly.status", "contributions.monthly.employer_pension", "contributions.monthly.employee_pension",
    "contributions.monthly.account_credit", "pension.employee.status", "pension.employee.monthly_pension",
]  # fmt: skip


def person(region: str, weight: int, employer: str | None = None, employee: str | None = None, pension: str | None = None) -> dict[str, Any]:
    row: dict[str, Any] = {"region": region, "weight": float(weight)}
    row["contributions.monthly.status"] = "not_eligible" if employer is None else "eligible"
    row["pension.employee.status"] = "not_eligible" if pension is None else "eligible"
    for name, amount in (("employer_pension", employer), ("employee_pension", employee)):
        row[f"contributions.monthly.{name}"] = None if amount is None else Decimal(amount)
    row["contributions.monthly.account_credit"] = row["contributions.monthly.employee_pension"]
    row["pension.employee.monthly_pension"] = None if pension is None else Decimal(pension)
    return row


JILIN = [
    person("220102", 1000, employer="1600.00", employee="800.00"),
    person("220102", 200, pension="3100.55"),
    person("220122", 300, employer="900.10", employee="450.05"),
    person("220122", 200, pension="2500.00"),
    person("440300", 5000, employer="2000.00", employee="1000.00"),
    {**person("440300", 7), "pension.employee.status": "undetermined"},
    {**person("440300", 9, employer="10.00", employee="5.00"), "contributions.monthly.status": "undetermined"},
]
COUNTIES = PoolQuestion(level="county", within="22")


def balances_of_run(folder: Path, question: PoolQuestion) -> list[RegionBalance]:
    run = open_run(folder)
    with duckdb.connect() as db:
        open_results(db, run)
        return pool_balances(db, run, question)


def test_counties_of_a_province(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", JILIN, NAMES)
    city, county = balances_of_run(run, COUNTIES)
    assert city == RegionBalance("220102", Decimal(1000), Decimal(200), Decimal(0), employer=160_000_000, employee=80_000_000, benefits=62_011_000)
    assert (county.region, county.balance) == ("220122", 27_003_000 + 13_501_500 - 50_000_000)


def test_provinces_in_the_report(rulebook: Rulebook, tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", JILIN, NAMES, release=rulebook.release)
    # The sample's rulebook has no pension.employee; its results are a pool's benefits all the same.
    report = write_report(run, tmp_path / "report", rulebook, ReportOptions(charts=False))
    jilin, guangdong, total = pq.read_table(report.folder / "pool.parquet").to_pylist()
    assert (jilin["region_name"], guangdong["region_name"], total["region"]) == ("吉林省", "广东省", "total")
    assert jilin["balance"] == Decimal("1684935.00") and guangdong["benefits"] == 0
    assert jilin["payers_per_pensioner"] == Decimal("3.25") and guangdong.get("payers_per_pensioner") is None
    assert total["balance"] == jilin["balance"] + guangdong["balance"]
    # What is known counts, whatever else of the scheme is not; who has an amount that is not known is said.
    assert (guangdong["payers"], guangdong["employer"], guangdong["unknown"]) == (5009, Decimal("10000090.00"), 7)


def test_a_county_in_deficit_is_balanced(rulebook: Rulebook, tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", [*JILIN[1:4], person("220102", 600, employer="1600.00", employee="800.00")], NAMES, release=rulebook.release)
    found = {each.region: each.balance for each in balances_of_run(run, COUNTIES)}
    assert found == {"220102": 144_000_000 - 62_011_000, "220122": -9_495_500}
    assert [(move.giver, move.receiver, move.fen) for move in direct(found).transfers] == [("220102", "220122", 9_495_500)]
    assert [(move.giver, move.receiver, move.fen) for move in proportional(found).transfers] == [
        ("220102", FUND, 9_495_500),
        (FUND, "220122", 9_495_500),
    ]


def test_a_nation_in_deficit_says_what_remains() -> None:
    plan = proportional({"110000": 100, "220000": -250, "310000": -50})
    assert dict(plan.uncovered) == {"220000": 167, "310000": 33}
    assert dict(direct({"110000": 100, "220000": -250, "310000": -50}).uncovered) == {"220000": 150, "310000": 50}


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", JILIN, NAMES)
    with pytest.raises(RunError, match=r"no column 'pension\.resident\.monthly_pension'"):
        balances_of_run(run, PoolQuestion(PoolColumns(benefits=("pension.resident.monthly_pension",))))
