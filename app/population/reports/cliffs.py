"""What the next yuan of income does to benefits: who loses more than they gain (benefit cliffs).

The people (or a sample of them) are evaluated twice: as they are, and with one fact higher by a step. A benefit that
falls by more than the step is a cliff; one that falls by less is withdrawn in part, and the part is the marginal rate.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from app.language import Fact, FactDictionary, Title
from app.population.question import Evaluator

from .income import DECILES
from .measures import TOGETHER, Entry
from .outcomes import entry_words, periods
from .people import WEIGHT_DECIMALS, identifier, literal
from .queries import ask
from .run_files import STATUS
from .tables import Column, ReportTable, per, share, table
from .words import columns

_AMOUNT_DIGITS = 28
_QUANTILES = (("q01", 0.01), ("q05", 0.05), ("q25", 0.25), ("median_change", 0.5), ("q75", 0.75), ("q95", 0.95), ("q99", 0.99))


class CliffError(ValueError):
    """A fact or step that marginal effects cannot be asked of; says what to do."""


@dataclass(frozen=True, slots=True)
class NextYuan:
    """`fact` is raised by `step` (in its own unit); benefits are those of `entries`, of the same question as the evaluator's."""

    fact: Fact
    step: Decimal
    entries: tuple[Entry, ...]


def next_yuan(dictionary: FactDictionary, fact: str, step: Decimal, entries: Iterable[Entry]) -> NextYuan:
    """Check that a fact is a number that a step can be added to. Raises CliffError."""
    numbers = [name for name, each in dictionary.facts.items() if each.kind in ("number", "whole")]
    if fact not in numbers:
        raise CliffError(f"'{fact}' is no fact that is a number. There are: {', '.join(numbers)}.")
    decimals = dictionary.facts[fact].decimals if dictionary.facts[fact].kind == "number" else 0
    if step <= 0 or step != round(step, decimals):
        raise CliffError(f"the step of '{fact}' is {step}. Give a number above 0 with at most {decimals} decimals.")
    paid = tuple(entry for entry in entries if entry.basis != "none" and entry.kind == "benefit")
    if not paid:
        raise CliffError("none of the schemes pays money. Name schemes that do.")
    return NextYuan(dictionary.facts[fact], step, paid)


def sample_rows(batches: Iterable[pa.RecordBatch], total: int, size: int, seed: int) -> Iterator[pa.RecordBatch]:
    """A simple random sample of `size` of the `total` rows, each row at most once, in their order; the same for the same seed."""
    chosen = np.sort(np.random.default_rng(seed).choice(total, min(size, total), replace=False))
    start = 0
    for batch in batches:
        mine = chosen[np.searchsorted(chosen, start) : np.searchsorted(chosen, start + batch.num_rows)] - start
        if len(mine):
            yield batch.take(pa.array(mine))
        start += batch.num_rows


def cliff_tables(batches: Iterable[pa.RecordBatch], evaluator: Evaluator, asked: NextYuan) -> list[ReportTable]:
    """The distribution of the change, scheme by scheme and by decile of the fact. Batches are canonical (`columns.conform`)."""
    db = duckdb.connect()
    try:
        parts = [_evaluated(batch, evaluator, asked) for batch in batches]
        evaluated = pa.Table.from_batches(parts) if parts else _nobody(evaluator, asked)
        db.register("evaluated", evaluated)
        _make_changes(db, asked)
        rows = ask(db, "cliffs", step=f"{asked.step}::DECIMAL(18,6)", deciles=str(DECILES))
    finally:
        db.close()
    overall = [_record(asked, row) for row in rows if row["overall"]]
    by_decile = [_record(asked, row) for row in rows if not row["overall"]]
    title = Title(f"{asked.fact.title.zh}增加 {asked.step} 元的影响", f"The next {asked.step} of: {asked.fact.title.en}")
    note = Title(
        "变化按每月（或一次性）计。减少超过步长的为“悬崖”；未取得该事实或任一次无法判定的人不计入。",
        "Changes are a month's (or paid once). A fall of more than the step is a cliff. Persons without the fact, or undetermined either time, are left out.",
    )
    group = Title(f"按{asked.fact.title.zh}十等分", f"By decile of: {asked.fact.title.en}")
    return [table("cliffs", title, _COLUMNS, overall, (note,)), table("cliffs_by_decile", group, _COLUMNS, by_decile, (note,))]


def raised(batch: pa.RecordBatch, fact: Fact, step: Decimal) -> pa.RecordBatch:
    """The batch with a fact higher by a step, in its canonical type; unknown stays unknown."""
    index = batch.schema.get_field_index(fact.name)
    if index < 0:
        raise CliffError(f"the population has no column '{fact.name}'. Add it, or choose another fact.")
    column = batch.column(index)
    amount = pa.scalar(step if pa.types.is_decimal(column.type) else int(step), column.type)
    higher = pc.add_checked(column, amount).cast(column.type)
    return batch.set_column(index, batch.schema.field(index), higher)


def _evaluated(batch: pa.RecordBatch, evaluator: Evaluator, asked: NextYuan) -> pa.RecordBatch:
    """Weight, the fact, and every status and amount before and after the step."""
    before, after = evaluator.evaluate(batch).results, evaluator.evaluate(raised(batch, asked.fact, asked.step)).results
    weights = batch.column("weight") if "weight" in batch.schema.names else pa.array(np.ones(batch.num_rows))
    arrays, names = [weights.cast(pa.float64()), batch.column(asked.fact.name)], ["weight", "fact"]
    for prefix, results in (("before.", before), ("after.", after)):
        for name in _needed(asked):
            arrays.append(results.column(name))
            names.append(prefix + name)
    return pa.RecordBatch.from_arrays(arrays, names=names)


def _needed(asked: NextYuan) -> list[str]:
    found: list[str] = []
    for entry in asked.entries:
        if entry.scheme != TOGETHER:
            found.append(entry.scheme + STATUS)
        found += [column for column, _ in entry.parts]
    return list(dict.fromkeys(found))


def _nobody(evaluator: Evaluator, asked: NextYuan) -> pa.Table:
    """The table of no batches."""
    fields = [pa.field(prefix + name, evaluator.schema.field(name).type) for prefix in ("before.", "after.") for name in _needed(asked)]
    return pa.schema([pa.field("weight", pa.float64()), pa.field("fact", pa.int64()), *fields]).empty_table()


def _make_changes(db: duckdb.DuckDBPyConnection, asked: NextYuan) -> None:
    """The view `changes`: a person and an entry, with the fact, the weight and the change of the amount shown."""
    selects = []
    for number, entry in enumerate(asked.entries):
        schemes = sorted({column.rpartition(".")[0] for column, _ in entry.parts})
        change = f"({_amount(entry, schemes, 'after.')} - {_amount(entry, schemes, 'before.')})::DECIMAL({_AMOUNT_DIGITS},12)"
        lost = " OR ".join(
            f"({identifier('before.' + name + STATUS)} = 'eligible' AND {identifier('after.' + name + STATUS)} <> 'eligible')" for name in schemes
        )
        selects.append(
            f"SELECT {number} AS entry, {literal(entry.basis)} AS basis, {periods(entry)} AS periods, fact, weight::DECIMAL(18,{WEIGHT_DECIMALS}) AS weight, "
            f"{change} AS change, {lost} AS lost FROM evaluated WHERE fact IS NOT NULL"
        )
    db.execute(f"CREATE VIEW changes AS {' UNION ALL '.join(selects)}")


def _amount(entry: Entry, schemes: Sequence[str], side: str) -> str:
    """What the entry's schemes pay in a year (or once); null as soon as one of them is not known."""
    terms = []
    for scheme in schemes:
        paid = " + ".join(
            f"{times} * coalesce({identifier(side + column)}, 0)" for column, times in entry.parts if column.rpartition(".")[0] == scheme
        )
        terms.append(f"CASE {identifier(side + scheme + STATUS)} WHEN 'eligible' THEN {paid} WHEN 'not_eligible' THEN 0 END")
    return "(" + " + ".join(f"({term})" for term in terms) + ")"


def _record(asked: NextYuan, row: dict[str, Any]) -> dict[str, Any]:
    entry = asked.entries[row["entry"]]
    persons = row["persons"] or Decimal(0)
    found: dict[str, Any] = {**entry_words(entry), "group": None if row["overall"] else str(row["decile"]), "rows": row["rows"], "persons": persons}
    for name in ("cliff", "withdrawn", "unchanged", "rise", "lose_entitlement"):
        found[name] = row[name] or Decimal(0)
    found["cliff_share"] = share(found["cliff"], persons)
    found["mean_change"] = per(row["change"], persons * row["periods"])
    found["biggest_loss"] = per(max(-row["least"], Decimal(0)), row["periods"]) if row["least"] is not None else None
    found["marginal_rate"] = share(-(row["change"] or Decimal(0)), persons * row["periods"] * asked.step)
    for (name, _), value in zip(_QUANTILES, row["quantiles"] or (), strict=False):
        found[name] = per(value, row["periods"])
    return found


def _named(name: str, kind: Any, zh: str, en: str) -> Column:
    return Column(name, kind, Title(zh, en))


_COLUMNS = (
    *columns("scheme scheme_zh scheme_en basis group rows persons"),
    _named("cliff", "persons", "悬崖人数", "On a cliff"),
    _named("cliff_share", "share", "悬崖占比", "Share on a cliff"),
    _named("withdrawn", "persons", "部分扣减", "Withdrawn in part"),
    _named("unchanged", "persons", "不变", "Unchanged"),
    _named("rise", "persons", "增加", "Benefit rises"),
    _named("lose_entitlement", "persons", "失去资格", "Lose entitlement"),
    *columns("mean_change biggest_loss"),
    _named("marginal_rate", "share", "平均边际扣减率", "Mean marginal rate"),
    *(_named(name, "money", f"变化的 {share_:.0%} 分位（元）", f"Change, {share_:.0%} quantile (CNY)") for name, share_ in _QUANTILES),
)
