"""What the schemes pay, to whom, and who gains and loses: the tables over `cases`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import duckdb

from app.language import Title, region_name

from .measures import MONTHS_OF_YEAR, Benefit, Entry
from .people import identifier
from .queries import ask
from .run_files import AFTER, Run
from .tables import ReportTable, per, share, table, to_fen
from .words import UNKNOWN, columns

Row = dict[str, Any]
_PERSONS = ("eligible", "not_eligible", "undetermined", "rejected")
_COMPARED = ("gainers", "losers", "unchanged", "not_compared")
_ENTRY = "scheme scheme_zh scheme_en basis"
_BEFORE = "rows persons eligible not_eligible undetermined rejected cost_month cost_year cost_once average"
_AFTER = "after_eligible after_not_eligible after_undetermined after_rejected after_cost_month after_cost_year after_cost_once after_average"
_CHANGE = "change_month change_year change_once mean_change"
_GAINS = "gainers losers unchanged not_compared gainers_share losers_share gained lost mean_gain mean_loss biggest_gain biggest_loss"


@dataclass(frozen=True, slots=True)
class Dimension:
    """A way to group persons: its bits in groups.sql, and the table's name and title."""

    grouping: int
    column: str
    name: str
    title: Title


EVERYONE = 0b1111
DIMENSIONS = (
    Dimension(0b0111, "region", "by_region", Title("分地区", "By region")),
    Dimension(0b1011, "group", "by_sex", Title("分性别", "By sex")),
    Dimension(0b1101, "group", "by_age", Title("分年龄组", "By age group")),
    Dimension(0b1110, "group", "by_decile", Title("分收入十等分组", "By income decile")),
)


def outcome_tables(db: duckdb.DuckDBPyConnection, run: Run, entries: Sequence[Entry], age_groups: Sequence[str]) -> list[ReportTable]:
    """Summary, gainers and losers, status changes, and the figures of each group."""
    rows = ask(db, "groups")
    medians = {(row["entry"], row["after"]): row["median"] for row in ask(db, "medians")}
    everyone = [row for row in rows if row["dimension"] == EVERYONE]
    summary = [{**_figures(entries[row["entry"]], row, run.has_reform), **_medians(entries[row["entry"]], row["entry"], medians)} for row in everyone]
    tables = [table("summary", Title("汇总", "Summary"), columns(f"{_ENTRY} {_BEFORE} median {_AFTER} after_median {_CHANGE}"), summary)]
    if run.has_reform:
        tables.append(table("gainers_losers", Title("受益与受损", "Gainers and losers"), columns(f"{_ENTRY} persons {_GAINS} mean_change"), summary))
        tables.append(_transitions(db, entries))
    order = {name: index for index, name in enumerate(age_groups)}
    for dimension in DIMENSIONS:
        made = _by_group(dimension, [row for row in rows if row["dimension"] == dimension.grouping], entries, run.has_reform, order)
        if made is not None:
            tables.append(made)
    return tables


def _by_group(dimension: Dimension, rows: list[Row], entries: Sequence[Entry], has_reform: bool, order: Mapping[str, int]) -> ReportTable | None:
    """The figures of each group; None where the results do not tell the groups apart."""
    if not any(row["member"] is not None for row in rows):
        return None
    records = []
    for row in sorted(rows, key=lambda row: (row["entry"], _position(row["member"], order))):
        name = row["member"]
        own = {dimension.column: name if name is not None else UNKNOWN.en}
        if dimension.column == "region":
            own["region_name"] = (region_name(name) if name is not None else None) or UNKNOWN.zh
        records.append({**_figures(entries[row["entry"]], row, has_reform), **own})
    names = "region region_name" if dimension.column == "region" else "group"
    return table(dimension.name, dimension.title, columns(f"{_ENTRY} {names} {_BEFORE} {_AFTER} {_CHANGE} {_GAINS}"), records)


def _position(member: str | None, order: Mapping[str, int]) -> tuple[bool, int, str]:
    """Age groups by age, deciles by number, everything else by its name; what is not known comes last."""
    if member is None:
        return True, 0, ""
    return False, order.get(member, int(member) if member.isdecimal() else 0), member


def _figures(entry: Entry, row: Row, has_reform: bool) -> Row:
    """One row of groups.sql as the figures of a table."""
    found: Row = {**entry_words(entry), "rows": row["rows"], "persons": _count(row["persons"])}
    found.update(_side(entry, row, ""))
    if has_reform:
        found.update(_side(entry, row, "after_"))
        found.update(_change(entry, row))
    return found


def entry_words(entry: Entry) -> Row:
    return {"scheme": entry.scheme, "scheme_zh": entry.title.zh, "scheme_en": entry.title.en, "basis": entry.basis}


def _count(weight: Decimal | None) -> Decimal:
    return Decimal(0) if weight is None else Decimal(weight)


def _side(entry: Entry, row: Row, prefix: str) -> Row:
    found: Row = {prefix + name: _count(row[prefix + name]) for name in _PERSONS}
    return {**found, **_costs(entry, _count(row[prefix + "paid"]), prefix + "cost"), prefix + "average": _average(entry, row, prefix)}


def _costs(entry: Entry, amount: Decimal, prefix: str) -> Row:
    """An amount of an entry (a year's, or paid once) as the report shows it."""
    if entry.basis == "none":
        return {}
    if entry.basis == "once":
        return {f"{prefix}_once": to_fen(amount)}
    return {f"{prefix}_month": per(amount, MONTHS_OF_YEAR), f"{prefix}_year": to_fen(amount)}


def _average(entry: Entry, row: Row, prefix: str) -> Decimal | None:
    return None if entry.basis == "none" else per(row[prefix + "paid"], _count(row[prefix + "eligible"]) * periods(entry))


def periods(entry: Entry) -> int:
    """By what an entry's amounts are divided to be shown: those of a year by the month."""
    return MONTHS_OF_YEAR if entry.basis == "month" else 1


def _change(entry: Entry, row: Row) -> Row:
    """Who gains and who loses, a month (or once); and what the reform costs."""
    gainers, losers = _count(row["gainers"]), _count(row["losers"])
    found: Row = {name: _count(row[name]) for name in _COMPARED}
    if entry.basis == "none":
        return {}
    compared = gainers + losers + found["unchanged"]
    gained, lost, divisor = _count(row["gained"]), _count(row["lost"]), periods(entry)
    return {
        **found,
        **_costs(entry, _count(row["after_paid"]) - _count(row["paid"]), "change"),
        "gainers_share": share(gainers, compared),
        "losers_share": share(losers, compared),
        "gained": per(gained, divisor),
        "lost": per(lost, divisor),
        "mean_gain": per(gained, gainers * divisor),
        "mean_loss": per(lost, losers * divisor),
        "mean_change": per(gained - lost, compared * divisor),
        "biggest_gain": per(row["biggest_gain"], divisor),
        "biggest_loss": per(row["biggest_loss"], divisor),
    }


def _medians(entry: Entry, number: int, medians: Mapping[tuple[int, bool], Decimal | None]) -> Row:
    if entry.basis == "none":
        return {}
    return {name: per(medians.get((number, after)), periods(entry)) for name, after in (("median", False), ("after_median", True))}


def _transitions(db: duckdb.DuckDBPyConnection, entries: Sequence[Entry]) -> ReportTable:
    records = []
    for row in ask(db, "transitions"):
        entry = entries[row["entry"]]
        money = _costs(entry, _count(row["change"]), "change") if row["change"] is not None else {}
        shown = {name: row[name] for name in ("before_status", "after_status", "rows")}
        records.append({**entry_words(entry), **shown, "persons": _count(row["persons"]), **money})
    names = f"{_ENTRY} before_status after_status rows persons change_month change_year change_once"
    return table("status_changes", Title("资格变化", "Changes of status"), columns(names), records)


def benefit_table(db: duckdb.DuckDBPyConnection, run: Run, benefits: Iterable[Benefit]) -> ReportTable:
    """Every benefit that is a number: how many get it, its total, mean, least and most, in its own unit."""
    wanted = [(benefit, side) for benefit in benefits for side in ("", AFTER) if run.has(side + benefit.column)]
    found = _column_figures(db, [side + benefit.column for benefit, side in wanted])
    records = [
        {
            "scheme": benefit.scheme,
            "benefit": benefit.local,
            "benefit_zh": benefit.title.zh,
            "benefit_en": benefit.title.en,
            "unit": benefit.unit,
            "side": "after" if side else "before",
            **figures,
        }
        for (benefit, side), figures in zip(wanted, found, strict=True)
    ]
    names = "scheme benefit benefit_zh benefit_en unit side persons total mean least most"
    return table("benefits", Title("各项待遇", "Benefits"), columns(names), records)


def _column_figures(db: duckdb.DuckDBPyConnection, names: Sequence[str]) -> list[Row]:
    """The figures of each column over the rows that have it, in one pass."""
    parts = [
        f"sum(exact_weight) FILTER ({value} IS NOT NULL), sum(exact_weight * {value}), min({value}), max({value})" for value in map(identifier, names)
    ]
    if not parts:
        return []
    row = db.execute(f"SELECT {', '.join(parts)} FROM weighed").fetchall()[0]
    found = []
    for start in range(0, len(row), 4):
        persons, total, least, most = row[start : start + 4]
        mean = None if total is None or not persons else Decimal(total) / Decimal(persons)
        found.append({"persons": _count(persons), "total": _count(total), "mean": mean, "least": least, "most": most})
    return found
