"""The pension chain, or any schemes, for persons of every region: in memory, from a file, by size, for a country."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import cycle, islice
from math import inf
from pathlib import Path
from shutil import rmtree
from time import perf_counter, process_time

import pyarrow as pa

from app.language import Rulebook
from app.population.engine import PopulationEngine
from app.population.question import Question
from app.population.runs.simulation import Simulation
from bench.files import FromFile, write, write_by_default, write_by_duckdb
from bench.measure import Row, cores, rounds, timed, watched
from bench.persons import Drawing

AS_OF = date(2026, 3, 1)
PENSION = ("pension.retirement_age", "pension.employee")
SMALL, LARGE = 65_536, 1_000_000
MEMORY_TARGET, FILE_TARGET, ALL_TARGET = 5e6, 2e6, 5e5
CHINA = 1_400_000_000


@dataclass(frozen=True, slots=True)
class Size:
    """A run over so many persons: its nanoseconds a person, the rows left open, and the memory held before and at most."""

    persons: int
    seconds: float
    open_rows: int
    memory_before: int
    memory_most: int

    @property
    def nanoseconds(self) -> float:
        return self.seconds / self.persons * 1e9


class Chain:
    """Some schemes asked of drawn persons. Blocks of persons are drawn once, before anything is timed."""

    def __init__(self, rulebook: Rulebook, schemes: tuple[str, ...]) -> None:
        self.rulebook = rulebook
        self.question = Question(AS_OF, schemes)
        self._drawing = Drawing(rulebook, AS_OF)
        self._engines: dict[int, PopulationEngine] = {}

    def engine(self, threads: int) -> PopulationEngine:
        if threads not in self._engines:
            self._engines[threads] = PopulationEngine(self.rulebook, self.question, threads=threads, uncompiled="exact")
        return self._engines[threads]

    def blocks(self, persons: int, rows: int) -> list[pa.RecordBatch]:
        """So many persons in batches of `rows`, each drawn with its own seed."""
        return [self._drawing.persons(min(rows, persons - start), seed) for seed, start in enumerate(range(0, persons, rows))]

    def in_memory(self, persons: int, count: int, target: float) -> list[Row]:
        """Rates with one thread and with all cores, in small and in large batches."""
        small = self.blocks(persons, SMALL)
        large = _joined(small, LARGE)
        found = 0

        def evaluate(threads: int, batches: list[pa.RecordBatch]) -> float:
            nonlocal found
            start = perf_counter()
            found = sum(self.engine(threads).evaluate(each).exact_rows for each in batches)
            return perf_counter() - start

        def side_by_side() -> float:
            """As a run does it: a batch a thread."""
            start = perf_counter()
            list(pool.map(self.engine(1).evaluate, small))
            return perf_counter() - start

        calls = {
            "1 thread": lambda: evaluate(1, small),
            f"{cores()} threads, a batch each": side_by_side,
            f"{cores()} threads on each batch": lambda: evaluate(cores(), small),
            f"{cores()} threads on each batch of {LARGE:,}": lambda: evaluate(cores(), large),
        }
        with ThreadPoolExecutor(cores()) as pool:
            times = rounds(count, calls)
        note = f"{found / persons * 1e6:,.0f} in a million left to the exact engine"
        return [Row(name, persons, tuple(each), note, target if "threads" in name else None) for name, each in times.items()]

    def from_file(self, persons: int, count: int, folder: Path) -> list[Row]:
        """From Parquet files, ours and as others write them by default: read alone, to results in memory, to the results of a run."""
        blocks = (self._drawing.persons(min(SMALL, persons - start), seed) for seed, start in enumerate(range(0, persons, SMALL)))
        ours = write(blocks, folder / "persons.parquet")
        paths = {"ours": ours, "pandas": write_by_default(ours, folder / "default.parquet"), "DuckDB": write_by_duckdb(ours, folder / "duckdb.parquet")}
        simulation = Simulation(self.rulebook, self.question, self.engine(1))
        out = folder / "run"
        calls: dict[str, Callable[[], float]] = {}
        processor: dict[str, float] = {}

        def add(name: str, call: Callable[[], object], before: Callable[[], object] = lambda: None) -> None:
            def measured() -> float:
                before()
                start = process_time()
                seconds = timed(call)
                processor[name] = min(processor.get(name, inf), process_time() - start)
                return seconds

            calls[name] = measured

        for layout, path in paths.items():
            file = FromFile(path, self.rulebook, simulation, cores())
            if layout == "ours":
                add("the file's hash alone", file.hash_only)
            add(f"{layout}: reading alone", file.read_only)
            add(f"{layout}: to results in memory, {cores()} threads", file.in_memory)
            if layout == "ours":
                add(f"{layout}: to Parquet results (a run), {cores()} threads", partial(file.to_parquet, out), partial(rmtree, out, ignore_errors=True))
        times = rounds(count, calls)

        def row(name: str, seconds: list[float]) -> Row:
            size = paths.get(name.partition(":")[0], ours).stat().st_size
            note = f"{processor[name] / persons * 1e9:,.0f} ns of processor time a person at best, {size / persons:,.0f} bytes"
            return Row(name, persons, tuple(seconds), note, None if "alone" in name else FILE_TARGET)

        return [row(name, each) for name, each in times.items()]

    def stream(self, persons: int, distinct: int = 16 * SMALL) -> Size:
        """Persons one batch after the other, results let go; at most `distinct` different ones, then the blocks again."""
        blocks = self.blocks(min(persons, distinct), SMALL)
        engine = self.engine(cores())
        engine.evaluate(blocks[0])
        open_rows = 0
        with watched() as peak:
            start = perf_counter()
            for batch in _repeated(blocks, persons):
                open_rows += engine.evaluate(batch).exact_rows
            seconds = perf_counter() - start
        return Size(persons, seconds, open_rows, peak.before, peak.most)


def _repeated(blocks: list[pa.RecordBatch], persons: int) -> Iterator[pa.RecordBatch]:
    """The blocks again and again until there are so many persons."""
    left = persons
    for batch in islice(cycle(blocks), -(-persons // SMALL) + len(blocks)):
        if left <= 0:
            return
        yield batch.slice(0, min(left, batch.num_rows))
        left -= batch.num_rows


def _joined(batches: list[pa.RecordBatch], rows: int) -> list[pa.RecordBatch]:
    """The same rows in larger batches."""
    table = pa.Table.from_batches(batches)
    return [table.slice(start, rows).combine_chunks().to_batches()[0] for start in range(0, table.num_rows, rows)]
