"""`shebao scan`: everything a household may get."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.advice.scan_call import SCAN
from app.terminal import render_scan

from .advising import AsJson, advise
from .options import Lang, Release
from .session import Session

HouseholdFile = Annotated[Path, typer.Argument(metavar="HOUSEHOLD.json", help="A household as POST /v1/scan takes it; - reads standard input.")]


def scan(context: typer.Context, household: HouseholdFile, release: Release = None, as_json: AsJson = False, language: Lang = "zh") -> None:
    """Show everything a household may get, what excludes what, and how to claim it."""
    session: Session = context.obj
    advise(session, SCAN, household, {"release": release}, render_scan, language=language, as_json=as_json)
