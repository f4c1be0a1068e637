"""`shebao serve`: the interface over HTTP."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from app.releases.settings import RELEASES_VARIABLE

from .session import BAD_INPUT, Session

ROOT = Path(__file__).resolve().parent.parent.parent
GUNICORN_SETTINGS = ROOT / "gunicorn.conf.py"


def serve(
    context: typer.Context,
    bind: Annotated[str | None, typer.Option(help="Where to listen, such as 127.0.0.1:8000. (default: as configured)")] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="How many worker processes. (default: as configured)")] = None,
) -> None:
    """Serve the interface with gunicorn and the project's configuration."""
    session: Session = context.obj
    if not GUNICORN_SETTINGS.is_file():
        session.stop(f"There is no {GUNICORN_SETTINGS.name} in '{ROOT}'. Run shebao from a checkout of the project.", BAD_INPUT)
    command = [sys.executable, "-m", "gunicorn", "--config", str(GUNICORN_SETTINGS), "--chdir", str(ROOT)]
    command += [] if bind is None else ["--bind", bind]
    command += [] if workers is None else ["--workers", str(workers)]
    environment = os.environ | {"SHEBAO_RULES": str(session.rules.resolve()), RELEASES_VARIABLE: str(session.releases.resolve())}
    os.execve(sys.executable, [*command, "wsgi:app"], environment)  # noqa: S606 - gunicorn takes the place of this process
