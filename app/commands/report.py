"""`shebao report`: what came of a run, as tables, charts and one page."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from app.engine import InputError
from app.language import Rulebook
from app.terminal import render_input_faults, word

from .options import Lang, Release
from .session import BAD_INPUT, Session

if TYPE_CHECKING:
    from app.population.reports.tables import ReportTable

# Those of `ReportOptions`, which is imported when a report is made: it takes long.
_Level = Literal["province", "prefecture", "county"]


def report(
    context: typer.Context,
    run: Annotated[Path, typer.Argument(metavar="RUN", help="The folder of a finished run of shebao simulate.")],
    out: Annotated[Path, typer.Option(metavar="FOLDER", help="Where the report goes.")],
    measure: Annotated[list[str] | None, typer.Option(metavar="SCHEME=BENEFIT,...", help="The benefits that count for a scheme.")] = None,
    poverty_line: Annotated[str | None, typer.Option(metavar="YUAN", help="Yuan a month. (default: half of the median)")] = None,
    equivalence: Annotated[str, typer.Option(metavar="POWER", help="Household income is divided by its size to this power.")] = "0.5",
    income_has_benefits: Annotated[
        bool, typer.Option("--income-has-benefits", help="The income column holds the baseline's benefits already.")
    ] = False,
    undetermined_as_nothing: Annotated[
        bool, typer.Option("--undetermined-as-nothing", help="In comparisons and incomes, take who is undetermined to be paid nothing.")
    ] = False,
    pool_level: Annotated[_Level, typer.Option(help="Whose pools to show.")] = "province",
    pool_within: Annotated[str, typer.Option(metavar="CODE", help="Only pools whose region code begins so, such as 22.")] = "",
    next_yuan: Annotated[str | None, typer.Option(metavar="FACT", help="Also what a step more of this fact does to benefits.")] = None,
    step: Annotated[str, typer.Option(metavar="NUMBER", help="The step of --next-yuan.")] = "1",
    sample: Annotated[int, typer.Option(min=1, metavar="N", help="Of how many people --next-yuan is asked.")] = 20_000,
    charts: Annotated[bool, typer.Option("--charts/--no-charts", help="Whether to draw.")] = True,
    release: Release = None,
    language: Lang = "zh",
) -> None:
    """Report on a run: cost, who is entitled, who gains and loses, inequality, pools; CSV, Parquet, PNG and one page."""
    session: Session = context.obj
    rulebook = session.rulebook(release)
    from app.population.reports import MeasureError, ReportOptions, RunError, write_report
    from app.population.reports.cliffs import CliffError

    try:
        options = ReportOptions(
            measures=_measures(measure or []),
            poverty_line=None if poverty_line is None else _number("--poverty-line", poverty_line),
            equivalence=_number("--equivalence", equivalence),
            income_has_benefits=income_has_benefits,
            undetermined_as_nothing=undetermined_as_nothing,
            pool_level=pool_level,
            pool_within=pool_within,
            charts=charts,
        )
        extra = [] if next_yuan is None else _next_yuan(rulebook, run, next_yuan, _number("--step", step), sample)
        written = write_report(run, out, rulebook, options, extra=extra)
    except InputError as error:
        session.stop(render_input_faults(error.faults, language), BAD_INPUT)
    except (RunError, MeasureError, CliffError, ValueError) as error:
        session.stop(str(error), BAD_INPUT)
    session.say(word("run_report", language, page=written.page))


def _measures(stated: list[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for text in stated:
        scheme, sign, names = text.partition("=")
        if not sign or not names:
            raise typer.BadParameter(f"'{text}' is not SCHEME=BENEFIT, such as pension.employee=monthly_pension.", param_hint="--measure")
        found[scheme] = tuple(names.split(","))
    return found


def _number(option: str, text: str) -> Decimal:
    try:
        found = Decimal(text)
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite():
        raise typer.BadParameter(f"'{text}' is not a number such as 1500 or 0.5.", param_hint=option)
    return found


def _next_yuan(rulebook: Rulebook, run: Path, fact: str, step: Decimal, sample: int) -> list[ReportTable]:
    """The run's own people and baseline, asked once more."""
    from app.population.reports.next_yuan import next_yuan_tables
    from app.population.runs.manifest import read_manifest, recorded_questions
    from app.population.runs.simulation import make_simulation
    from app.population.runs.streams import open_population

    manifest = read_manifest(run)
    baseline, _ = recorded_questions(manifest, rulebook.facts)
    people = open_population([Path(each.path) for each in manifest.inputs], rulebook.facts)
    simulation = make_simulation(rulebook, baseline, exact=manifest.exact, uncompiled="exact")
    return next_yuan_tables(rulebook, baseline, simulation.evaluator, people, manifest.counts["input_rows"], fact, step, sample)
