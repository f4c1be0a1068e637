"""`shebao simulate`: a population under the rules, and under changed rules, into a folder of results."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from app.engine import Language
from app.language import Rulebook
from app.terminal import render_run, watch_run, word

from .asking import asked_questions, read_assumptions, telling
from .options import AgainstAsOf, AsOf, Assumptions, Lang, Outputs, Reforms, Region, Release, Schemes
from .session import FAILED, Session

if TYPE_CHECKING:
    from app.population.question import Question
    from app.population.runs.manifest import Manifest
    from app.population.runs.simulation import Simulation
    from app.population.runs.streams import Population

_MOST_THREADS = 8


def simulate(
    context: typer.Context,
    population: Annotated[list[Path], typer.Option(metavar="FILE", help="A Parquet, Arrow or CSV file of people, or a folder of them; may be repeated.")],
    out: Annotated[Path, typer.Option(metavar="FOLDER", help="Where the results go: a new folder, or one to go on with (--resume).")],
    reform: Reforms = None,
    as_of: AsOf = None,
    against_as_of: AgainstAsOf = None,
    region: Region = None,
    scheme: Schemes = None,
    assume: Assumptions = None,
    outputs: Outputs = False,
    exact: Annotated[bool, typer.Option("--exact", help="Every row by the exact engine: about a thousand rows a second.")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the run in the folder; what is not stated is as it was.")] = False,
    max_rejects: Annotated[int, typer.Option(min=0, metavar="N", help="Stop where more rows than this cannot be answered.")] = 10_000,
    report: Annotated[Path | None, typer.Option(metavar="FOLDER", help="Also write a report of the results here.")] = None,
    release: Release = None,
    language: Lang = "zh",
) -> None:
    """Evaluate a whole population, under the law or compared with a reform."""
    session: Session = context.obj
    rulebook = session.rulebook(release)
    with telling(session, language, out):
        from app.population.runs.manifest import MANIFEST, read_manifest
        from app.population.runs.streams import open_population

        # First what is quickly seen to be wrong; compiling takes seconds.
        people = open_population(population, rulebook.facts)
        before = read_manifest(out) if resume and (out / MANIFEST).is_file() else None
        assumptions = read_assumptions(assume or [], rulebook.facts)
        baseline, after = asked_questions(rulebook, before, scheme, as_of, against_as_of, region, reform, assumptions, outputs=outputs)
        simulation = _simulation(session, rulebook, baseline, after, language, exact=exact or (before is not None and before.exact))
        manifest = _run(session, simulation, people, out, language, resume=resume, max_rejects=max_rejects)
        _finish(session, manifest, rulebook, out, report, language)


# -- running ----------------------------------------------------------------------------------------


def _simulation(session: Session, rulebook: Rulebook, baseline: Question, after: Question | None, language: Language, *, exact: bool) -> Simulation:
    """The evaluators. Rules without a compiled form are left to the exact engine, and named."""
    from app.population.kernel import KernelError
    from app.population.runs.simulation import make_simulation

    with session.err.status(word("compiling", language)) if session.err.is_terminal and not exact else _nothing():
        try:
            return make_simulation(rulebook, baseline, after, exact=exact)
        except KernelError as error:
            session.err.print(word("run_uncompiled", language, reasons=error), style="yellow", soft_wrap=True)
            return make_simulation(rulebook, baseline, after, uncompiled="exact")


def _run(session: Session, simulation: Simulation, people: Population, out: Path, language: Language, *, resume: bool, max_rejects: int) -> Manifest:
    from app.population.runs.running import RunOptions, run

    threads = max(2, min(os.cpu_count() or 1, _MOST_THREADS))
    options = RunOptions(resume=resume, max_rejects=max_rejects, threads=threads)
    with watch_run(session.err, language) as watch, _stopped_by_signals():
        return run(people, simulation, out, options, watch)


def _finish(session: Session, manifest: Manifest, rulebook: Rulebook, out: Path, report: Path | None, language: Language) -> None:
    from app.population.runs.rejects import count_rejects

    kinds = count_rejects(out) if manifest.counts["rejected_rows"] else []
    session.say(render_run(manifest, out, kinds, language))
    if report is not None:
        from app.population.reports import RunError, write_report

        try:
            session.say(word("run_report", language, page=write_report(out, report, rulebook).page))
        except RunError as error:
            session.stop(str(error), FAILED)


@contextmanager
def _nothing() -> Iterator[None]:
    yield


@contextmanager
def _stopped_by_signals() -> Iterator[None]:
    """SIGTERM ends a run as Ctrl-C does: at once, with what is finished kept."""
    from app.population.runs.faults import RunInterrupted

    def stop(*_: Any) -> NoReturn:
        raise RunInterrupted

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
