"""`shebao check`: every rule file and case file, and the law of every date, region and proposal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import typer

from app.cases.checking import CaseCheck, case_check
from app.collector import collector_paused
from app.language import Fault

from .session import FAILED, Session


def check(context: typer.Context) -> None:
    """Check every rule file and case file, and the law of every date, region and proposal."""
    session: Session = context.obj
    with collector_paused():
        files = session.files()
        with _beside(case_check(session.rules, files)) as counted:
            rulebook = session.rulebook_of(files)
            faults = rulebook.check_everywhere()
            cases, of_cases = counted()
    faults.extend(of_cases)
    if faults:
        from app.terminal import render_rule_faults

        session.say(render_rule_faults(faults))
        raise typer.Exit(FAILED)
    session.say(
        f"{len(rulebook.files)} rule files, {len(rulebook.scheme_ids())} schemes, {len(rulebook.regions())} regions, "
        f"{len(rulebook.epochs())} dates, {cases} cases: no faults. Release {rulebook.release}."
    )


@contextmanager
def _beside(cases: CaseCheck) -> Iterator[Callable[[], tuple[int, tuple[Fault, ...]]]]:
    """How many cases there are and what is wrong with them, asked for when the rules are read and checked; read by another process meanwhile."""
    if not cases.changed:
        yield cases.run
        return
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    with ProcessPoolExecutor(1, multiprocessing.get_context("fork")) as other:
        yield other.submit(cases.run).result
