"""The reasons of a run as a table, and as files beside its results, where reports find them."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as csv
import pyarrow.parquet as pq

from app.language import Statement

from .ranking import ENTITLED, MeasureReasons, RunReasons

REASONS = "reasons.parquet"
REASONS_CSV = "reasons.csv"
_MONEY = pa.decimal128(38, 2)
REASONS_SCHEMA = pa.schema(
    [
        pa.field("scheme", pa.string()),
        pa.field("measure", pa.string()),  # a benefit's name, or "entitled": the number of people entitled
        pa.field("scheme_zh", pa.string()),
        pa.field("scheme_en", pa.string()),
        pa.field("measure_zh", pa.string()),
        pa.field("measure_en", pa.string()),
        pa.field("unit", pa.string()),
        pa.field("total", _MONEY),  # the whole change, weighted
        pa.field("rank", pa.int32()),
        pa.field("amendment", pa.string()),
        pa.field("kind", pa.string()),
        pa.field("title_zh", pa.string()),
        pa.field("title_en", pa.string()),
        pa.field("version", pa.string()),
        pa.field("file", pa.string()),
        pa.field("instrument", pa.string()),
        pa.field("number", pa.string()),
        pa.field("article", pa.string()),
        pa.field("share", _MONEY),  # the shares of a measure add up to its total
        pa.field("percent", pa.decimal128(12, 1)),
        pa.field("method", pa.string()),
        pa.field("people", pa.int64()),
        pa.field("asked", pa.int64()),  # how many of them the shares rest on
        pa.field("seed", pa.int64()),  # null where that is everyone
    ]
)


def reasons_table(reasons: RunReasons) -> pa.Table:
    """A line for each measure and amendment that has a share in its change, measure by measure, the largest share first."""
    return pa.Table.from_pylist([_line(reasons, measure, rank) for measure in reasons.measures for rank in range(len(measure.shares))], REASONS_SCHEMA)


def write_reasons(reasons: RunReasons, folder: Path) -> tuple[Path, Path]:
    """Write the table into a run's folder as Parquet and CSV."""
    table = reasons_table(reasons)
    pq.write_table(table, folder / REASONS)
    csv.write_csv(table, folder / REASONS_CSV)
    return folder / REASONS, folder / REASONS_CSV


def _line(reasons: RunReasons, measure: MeasureReasons, rank: int) -> dict[str, Any]:
    found = measure.shares[rank]
    amendment = found.amendment
    return {
        "scheme": measure.scheme,
        "measure": measure.local or ENTITLED,
        "scheme_zh": measure.scheme_title.zh,
        "scheme_en": measure.scheme_title.en,
        "measure_zh": measure.title.zh,
        "measure_en": measure.title.en,
        "unit": measure.unit,
        "total": measure.total,
        "rank": rank + 1,
        "amendment": amendment.key,
        "kind": amendment.kind,
        "title_zh": amendment.title.zh,
        "title_en": amendment.title.en,
        **_law((*amendment.after, *amendment.before)),
        "share": found.share,
        "percent": _percent(found.share, measure.total),
        "method": reasons.method,
        "people": reasons.rows,
        "asked": reasons.asked,
        "seed": reasons.seed,
    }


def _law(statements: tuple[Statement, ...]) -> dict[str, str | None]:
    """Where the amendment stands: the clause that holds newly, or the one that holds no longer."""
    if not statements:
        return {}
    first = statements[0]
    return {
        "version": str(first.file.id),
        "file": str(first.place),
        "instrument": first.source.instrument,
        "number": first.source.number,
        "article": first.source.article,
    }


def _percent(share: Decimal, total: Decimal) -> Decimal | None:
    return None if not total else (share / total * 100).quantize(Decimal("0.1"))
