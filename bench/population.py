"""Measure whole populations: persons a second, exactness, memory, starts.

Run from the project's root: ``python -m bench.population`` (see bench/README.md).
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from app.commands.asking import in_force
from app.language import load_rulebook
from bench import cold, formula
from bench.chain import ALL_TARGET, AS_OF, CHINA, MEMORY_TARGET, PENSION, SMALL, Chain, Size
from bench.measure import Row
from bench.report import machine

BENCH = Path(__file__).resolve().parent
RESULTS = BENCH / "results" / "population.json"
LINE = (100_000, 300_000, 1_000_000, 3_000_000, 10_000_000)
Found = dict[str, object]


class Session:
    """One run of the benchmark: what was asked, where it prints, and what it found."""

    def __init__(self, asked: argparse.Namespace, folder: Path) -> None:
        self.asked, self.folder = asked, folder
        self.console = Console(width=140)
        self.found: Found = {}
        self._chains: dict[tuple[str, ...], Chain] = {}
        self._rulebook = load_rulebook(asked.project_root / "rules")

    def chain(self, schemes: tuple[str, ...]) -> Chain:
        if schemes not in self._chains:
            self._chains[schemes] = Chain(self._rulebook, schemes)
        return self._chains[schemes]

    def formula(self) -> None:
        """The bare formula, beside OpenFisca."""
        found = formula.measure(self.asked.persons, self.asked.rounds, self.folder, SMALL)
        self.show("the bare formula, 25 records a person", found.rows)
        for name, ratio in found.ratios.items():
            self.console.print(f"{name}: {ratio.show()}")
        for name, wrong in found.wrong.items():
            self.console.print(f"{name}: {wrong:,} of {found.persons:,} persons with a wrong index or fen ({wrong / found.persons:.3%})")
        self.console.print(f"Shebao: {found.open_rows:,} of them through the exact engine\n")
        self.found["formula"] = {
            "rows": [asdict(row) for row in found.rows],
            "ratios": {name: asdict(ratio) for name, ratio in found.ratios.items()},
            "wrong": found.wrong,
            "open_rows": found.open_rows,
        }

    def pension(self) -> None:
        """The whole pension chain in memory."""
        self._rows("pension", "pension chain in memory, every region", self.chain(PENSION).in_memory(self.asked.persons, self.asked.rounds, MEMORY_TARGET))

    def parquet(self) -> None:
        """The whole pension chain from a Parquet file."""
        self._rows("parquet", "pension chain from Parquet", self.chain(PENSION).from_file(self.asked.persons, self.asked.rounds, self.folder))

    def all(self) -> None:
        """Every scheme of the rulebook in memory."""
        schemes = tuple(in_force(self._rulebook, AS_OF))
        self._rows("all", f"all schemes ({len(schemes)}) in memory", self.chain(schemes).in_memory(self.asked.persons, self.asked.rounds, ALL_TARGET))

    def line(self) -> None:
        """The same work for more and more persons."""
        sizes = [self.chain(PENSION).stream(persons) for persons in LINE if persons <= self.asked.largest]
        self._sizes("line", "pension chain by number of persons", sizes)

    def cold(self) -> None:
        """Starts: a reform's rules and its kernel."""
        table = Table(title="from the start")
        for heading in ("what", "ms", "target"):
            table.add_column(heading)
        starts = cold.measure(self.asked.project_root / "rules", self.asked.rounds, self.folder)
        for start in starts:
            table.add_row(start.what, start.milliseconds.show("{:,.1f}"), "" if start.target is None else f"{start.target:,.0f}")
        self.console.print(table)
        self.found["cold"] = [asdict(start) for start in starts]

    def country(self) -> None:
        """Many persons on end, and what that makes for a country."""
        size = self.chain(PENSION).stream(self.asked.country)
        self._sizes("country", "a long run", [size])
        rate = size.persons / size.seconds
        minutes = CHINA / rate / 60
        self.console.print(f"{CHINA:,} persons / {rate:,.0f} persons/s = {CHINA / rate:,.0f} s = {minutes:,.1f} min on this machine")

    def show(self, title: str, rows: list[Row]) -> None:
        """Print rates with their ranges."""
        table = Table(title=title)
        for heading in ("what", "persons/s (range)", "ns/person", "target", "note"):
            table.add_column(heading, justify="left" if heading in ("what", "note") else "right")
        for row in rows:
            target = "" if row.target is None else f"{row.target:,.0f}"
            table.add_row(row.what, row.rate.show("{:,.0f}"), f"{row.nanoseconds:,.0f}", target, row.note)
        self.console.print(table)

    def _rows(self, key: str, title: str, rows: list[Row]) -> None:
        self.show(title, rows)
        self.found[key] = [asdict(row) for row in rows]

    def _sizes(self, key: str, title: str, sizes: list[Size]) -> None:
        table = Table(title=title)
        for heading in ("persons", "s", "persons/s", "ns/person", "open rows", "memory before, MB", "most, MB"):
            table.add_column(heading, justify="right")
        for size in sizes:
            memory = (f"{size.memory_before / 1e6:,.0f}", f"{size.memory_most / 1e6:,.0f}")
            table.add_row(
                f"{size.persons:,}", f"{size.seconds:.2f}", f"{size.persons / size.seconds:,.0f}", f"{size.nanoseconds:,.0f}", f"{size.open_rows:,}", *memory
            )
        self.console.print(table)
        self.found[key] = [asdict(size) for size in sizes]


SECTIONS: dict[str, Callable[[Session], None]] = {
    "formula": Session.formula,
    "pension": Session.pension,
    "parquet": Session.parquet,
    "all": Session.all,
    "line": Session.line,
    "cold": Session.cold,
}


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.population")
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=f"what to measure: {', '.join(SECTIONS)}; all of them if none is named")
    parser.add_argument("--persons", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--largest", type=int, default=LINE[-1], help="the longest run of the section 'line'")
    parser.add_argument("--country", type=int, nargs="?", const=20_000_000, help="also a run of so many persons (20 million), and what that makes for China")
    parser.add_argument("--project-root", type=Path, default=BENCH.parent)
    parser.add_argument("--output", type=Path, default=RESULTS)
    asked = parser.parse_args()
    unknown = [name for name in asked.sections if name not in SECTIONS]
    if unknown:
        parser.error(f"there is no section {', '.join(unknown)}. Sections: {', '.join(SECTIONS)}.")
    return asked


def main() -> None:
    """Measure, print and write down."""
    asked = parse_arguments()
    begun = machine()
    with tempfile.TemporaryDirectory(prefix="shebao-bench-") as folder:
        session = Session(asked, Path(folder))
        for name in asked.sections or ([] if asked.country else SECTIONS):
            SECTIONS[name](session)
        if asked.country:
            session.country()
    document = {"finished_at": datetime.now(UTC).isoformat(timespec="seconds"), **begun, **session.found}
    asked.output.parent.mkdir(parents=True, exist_ok=True)
    asked.output.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
