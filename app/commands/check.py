"""`shebao check`: every rule file and case file, and the law of every date, region and proposal."""

from __future__ import annotations

import typer

from app.cases.checking import CaseCheck, case_check
from app.collector import collector_paused
from app.language import Fault, Rulebook

from .session import FAILED, Session


def check(context: typer.Context) -> None:
    """Check every rule file and case file, and the law of every date, region and proposal."""
    session: Session = context.obj
    with collector_paused():
        rulebook = session.rulebook()
        faults, (cases, of_cases) = _check(rulebook, case_check(session.rules, rulebook))
    faults.extend(of_cases)
    if faults:
        from app.terminal import render_rule_faults

        session.say(render_rule_faults(faults))
        raise typer.Exit(FAILED)
    session.say(
        f"{len(rulebook.files)} rule files, {len(rulebook.scheme_ids())} schemes, {len(rulebook.regions())} regions, "
        f"{len(rulebook.epochs())} dates, {cases} cases: no faults. Release {rulebook.release}."
    )


def _check(rulebook: Rulebook, cases: CaseCheck) -> tuple[list[Fault], tuple[int, tuple[Fault, ...]]]:
    """What is wrong with the rules; how many cases there are, and what is wrong with those."""
    if not cases.changed:
        return rulebook.check_everywhere(), cases.run()
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    # The cases are read beside the sweep: each takes half of the time there is to wait.
    with ProcessPoolExecutor(1, multiprocessing.get_context("fork")) as beside:
        counted = beside.submit(cases.run)
        return rulebook.check_everywhere(), counted.result()
