"""`shebao test`: the rule cases that stand beside the rules."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cases import RuleCase, read_cases
from app.cases.coverage import Coverage, SchemeCoverage
from app.cases.running import CaseRunner
from app.engine import Engine
from app.language import Rulebook, RuleError
from app.terminal import render_coverage, render_coverage_gaps, render_failure, render_rule_faults

from .session import BAD_INPUT, FAILED, Session


def run_cases(
    context: typer.Context,
    path: Annotated[Path | None, typer.Argument(help="A case file or a folder. (default: every case of the rules)")] = None,
    coverage: Annotated[bool, typer.Option("--coverage", help="Also report what of the rules no case has exercised.")] = False,
    keyword: Annotated[str, typer.Option("-k", metavar="NAME", help="Only the cases whose name contains NAME.")] = "",
    minimum_coverage: Annotated[
        float | None, typer.Option("--minimum-coverage", min=0, max=100, metavar="PERCENT", help="Fail where less of the rules is exercised.")
    ] = None,
) -> None:
    """Run the rule cases that stand beside the rules."""
    session: Session = context.obj
    covering = coverage or minimum_coverage is not None
    rulebook = session.rulebook()
    cases = [case for case in _cases(session, rulebook, path) if keyword in case.name]
    collected = Coverage(rulebook) if covering else None
    runner = CaseRunner(Engine(rulebook, cover=covering), collected)
    failures = [result for result in map(runner.run, cases) if not result.passed]
    for result in failures:
        session.say(render_failure(result))
    report = [] if collected is None else collected.report()
    if coverage:
        session.say(render_coverage_gaps(report))
        session.say(render_coverage(report))
    enough = minimum_coverage is None or _enough(session, report, minimum_coverage)
    session.say(f"{len(cases)} cases: {len(cases) - len(failures)} passed, {len(failures)} failed.")
    if failures or not enough or not cases:
        raise typer.Exit(FAILED)


def _cases(session: Session, rulebook: Rulebook, path: Path | None) -> tuple[RuleCase, ...]:
    try:
        return read_cases(session.rules, rulebook.facts, path)
    except FileNotFoundError as error:
        session.stop(str(error), BAD_INPUT)
    except RuleError as error:
        session.stop(render_rule_faults(error.faults), FAILED)


def _enough(session: Session, report: list[SchemeCoverage], minimum: float) -> bool:
    """Whether the cases exercise the wanted share of the rules of all schemes together."""
    totals = [each.total() for each in report]
    hit, every = sum(one for one, _ in totals), sum(all_ for _, all_ in totals)
    share = 100 * hit / every if every else 100.0
    session.say(f"Rule coverage: {hit} of {every} ({share:.1f} %); at least {minimum:g} % wanted.")
    return share >= minimum
