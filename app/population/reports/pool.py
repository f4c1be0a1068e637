"""A pension pool by region under a rule version: contributions, benefits, balance, and the transfers that balance it.

A region's contributions and benefits are a month's, summed exactly and then rounded to the fen, half up; its balance is
their difference. A contribution or benefit counts wherever it is known, which it is only where every condition is met.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import duckdb

from app.language import Title, region_name

from .options import Level
from .people import identifier, literal
from .queries import ask
from .run_files import AFTER, STATUS, Run, RunError
from .tables import Column, ReportTable, per, table, to_fen
from .transfers import FUND, Plan, direct, proportional

# How many digits of a region's code name its pool.
_DIGITS: dict[Level, int] = {"province": 2, "prefecture": 4, "county": 6}
FUND_TITLE = Title("调剂金", "common fund")
_FEN = 100


@cache
def pool_columns(side: str) -> tuple[str, ...]:
    """The columns of one side of the pensions' pool, as data/pools.csv lists them."""
    with files(__package__).joinpath("data", "pools.csv").open(encoding="utf-8") as file:
        return tuple(row["column"] for row in csv.DictReader(file) if (row["pool"], row["side"]) == ("pension", side))


@dataclass(frozen=True, slots=True)
class PoolColumns:
    """The result columns (`<scheme>.<benefit>`, yuan a month) of one pool."""

    employer: tuple[str, ...] = field(default_factory=lambda: pool_columns("employer"))
    employee: tuple[str, ...] = field(default_factory=lambda: pool_columns("employee"))
    benefits: tuple[str, ...] = field(default_factory=lambda: pool_columns("benefits"))

    def all(self) -> tuple[str, ...]:
        return (*self.employer, *self.employee, *self.benefits)


@dataclass(frozen=True, slots=True)
class PoolQuestion:
    """`within`: only regions whose code begins so (such as "22", Jilin); `after`: under the reform."""

    columns: PoolColumns = field(default_factory=PoolColumns)
    level: Level = "province"
    within: str = ""
    after: bool = False


@dataclass(frozen=True, slots=True)
class RegionBalance:
    """One region's pool, a month: money in fen, persons as they are weighted; `unknown` have an amount that is not known."""

    region: str
    payers: Decimal
    pensioners: Decimal
    unknown: Decimal
    employer: int
    employee: int
    benefits: int

    @property
    def balance(self) -> int:
        return self.employer + self.employee - self.benefits


def can_report(run: Run, question: PoolQuestion) -> bool:
    """Whether the results have every column of the pool."""
    side = AFTER if question.after else ""
    return all(run.has(side + column) for column in question.columns.all())


def pool_balances(db: duckdb.DuckDBPyConnection, run: Run, question: PoolQuestion) -> list[RegionBalance]:
    """Each region's pool, by code, from the view `weighed`. Raises RunError where a column is missing or has no status."""
    side = AFTER if question.after else ""
    columns = question.columns
    for column in columns.all():
        if not run.has(side + column) or not run.has(_status(side, column)):
            raise RunError(
                f"the results have no column '{side + column}' with its status. Simulate its scheme too, or name other columns for the pool."
            )
    region = f"coalesce(region::VARCHAR, {literal(run.region)})" if run.has("region") else literal(run.region)
    digits = _DIGITS[question.level]
    rows = ask(
        db,
        "pool",
        region=f"rpad(substr({region}, 1, {digits}), 6, '0')",
        within=f"starts_with({region}, {literal(question.within)})",
        employer=_sum(side, columns.employer),
        employee=_sum(side, columns.employee),
        benefits=_sum(side, columns.benefits),
        pays=_any(side, (*columns.employer, *columns.employee)),
        draws=_any(side, columns.benefits),
        unknown=" OR ".join(_unknown(side, column) for column in columns.all()),
    )
    return [
        RegionBalance(
            region=row["pool"],
            payers=Decimal(row["payers"] or 0),
            pensioners=Decimal(row["pensioners"] or 0),
            unknown=Decimal(row["unknown"] or 0),
            employer=_fen(row["employer"]),
            employee=_fen(row["employee"]),
            benefits=_fen(row["benefits"]),
        )
        for row in rows
    ]


def pool_tables(balances: list[RegionBalance], prefix: str) -> list[ReportTable]:
    """The pools of the regions, with what each gives and receives in proportion; and every transfer of both methods."""
    by_region = {each.region: each.balance for each in balances}
    plans = {"proportional": proportional(by_region), "direct": direct(by_region)}
    return [
        table(prefix, Title("各地基金收支", "The pool by region"), _POOL, _pool_rows(balances, plans["proportional"]), _pool_notes(by_region)),
        table(
            f"{prefix}_transfers",
            Title("地区间调剂", "Transfers between regions"),
            _TRANSFERS,
            _transfer_rows(plans),
            _transfer_notes(plans["direct"]),
        ),
    ]


def _status(side: str, column: str) -> str:
    return side + column.rpartition(".")[0] + STATUS


def _paid(side: str, column: str) -> str:
    return f"coalesce({identifier(side + column)}, 0)"


def _unknown(side: str, column: str) -> str:
    return f"({identifier(_status(side, column))} = 'undetermined' AND {identifier(side + column)} IS NULL)"


def _sum(side: str, columns: Iterable[str]) -> str:
    return " + ".join(_paid(side, column) for column in columns) or "0"


def _any(side: str, columns: Iterable[str]) -> str:
    return " OR ".join(f"{_paid(side, column)} > 0" for column in columns) or "false"


def _fen(amount: Decimal | int | None) -> int:
    return int((to_fen(amount) or Decimal(0)) * _FEN)


def _yuan(fen: int) -> Decimal:
    return Decimal(fen) / _FEN


def _pool_rows(balances: list[RegionBalance], plan: Plan) -> list[dict[str, Any]]:
    given = {transfer.giver: transfer.fen for transfer in plan.transfers if transfer.giver != FUND}
    received = {transfer.receiver: transfer.fen for transfer in plan.transfers if transfer.receiver != FUND}
    after = plan.after({each.region: each.balance for each in balances})
    rows: list[dict[str, Any]] = [
        {
            "region": each.region,
            "region_name": region_name(each.region) or each.region,
            "payers": each.payers,
            "pensioners": each.pensioners,
            "unknown": each.unknown,
            "payers_per_pensioner": per(each.payers, each.pensioners),
            "employer": _yuan(each.employer),
            "employee": _yuan(each.employee),
            "benefits": _yuan(each.benefits),
            "balance": _yuan(each.balance),
            "gives": _yuan(given.get(each.region, 0)),
            "receives": _yuan(received.get(each.region, 0)),
            "balance_after": _yuan(after[each.region]),
            "uncovered": _yuan(plan.uncovered.get(each.region, 0)),
        }
        for each in balances
    ]
    summed = ("payers", "pensioners", "unknown", "employer", "employee", "benefits", "balance", "gives", "receives", "balance_after", "uncovered")
    total: dict[str, Any] = {name: sum((row[name] for row in rows), Decimal(0)) for name in summed}
    ratio = per(total["payers"], total["pensioners"])
    return [*rows, {"region": "total", "region_name": "合计", **total, "payers_per_pensioner": ratio}]


def _transfer_rows(plans: Mapping[str, Plan]) -> list[dict[str, Any]]:
    return [
        {
            "method": method,
            "giver": transfer.giver,
            "giver_name": _place(transfer.giver),
            "receiver": transfer.receiver,
            "receiver_name": _place(transfer.receiver),
            "amount": _yuan(transfer.fen),
        }
        for method, plan in plans.items()
        for transfer in plan.transfers
    ]


def _place(region: str) -> str:
    return FUND_TITLE.zh if region == FUND else region_name(region) or region


def _pool_notes(balances: Mapping[str, int]) -> list[Title]:
    total = sum(balances.values())
    surplus, deficit = sum(fen > 0 for fen in balances.values()), sum(fen < 0 for fen in balances.values())
    counted = Title(f"{surplus} 地有结余，{deficit} 地有缺口。", f"{surplus} regions are in surplus, {deficit} in deficit.")
    if total >= 0:
        return [counted, Title(f"合计每月结余 {_yuan(total)} 元。", f"Together they have a surplus of {_yuan(total)} yuan a month.")]
    zh, en = f"合计每月缺口 {_yuan(-total)} 元，调剂后仍无法弥补。", f"Together they lack {_yuan(-total)} yuan a month, which no transfer covers."
    return [counted, Title(zh, en)]


def _transfer_notes(plan: Plan) -> list[Title]:
    method = Title(
        "proportional：各地按结余比例上缴调剂金，按缺口比例领取，尾差按最大余数法分配到分。direct：地区之间直接划转，力求笔数最少。",
        "proportional: every surplus gives to a common fund in proportion, every deficit receives in proportion; odd fen go to the largest remainders. "
        "direct: from region to region, with few transfers.",
    )
    if plan.fewest:
        return [method, Title("direct 的笔数已证明最少。", "The number of direct transfers is proved to be the fewest.")]
    return [
        method,
        Title(
            "direct 的笔数不多于有收支差的地区数减一，未证明最少。",
            "There are fewer direct transfers than regions with a balance; they are not proved to be the fewest.",
        ),
    ]


def _column(name: str, kind: Literal["code", "text", "persons", "money"], zh: str, en: str) -> Column:
    return Column(name, kind, Title(zh, en))


_POOL = (
    _column("region", "code", "地区代码", "Region code"),
    _column("region_name", "text", "地区", "Region"),
    _column("payers", "persons", "缴费人数", "Payers"),
    _column("pensioners", "persons", "领取人数", "Pensioners"),
    _column("unknown", "persons", "金额不明人数", "Amount not known"),
    _column("payers_per_pensioner", "money", "抚养比", "Payers per pensioner"),
    _column("employer", "money", "单位缴费（元/月）", "Employers pay (CNY/month)"),
    _column("employee", "money", "个人缴费（元/月）", "Employees pay (CNY/month)"),
    _column("benefits", "money", "待遇支出（元/月）", "Benefits (CNY/month)"),
    _column("balance", "money", "当月收支差（元）", "Balance (CNY/month)"),
    _column("gives", "money", "上缴调剂金（元）", "Gives to the fund (CNY)"),
    _column("receives", "money", "领取调剂金（元）", "Receives from the fund (CNY)"),
    _column("balance_after", "money", "调剂后收支差（元）", "Balance after transfers (CNY)"),
    _column("uncovered", "money", "未弥补缺口（元）", "Deficit left (CNY)"),
)
_TRANSFERS = (
    _column("method", "code", "方法", "Method"),
    _column("giver", "code", "转出地代码", "Giver code"),
    _column("giver_name", "text", "转出地", "Giver"),
    _column("receiver", "code", "转入地代码", "Receiver code"),
    _column("receiver_name", "text", "转入地", "Receiver"),
    _column("amount", "money", "金额（元/月）", "Amount (CNY/month)"),
)
