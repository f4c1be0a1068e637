"""`shebao schemas`: what editors need to complete and check rule files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from app.editor import editor_schemas

from .session import Session

DEFAULT_FOLDER = Path("editor")


def schemas(
    context: typer.Context,
    out: Annotated[Path, typer.Option(metavar="FOLDER", help="Where the schemas go.")] = DEFAULT_FOLDER,
) -> None:
    """Write JSON Schemas of rule files, fact files and case files, for editors."""
    session: Session = context.obj
    out.mkdir(parents=True, exist_ok=True)
    for name, schema in editor_schemas(session.rulebook().facts).items():
        path = out / name
        path.write_text(json.dumps(schema, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        session.say(str(path))
