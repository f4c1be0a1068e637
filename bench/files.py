"""Persons in Parquet files, and from a file to results: in memory, or as a run writes them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from app.language import Rulebook
from app.population.columns.conforming import conform
from app.population.runs.answers import Answered, Answerer
from app.population.runs.parts import PART_ROWS
from app.population.runs.pieces import Piece
from app.population.runs.running import RunOptions, run
from app.population.runs.simulation import Simulation
from app.population.runs.streams import BATCH_ROWS, Population, digest, open_population

ROW_GROUP = 262_144


def write(batches: Iterable[pa.RecordBatch], path: Path) -> Path:
    """One Parquet file of the batches, as quick to read as they come: decimals as whole numbers, row groups of a few batches, lz4."""
    writer: pq.ParquetWriter | None = None
    for batch in map(_stated, batches):
        if writer is None:
            writer = pq.ParquetWriter(path, batch.schema, compression="lz4", store_decimal_as_integer=True)
        writer.write_batch(batch, row_group_size=ROW_GROUP)
    assert writer is not None
    writer.close()
    return path


def write_by_default(source: Path, path: Path) -> Path:
    """The same persons as pandas (pyarrow) writes them where nobody asks for anything: Snappy, decimals as bytes, one row group a million."""
    with pq.ParquetFile(source) as file:
        pq.write_table(file.read(), path)
    return path


def write_by_duckdb(source: Path, path: Path) -> Path:
    """The same persons as DuckDB copies them into a file."""
    import duckdb

    with duckdb.connect() as connection:
        connection.execute("set threads = 1")
        connection.from_parquet(str(source)).write_parquet(str(path))
    return path


def _stated(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Without the fields of lists that nobody states, as an office's export is: Parquet takes its time over them too."""
    for number, field in enumerate(batch.schema):
        if pa.types.is_list(field.type):
            array = batch.column(number)
            items = [(each.name, array.values.field(place)) for place, each in enumerate(array.type.value_type)]
            kept = {name: values for name, values in items if values.null_count < len(values)}
            made = pa.ListArray.from_arrays(array.offsets, pa.StructArray.from_arrays(list(kept.values()), names=list(kept)))
            batch = batch.set_column(number, field.name, made)
    return batch


class FromFile:
    """One file of persons asked one question, again and again. `simulation`'s evaluators use one thread each."""

    def __init__(self, path: Path, rulebook: Rulebook, simulation: Simulation, threads: int) -> None:
        self._path, self._rulebook, self._simulation, self._threads = path, rulebook, simulation, threads

    def _population(self) -> Population:
        return open_population([self._path], self._rulebook.facts)

    def read_only(self) -> int:
        """Every row read and made canonical, nothing evaluated; returns the rows."""
        facts = self._rulebook.facts
        return sum(conform(piece.batch, facts).batch.num_rows for piece in self._pieces())

    def hash_only(self) -> str:
        """The file's SHA-256, which every run begins with."""
        return digest(self._path)

    def _pieces(self) -> Iterator[Piece]:
        return self._population().pieces(PART_ROWS, lambda _: True, BATCH_ROWS)

    def in_memory(self, keep: bool = False) -> list[pa.RecordBatch]:
        """All results, as batches where `keep` is true; else each is let go at once."""
        population = self._population()
        answerer = Answerer(population, self._simulation)
        kept: list[pa.RecordBatch] = []
        for answered in self._answered(population, answerer):
            if keep:
                kept.append(answered.results)
        return kept

    def _answered(self, population: Population, answerer: Answerer) -> Iterator[Answered]:
        waiting: deque[Future[Answered]] = deque()
        with ThreadPoolExecutor(self._threads) as pool:
            for piece in population.pieces(PART_ROWS, lambda _: True, BATCH_ROWS):
                waiting.append(pool.submit(answerer.answer, piece))
                if len(waiting) >= self._threads + 2:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()

    def to_parquet(self, out: Path) -> int:
        """A whole run into the folder `out`; returns the rows left to the exact engine."""
        manifest = run(self._population(), self._simulation, out, RunOptions(threads=self._threads))
        return manifest.counts["exact_rows"]
