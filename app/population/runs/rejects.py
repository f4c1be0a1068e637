"""The rejects of a run: the first of them, and all of them counted by what is wrong."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from app.engine import InputFault

from .parts import REJECTS

_POSITION = re.compile(r"/[0-9]+(?=/|$)")


@dataclass(frozen=True, slots=True)
class RejectKind:
    """One kind of fault: where (list positions left out), which, how often, and the words of one of them."""

    pointer: str
    code: str
    lines: int
    zh: str
    en: str


def first_rejects(out: Path, count: int) -> list[InputFault]:
    """The first lines of a run's rejects.parquet, each with its row."""
    with pq.ParquetFile(out / REJECTS) as file:
        lines = next(file.iter_batches(count)).to_pylist()
    return [InputFault(line["pointer"], line["code"], f"第 {line['row']} 行：{line['zh']}", f"row {line['row']}: {line['en']}") for line in lines]


def count_rejects(out: Path) -> list[RejectKind]:
    """The kinds of fault in a run's rejects.parquet, the most frequent first."""
    counts: Counter[tuple[str, str]] = Counter()
    words: dict[tuple[str, str], tuple[str, str]] = {}
    with pq.ParquetFile(out / REJECTS) as file:
        for batch in file.iter_batches(columns=["pointer", "code", "zh", "en"]):
            grouped = pa.Table.from_batches([batch]).group_by(["pointer", "code"]).aggregate([("code", "count"), ("zh", "min"), ("en", "min")])
            for line in grouped.to_pylist():
                kind = (_POSITION.sub("", line["pointer"]), line["code"])
                counts[kind] += line["code_count"]
                words.setdefault(kind, (line["zh_min"], line["en_min"]))
    return [RejectKind(*kind, lines, *words[kind]) for kind, lines in counts.most_common()]
