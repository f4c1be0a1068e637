"""The cost of a million persons on Spark, with one executor and with two, beside the same rows on one machine's threads.

Run `python -m bench.spark --rows 1000000`. Master, workers, executors and Python workers are processes of this machine,
each executor has one core, and the driver takes some of what is left. Starting Spark is not counted. The first run
starts the Python workers, which load and unpack the rules; the second finds them ready, as a long job does after its
first seconds. Core seconds are the processor time of all these processes, and hold on a busy machine too.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from contextlib import suppress
from datetime import date
from pathlib import Path
from random import Random

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from app.language import Rulebook, load_rulebook
from app.population.question import Question
from app.population.runs.running import RunOptions, run
from app.population.runs.simulation import make_simulation
from app.population.runs.streams import open_population
from app.population.spark import run_on_spark
from app.population.spark.session import SETTINGS
from tests.population.spark.cluster import ROOT, cluster
from tests.population.spark.people import SCHEMA, person

DISTINCT = 50_000
SCHEME = "pension.employee"


def write_people(rulebook: Rulebook, rows: int, folder: Path) -> None:
    """Files of so many people without faults or given figures; from file to file only the person_id differs."""
    random, regions = Random(1), rulebook.regions()
    table = pa.Table.from_pylist([person(number, random, regions) for number in range(min(rows, DISTINCT))], SCHEMA)
    table = table.drop_columns([name for name in table.schema.names if name.startswith("given.")])
    for number in range(-(-rows // DISTINCT)):
        named = pc.binary_join_element_wise(table["person_id"], pa.scalar(str(number)), "-")
        part = table.set_column(0, "person_id", named).slice(0, rows - number * DISTINCT)
        pq.write_table(part, folder / f"{number:04d}.parquet")


def core_seconds() -> float:
    """The processor time so far of this process and all that descend from it."""
    found: dict[int, tuple[int, int]] = {}
    for each in Path("/proc").iterdir():
        if each.name.isdigit():
            with suppress(OSError):
                fields = (each / "stat").read_text().rpartition(")")[2].split()
                # Parent, then the time of the process itself and of its children that have ended.
                found[int(each.name)] = int(fields[1]), sum(map(int, fields[11:15]))
    mine = {os.getpid()}
    while more := {each for each, (parent, _) in found.items() if parent in mine} - mine:
        mine |= more
    return sum(found[each][1] for each in mine) / os.sysconf("SC_CLK_TCK")


def report(what: str, begun: tuple[float, float], millions: float) -> None:
    seconds, cores = time.perf_counter() - begun[0], core_seconds() - begun[1]
    print(f"{what}: {seconds / millions:.1f} s, {cores / millions:.1f} core seconds per million", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--executors", type=int, nargs="+", default=[1, 2])
    options = parser.parse_args()
    rulebook = load_rulebook(ROOT / "rules")
    question = Question(date(2026, 3, 1), (SCHEME,), region="110000")
    millions = options.rows / 1e6
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "people").mkdir()
        write_people(rulebook, options.rows, folder / "people")
        simulation = make_simulation(rulebook, question)
        begun = time.perf_counter(), core_seconds()
        run(open_population([folder / "people"], rulebook.facts), simulation, folder / "here", RunOptions(threads=1))
        report("one machine, one evaluating thread", begun, millions)
        for executors in options.executors:
            work = folder / f"cluster{executors}"
            work.mkdir()
            with cluster(work, {}, SETTINGS, executors) as session:
                for turn in ("first", "second"):
                    people = session.read.parquet(str(folder / "people"))
                    begun = time.perf_counter(), core_seconds()
                    counts = run_on_spark(people, rulebook, question, None, str(work / turn)).counts
                    report(f"{executors} executors, {turn} run of {counts['input_rows']:,}, {counts['exact_rows']:,} exact", begun, millions)


if __name__ == "__main__":
    main()
