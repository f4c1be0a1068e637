"""One job, worked: `python -m app.jobs.work FOLDER`. Draws or opens the people, evaluates them, writes the report.

Reads `request.json` of the folder, writes `progress.json` on the way, leaves `report/`, or `error.json` and exit 1.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from app.engine import InputError, InputFault
from app.intake import NamedPeople, SimulationReader, SimulationRequest, SyntheticPeople
from app.language import Rulebook, load_rulebook
from app.population.kernel import CompilerError, KernelError
from app.population.question import Question
from app.population.reports import MeasureError, ReportOptions, RunError, write_report
from app.population.reports.cliffs import CliffError
from app.population.reports.next_yuan import next_yuan_tables
from app.population.reports.tables import ReportTable
from app.population.runs.running import Progress, run
from app.population.runs.simulation import Simulation, make_simulation
from app.population.runs.streams import open_population

from .limits import JobLimits
from .populations import populations
from .runner import ERROR, PROGRESS, REPORT, REQUEST
from .store import write_whole

# How much of the whole each stage is taken to be, in order.
STAGES = {"people": 0.10, "compiling": 0.10, "evaluating": 0.55, "next_yuan": 0.10, "report": 0.15}
_TELL_SECONDS = 0.5


class Teller:
    """Writes how far the job is: `progress` from 0 to 1, at most twice a second."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._told = 0.0

    def stage(self, name: str, share: float = 0.0, *, always: bool = True) -> None:
        now = time.time()
        if always or now - self._told >= _TELL_SECONDS:
            self._told = now
            before = sum(STAGES[each] for each in list(STAGES)[: list(STAGES).index(name)])
            write_whole(self._path, {"stage": name, "progress": round(before + STAGES[name] * min(1.0, share), 4), "at": now})


def work(folder: Path) -> None:
    """Work the job of a folder. Raises InputError and the like where it cannot be answered."""
    told = json.loads((folder / REQUEST).read_text(encoding="utf-8"))
    limits = JobLimits.from_json(told["limits"])
    teller = Teller(folder / PROGRESS)
    rulebook = load_rulebook(Path(told["rules"]), remember=True)
    request = SimulationReader(rulebook, limits.max_size).read_value(told["request"])
    teller.stage("people")
    people = open_population([_people(request, folder, limits)], rulebook.facts)
    _check_size(people.rows or 0, limits.max_size)
    teller.stage("compiling")
    simulation = _simulation(rulebook, request)

    def watch(step: Progress) -> None:
        _check_size(step.rows, limits.max_size)
        teller.stage("evaluating", step.done / step.total if step.total and step.stage == "evaluating" else 0.0, always=False)

    manifest = run(people, simulation, folder / "run", watch=watch)
    extra: list[ReportTable] = []
    if (asked := request.next_yuan) is not None:
        teller.stage("next_yuan")
        rows = manifest.counts["input_rows"]
        extra = next_yuan_tables(rulebook, simulation.baseline, simulation.evaluator, people, rows, asked.fact, asked.step, asked.sample)
    teller.stage("report")
    options = ReportOptions(
        poverty_line=request.poverty_line,
        income_has_benefits=request.choice(request.income_has_benefits),
        undetermined_as_nothing=request.choice(request.undetermined_as_nothing),
    )
    write_report(folder / "run", folder / REPORT, rulebook, options, extra=extra)
    teller.stage("report", 1.0)


def _people(request: SimulationRequest, folder: Path, limits: JobLimits) -> Path:
    """The file or folder of the people; synthetic ones are drawn into the job's own folder."""
    if isinstance(request.people, NamedPeople):
        known = populations(limits.populations)
        if request.people.name not in known:
            zh, en = "此人口数据已不在。请核对名称。", "this population is no longer there. Check its name."
            raise InputError([InputFault("/population/name", "unknown_population", zh, en)])
        return known[request.people.name]
    return draw_people(request.people, folder / "people" / "people.parquet")


def draw_people(people: SyntheticPeople, file: Path) -> Path:
    """Draw synthetic people with `shebao population`. Raises CalledProcessError with what it said."""
    file.parent.mkdir()
    command = [sys.executable, "-m", "app.cli", "population", "--size", str(people.size), "--seed", str(people.seed), "--out", str(file)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)  # noqa: S603
    return file


def _check_size(rows: int, most: int) -> None:
    if rows > most:
        zh, en = f"人口超过上限 {most} 人。", f"the population has more than {most} persons, the most that are simulated here."
        raise InputError([InputFault("/population", "too_many_persons", zh, en)])


def _simulation(rulebook: Rulebook, request: SimulationRequest) -> Simulation:
    """The evaluators; rules without a compiled form, or all of them without a compiler, are left to the exact engine."""
    baseline = Question(request.as_of, request.schemes, (), request.region, request.assumptions)
    day = request.against_as_of or request.as_of
    after = Question(day, request.schemes, request.reforms, request.region, request.assumptions) if request.reforms or day != request.as_of else None
    try:
        return make_simulation(rulebook, baseline, after)
    except KernelError:
        return make_simulation(rulebook, baseline, after, uncompiled="exact")
    except CompilerError:
        return make_simulation(rulebook, baseline, after, exact=True)


def _said(error: Exception, folders: Sequence[Path]) -> dict[str, Any]:
    """A failure in words for whoever asked; where the server keeps its files is left out."""

    def plain(text: str) -> str:
        for folder in folders:
            text = text.replace(f"{folder}/", "")
        return text

    if isinstance(error, InputError):
        faults = [{"pointer": fault.pointer, "code": fault.code, "zh": plain(fault.zh), "en": plain(fault.en)} for fault in error.faults]
        return {
            "code": "invalid_input",
            "zh": "所给人口或问题无法计算。",
            "en": "the population or the question cannot be computed.",
            "faults": faults,
        }
    return {"code": "invalid_input", "zh": plain(str(error)), "en": plain(str(error))}


def main(folder: Path) -> int:
    try:
        work(folder)
    except (InputError, RunError, MeasureError, CliffError) as error:
        kept = JobLimits.from_json(json.loads((folder / REQUEST).read_text(encoding="utf-8"))["limits"]).populations
        write_whole(folder / ERROR, _said(error, [each for each in (folder, kept) if each is not None]))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
