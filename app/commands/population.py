"""`shebao population` and `shebao gap`: synthetic households from published margins, and what the rules make of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.language import Rulebook
from app.terminal import render_fits, render_gap

from .session import BAD_INPUT, FAILED, Session

if TYPE_CHECKING:
    from app.population.gap import YearGap

SEED = 20241231


def population(
    context: typer.Context,
    size: Annotated[int, typer.Option(min=1, metavar="N", help="How many persons.")],
    out: Annotated[Path | None, typer.Option(metavar="FILE|FOLDER", help="A new .parquet file, or a new folder of them. May be left out with --check.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="The seed: the same seed, year and size give the same people.")] = SEED,
    year: Annotated[int, typer.Option(min=2011, max=2024, help="The year at whose end people are as they are.")] = 2024,
    check: Annotated[bool, typer.Option("--check", help="Show how well the population meets every margin.")] = False,
) -> None:
    """Generate synthetic households to try rules on."""
    session: Session = context.obj
    if out is None and not check:
        session.stop("Say where the people go with --out, or ask for --check.", BAD_INPUT)
    from app.population.synthetic import Synthesis, Tally, fits, generate, write

    people, tally = Synthesis(size, year, seed), Tally()
    try:
        if out is None:
            for batch in generate(people):
                tally.add(batch)
        else:
            files = write(people, out, tally.add if check else None)
            session.say(f"{size:,} persons of the end of {year} (seed {seed}) in {len(files)} file{'s' if len(files) > 1 else ''}: {out}")
    except FileExistsError as error:
        session.stop(str(error), BAD_INPUT)
    except OSError as error:
        session.stop(f"'{out}' cannot be written: {error.strerror or error}.", FAILED)
    if check:
        session.show(render_fits(fits(tally, year)))


def gap(
    context: typer.Context,
    size: Annotated[int, typer.Option(min=1000, metavar="N", help="How many persons the population of each year has.")] = 200_000,
    year: Annotated[list[int] | None, typer.Option(min=2011, max=2017, help="A year; may be repeated. (default: 2011 to 2017)")] = None,
    seed: Annotated[int, typer.Option(min=0, help="The population's seed.")] = SEED,
    exact: Annotated[bool, typer.Option("--exact", help="Every row by the exact engine: about a thousand rows a second.")] = False,
) -> None:
    """Compare average pensions of 2011 to 2017, by rules and synthetic population, with those published."""
    session: Session = context.obj
    rulebook = session.rulebook()
    with session.err.status("…") if session.err.is_terminal else _nothing():
        years = list(_gap(rulebook, size, seed, sorted(set(year or ())), exact=exact))
    session.show(render_gap(years))


def _gap(rulebook: Rulebook, size: int, seed: int, years: list[int], *, exact: bool) -> Iterator[YearGap]:
    from app.engine import Engine
    from app.population.engine import PopulationEngine
    from app.population.exact import ExactEvaluator
    from app.population.gap import YEARS
    from app.population.gap import gap as gap_of_years
    from app.population.question import Evaluator, Question

    engine = Engine(rulebook)

    def by_engine(question: Question) -> Evaluator:
        return ExactEvaluator(rulebook, question, engine)

    def by_kernel(question: Question) -> Evaluator:
        return PopulationEngine(rulebook, question, uncompiled="exact", engine=engine)

    return gap_of_years(rulebook, by_engine if exact else by_kernel, by_engine, size, seed, years or YEARS)


@contextmanager
def _nothing() -> Iterator[None]:
    yield
