"""A synthetic population into Parquet: one file, or a folder of files of about a million persons."""

from __future__ import annotations

import json
import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from .generator import Synthesis
from .person import BLOCK

BLOCKS_IN_GROUP, BLOCKS_IN_PART = 4, 32
RECIPE = b"shebao.synthetic"
"""The file's metadata under this key say how to make it again."""


def write(people: Synthesis, out: Path, seen: Callable[[pa.RecordBatch], None] | None = None) -> list[Path]:
    """Write a population; `seen` is shown every batch in order. Raises FileExistsError rather than overwrite.

    `out` that ends in .parquet is one file, anything else a folder of parts. What is not finished bears the ending .part.
    """
    files: list[Path] = []
    if out.suffix == ".parquet":
        if out.exists():
            raise FileExistsError(f"'{out}' is there already. Name another file, or remove it.")
        out.parent.mkdir(parents=True, exist_ok=True)
    else:
        if out.exists() and (not out.is_dir() or any(out.iterdir())):
            raise FileExistsError(f"'{out}' is there already. Name a new folder, or a file that ends in .parquet.")
        out.mkdir(parents=True, exist_ok=True)
    batches = generate(people)
    left = people.blocks
    while left:
        count = left if out.suffix == ".parquet" else min(left, BLOCKS_IN_PART)
        path = out if out.suffix == ".parquet" else out / f"part-{len(files):05d}.parquet"
        _write_file(people, path, batches, count, seen)
        files.append(path)
        left -= count
    return files


def generate(people: Synthesis) -> Iterator[pa.RecordBatch]:
    """The blocks in order, made a few ahead side by side."""
    workers = max(1, min(4, os.cpu_count() or 1))
    with ThreadPoolExecutor(workers, thread_name_prefix="synthesis") as pool:
        waiting: deque[Future[pa.RecordBatch]] = deque()
        for number in range(people.blocks):
            waiting.append(pool.submit(people.block, number))
            if len(waiting) > workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _write_file(people: Synthesis, path: Path, batches: Iterator[pa.RecordBatch], count: int, seen: Callable[[pa.RecordBatch], None] | None) -> None:
    unfinished = path.with_name(path.name + ".part")
    recipe = {RECIPE: json.dumps({"size": people.size, "year": people.year, "seed": people.seed}).encode()}
    try:
        # As is quick to read: decimals as whole numbers, and a compression that takes next to no time to undo.
        with pq.ParquetWriter(unfinished, people.schema.with_metadata(recipe), compression="lz4", store_decimal_as_integer=True) as file:
            group: list[pa.RecordBatch] = []
            for _ in range(count):
                batch = next(batches)
                if seen is not None:
                    seen(batch)
                group.append(batch)
                if len(group) == BLOCKS_IN_GROUP:
                    file.write_table(pa.Table.from_batches(group), row_group_size=BLOCK * BLOCKS_IN_GROUP)
                    group = []
            if group:
                file.write_table(pa.Table.from_batches(group), row_group_size=BLOCK * BLOCKS_IN_GROUP)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
