"""The bare formula on both sides: the same persons, from memory and from one Parquet file, and the wrong fen of each."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from app.language import Rulebook, ir, load_rulebook
from app.population.engine import PopulationEngine
from app.population.question import Question
from app.population.runs.simulation import Simulation
from bench.files import FromFile, write
from bench.formula_persons import Exact, Figures, as_batch, draw, exact, wrong
from bench.measure import Row, Spread, cores, rounds, spread, timed
from bench.peer import ensure_environment, executable

BENCH = Path(__file__).resolve().parent
RULES = BENCH / "formula_rules"
SCHEME = "bench.formula"
AS_OF = date(2026, 1, 1)
AMOUNTS = ("base_pension", "account_pension")
OWN, ARROW, PARQUET = "OpenFisca, from its own float32 columns", "OpenFisca, from Arrow", "OpenFisca, from Parquet"


@dataclass(frozen=True, slots=True)
class Found:
    """What was measured, Shebao's rate over the peer's, and how many persons each got wrong."""

    rows: list[Row]
    ratios: dict[str, Spread]
    wrong: dict[str, int]
    open_rows: int
    persons: int


class Peer:
    """OpenFisca in its own interpreter, answering line by line."""

    def __init__(self, figures: Figures, persons: Path, folder: Path) -> None:
        stated = folder / "figures.json"
        stated.write_text(json.dumps(figures.plain()))
        command = [executable("python"), str(BENCH / "openfisca_formula.py"), str(stated), str(persons)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._folder = folder
        self._read()

    def seconds(self, what: str) -> float:
        """Have it compute all persons from its `own` columns, from `arrow` columns or from the `file`."""
        assert self._process.stdin is not None
        self._process.stdin.write(what + "\n")
        self._process.stdin.flush()
        return float(self._read().get("seconds", 0.0))

    def results(self) -> dict[str, Any]:
        path = self._folder / "openfisca.npz"
        self.seconds(f"save {path}")
        with np.load(path) as saved:
            return {name: saved[name] for name in saved}

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"bench failed: OpenFisca ended with {self._process.wait()}")
        return dict(json.loads(line))


def figures_of(rulebook: Rulebook) -> Figures:
    """The formula's figures, from the rule files."""
    law = rulebook.at(AS_OF)

    def values(name: str) -> dict[Any, Any]:
        return {row.key: row.value for row in law.parameter(ir.Name(SCHEME, name)).rows}

    wages = {int(key): int(value) for key, value in values("average_wage").items()}
    months = {int(key): int(value) for key, value in values("payment_months").items()}
    return Figures(wages, months, int(values("reference_wage")[None] * 100), int(values("rate")[None] * 100))


def measure(persons: int, count: int, folder: Path, batch_rows: int) -> Found:
    """Both sides in turn, from memory and from a file, and the wrong amounts of each."""
    ensure_environment()
    rulebook = load_rulebook(RULES)
    figures = figures_of(rulebook)
    people = draw(persons, 1, figures)
    batch = as_batch(people)
    path = write([batch], folder / "formula.parquet")
    question = Question(AS_OF, (SCHEME,), outputs=True)
    one, several = (PopulationEngine(rulebook, question, threads=threads) for threads in (1, cores()))
    file = FromFile(path, rulebook, Simulation(rulebook, question, one), cores())
    batches = [batch.slice(start, batch_rows) for start in range(0, persons, batch_rows)]

    def evaluate(engine: PopulationEngine) -> float:
        return timed(lambda: [engine.evaluate(each) for each in batches])

    peer = Peer(figures, path, folder)
    try:
        times = rounds(
            count,
            {
                OWN: lambda: peer.seconds("own"),
                ARROW: lambda: peer.seconds("arrow"),
                "Shebao, from Arrow, 1 thread": lambda: evaluate(one),
                f"Shebao, from Arrow, {cores()} threads": lambda: evaluate(several),
                PARQUET: lambda: peer.seconds("file"),
                f"Shebao, from Parquet, {cores()} threads": lambda: timed(file.in_memory),
            },
        )
        theirs = peer.results()
    finally:
        peer.close()
    right = exact(people, figures)
    evaluated = [one.evaluate(each) for each in batches]
    return Found(
        rows=[Row(name, persons, tuple(each)) for name, each in times.items()],
        ratios={f"{name} / {peer}": _ratio(times, name, peer) for name in times for peer in _peers(name)},
        wrong={"OpenFisca": _wrong(theirs, right), "Shebao": _wrong(_results([each.results for each in evaluated]), right)},
        open_rows=sum(each.exact_rows for each in evaluated),
        persons=persons,
    )


def _peers(name: str) -> tuple[str, ...]:
    """What a line is compared with: OpenFisca from the same input, and from memory also from columns already as it keeps them."""
    if not name.startswith("Shebao"):
        return ()
    return (PARQUET,) if "Parquet" in name else (ARROW, OWN)


def _ratio(times: dict[str, list[float]], mine: str, theirs: str) -> Spread:
    """Shebao's rate over OpenFisca's, round by round."""
    return spread([other / each for each, other in zip(times[mine], times[theirs], strict=True)])


def _results(batches: list[pa.RecordBatch]) -> dict[str, Any]:
    table = pa.Table.from_batches(batches)
    return {name: np.array([float(each) for each in table[f"{SCHEME}.{name}"].to_pylist()]) for name in ("average_index", *AMOUNTS)}


def _wrong(found: dict[str, Any], right: Exact) -> int:
    """Persons with a wrong index or a wrong fen."""
    bad = wrong(found["average_index"], right.index, 10_000)
    bad |= wrong(found["base_pension"], right.base_pension, 100) | wrong(found["account_pension"], right.account_pension, 100)
    return int(bad.sum())
