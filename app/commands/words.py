"""`shebao words`: a case in words. (`shebao explain` explains a person of a run.)"""

from __future__ import annotations

from typing import Annotated

import typer

from app.advice.explain_call import EXPLAIN
from app.terminal import render_words, render_words_markdown

from .advising import AsJson, CaseFile, advise
from .options import Lang, Release
from .session import Session


def words(
    context: typer.Context,
    case: CaseFile,
    reader: Annotated[str | None, typer.Option("--for", metavar="READER", help="citizen: short and plain; caseworker: complete, for the file. (default: citizen)")] = None,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print Markdown.")] = False,
    release: Release = None,
    as_json: AsJson = False,
    language: Lang = "zh",
) -> None:
    """Put a case into words: what is due, why or why not, what is missing, what it rests on."""
    session: Session = context.obj
    advise(session, EXPLAIN, case, {"release": release, "for": reader}, render_words_markdown if markdown else render_words, language=language, as_json=as_json)
