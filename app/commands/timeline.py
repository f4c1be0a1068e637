"""`shebao timeline`: a case at each month of a range."""

from __future__ import annotations

from typing import Annotated

import typer

from app.advice.timeline_call import TIMELINE
from app.terminal import render_timeline

from .advising import AsJson, CaseFile, advise
from .options import Lang, Release
from .session import Session


def timeline(
    context: typer.Context,
    case: CaseFile,
    first: Annotated[str | None, typer.Option("--from", metavar="YYYY-MM", help="The first month.")] = None,
    last: Annotated[str | None, typer.Option("--to", metavar="YYYY-MM", help="The last month.")] = None,
    over: Annotated[str | None, typer.Option(metavar="FACT", help="The date that moves. (default: the scheme's own)")] = None,
    release: Release = None,
    as_json: AsJson = False,
    language: Lang = "zh",
) -> None:
    """Show a case at each month of a range, and what changes when."""
    session: Session = context.obj
    advise(session, TIMELINE, case, {"release": release, "from": first, "to": last, "over": over}, render_timeline, language=language, as_json=as_json)
