"""`shebao simulate`: a population under the rules, and under changed rules, into a folder of results."""

from __future__ import annotations

import errno
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, cast

import typer

from app.engine import Incident, InputError, InputFault, Language
from app.intake.reader import today_in_china
from app.language import NATION, FactDictionary, Rulebook
from app.terminal import render_input_faults, render_run, watch_run, word

from .session import BAD_INPUT, FAILED, INCIDENT, Session, one_of

if TYPE_CHECKING:
    from app.population.question import Question
    from app.population.runs.manifest import Manifest
    from app.population.runs.simulation import Simulation
    from app.population.runs.streams import Population

INTERRUPTED = 130
_MOST_THREADS = 8


def simulate(
    context: typer.Context,
    population: Annotated[list[Path], typer.Option(metavar="FILE", help="A Parquet or CSV file of people, or a folder of them; may be repeated.")],
    out: Annotated[Path, typer.Option(metavar="FOLDER", help="Where the results go: a new folder, or one to go on with (--resume).")],
    reform: Annotated[list[str] | None, typer.Option(metavar="NAME", help="A reform to compare with the law; several are applied together.")] = None,
    as_of: Annotated[str | None, typer.Option(metavar="DATE", help="The day whose law answers. [default: today]")] = None,
    against_as_of: Annotated[str | None, typer.Option(metavar="DATE", help="Compare with the law of this day.")] = None,
    region: Annotated[str | None, typer.Option(metavar="CODE", help="The region of people without one. [default: the nation]")] = None,
    scheme: Annotated[list[str] | None, typer.Option(metavar="NAME", help="A scheme to evaluate; may be repeated. [default: all]")] = None,
    assume: Annotated[list[str] | None, typer.Option(metavar="NAME=VALUE", help="An assumption, such as wage_growth=0.03.")] = None,
    outputs: Annotated[bool, typer.Option("--outputs", help="Also the schemes' other figures, such as the contribution months.")] = False,
    exact: Annotated[bool, typer.Option("--exact", help="Every row by the exact engine: about a thousand rows a second.")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the run in the folder; what is not stated is as it was.")] = False,
    max_rejects: Annotated[int, typer.Option(min=0, metavar="N", help="Stop where more rows than this cannot be answered.")] = 10_000,
    report: Annotated[Path | None, typer.Option(metavar="FOLDER", help="Also write a report of the results here.")] = None,
    lang: Annotated[str, typer.Option(help="zh or en.")] = "zh",
) -> None:
    """Evaluate a whole population, under the law or compared with a reform."""
    session: Session = context.obj
    language = cast(Language, one_of("--lang", lang, ("zh", "en")))
    rulebook = session.rulebook()
    with _telling(session, out, language):
        from app.population.runs.manifest import MANIFEST, read_manifest
        from app.population.runs.streams import open_population

        # First what is quickly seen to be wrong; compiling takes seconds.
        people = open_population(population, rulebook.facts)
        before = read_manifest(out) if resume and (out / MANIFEST).is_file() else None
        assumptions = _assumptions(assume or [], rulebook.facts)
        baseline, after = _questions(rulebook, before, scheme, as_of, against_as_of, region, reform, assumptions, outputs=outputs)
        simulation = _simulation(session, rulebook, baseline, after, language, exact=exact or (before is not None and before.exact))
        manifest = _run(session, simulation, people, out, language, resume=resume, max_rejects=max_rejects)
        _finish(session, manifest, rulebook, out, report, language)


# -- the question -----------------------------------------------------------------------------------


def _questions(
    rulebook: Rulebook,
    before: Manifest | None,
    schemes: list[str] | None,
    as_of: str | None,
    against_as_of: str | None,
    region: str | None,
    reforms: list[str] | None,
    assumptions: dict[str, Decimal | bool],
    *,
    outputs: bool,
) -> tuple[Question, Question | None]:
    """What is asked, and what it is compared with; what is not stated is as in the run gone on with."""
    from app.population.question import Question
    from app.population.runs.manifest import recorded_questions

    old, old_after = (None, None) if before is None else recorded_questions(before, rulebook.facts)
    day = _day("--as-of", as_of) or (old.as_of if old else today_in_china())
    baseline = Question(
        as_of=day,
        schemes=tuple(schemes or (old.schemes if old else _in_force(rulebook, day))),
        reforms=old.reforms if old else (),
        region=region or (old.region if old else NATION),
        assumptions=assumptions or (old.assumptions if old else {}),
        outputs=outputs or (old is not None and old.outputs),
    )
    other = _day("--against-as-of", against_as_of) or (old_after.as_of if old_after else day)
    tried = tuple(reforms or (old_after.reforms if old_after else ()))
    if other == day and not tried:
        return baseline, None
    return baseline, Question(other, baseline.schemes, tried, baseline.region, baseline.assumptions, baseline.outputs)


def _in_force(rulebook: Rulebook, day: date) -> list[str]:
    """Every scheme that is in force on a day, somewhere; all where none is, for the question's own check to say so."""
    found = {scheme for region in rulebook.regions() for scheme in rulebook.at(day, region).schemes}
    return [scheme for scheme in rulebook.scheme_ids() if scheme in found] or rulebook.scheme_ids()


def _day(option: str, text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"'{text}' is not a date that exists, written YYYY-MM-DD.", param_hint=option) from None


def _assumptions(stated: list[str], dictionary: FactDictionary) -> dict[str, Decimal | bool]:
    """`name=value` each; whether a rate is within its bounds is checked with the question."""
    found: dict[str, Decimal | bool] = {}
    for text in stated:
        name, sign, value = text.partition("=")
        assumption = dictionary.assumptions.get(name)
        if not sign or assumption is None:
            raise typer.BadParameter(f"'{text}' is not NAME=VALUE with one of {', '.join(dictionary.assumptions)}.", param_hint="--assume")
        if assumption.kind == "boolean":
            found[name] = one_of(f"--assume {name}", value, ("true", "false")) == "true"
            continue
        try:
            number = Decimal(value)
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite():
            raise typer.BadParameter(f"'{value}' is not a number such as 0.03.", param_hint=f"--assume {name}")
        found[name] = number
    return found


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


@contextmanager
def _telling(session: Session, out: Path, language: Language) -> Iterator[None]:
    """Whatever ends a run early, in words, with an exit code of its own."""
    from app.population.kernel import CompilerError, KernelError

    try:
        yield
    except InputError as error:
        session.stop(render_input_faults(error.faults, language), BAD_INPUT)
    except KernelError as error:
        session.stop(f"These rules cannot be compiled: {error}. Add --exact to have every row computed by the exact engine.", FAILED)
    except CompilerError as error:
        session.stop(f"The rules cannot be compiled: {error} Or add --exact.", FAILED)
    except Incident as error:
        session.stop(f"Nothing may be issued: {error} Please report this with those rows.", INCIDENT)
    except KeyboardInterrupt:
        session.stop(word("run_interrupted", language, out=out), INTERRUPTED)
    except OSError as error:
        if error.errno == errno.ENOSPC or "No space left" in str(error):
            session.stop(word("run_disk_full", language, out=out), FAILED)
        session.stop(render_input_faults([InputFault("", "failed", f"读写失败：{error}", f"reading or writing failed: {error}")], language), FAILED)
