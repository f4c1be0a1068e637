"""The same jobs from a terminal: evaluate a case, check and test the rules, compare two versions, simulate, generate people, serve."""

from __future__ import annotations

import gc
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from app import __version__
from app.commands.session import Session, console

RULES = Path(__file__).resolve().parent.parent / "rules"
# Where each command stands, in the order they are listed.
COMMANDS = {
    "evaluate": "evaluating:evaluate",
    "ask": "ask:ask",
    "timeline": "timeline:timeline",
    "what-if": "what_if:what_if",
    "compare": "compare:compare",
    "scan": "scan:scan",
    "words": "words:words",
    "population": "population:population",
    "simulate": "simulate:simulate",
    "simulate-on-spark": "simulate_on_spark:simulate_on_spark",
    "report": "report:report",
    "gap": "population:gap",
    "schemas": "schemas:schemas",
    "notice": "notice:make_notice",
    "explain": "reasons:explain_run",
    "reasons": "reasons:run_reasons",
    "release": "releases:release",
    "check": "check:check",
    "test": "testing:run_cases",
    "schemes": "versions:schemes",
    "diff": "versions:diff",
    "serve": "serve:serve",
}


class Commands(TyperGroup):
    """Commands that are imported when they are called, or listed: all of them together take longer than many a command."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        module, _, function = COMMANDS[cmd_name].partition(":")
        found = getattr(import_module(f"app.commands.{module}"), function)
        if isinstance(found, typer.Typer):
            return typer.main.get_command(found)
        alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
        alone.command(cmd_name)(found)
        return typer.main.get_command(alone)


app = typer.Typer(
    name="shebao",
    cls=Commands,
    help="China's social insurance rules: evaluated exactly, explained to the article of law.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"shebao {__version__}")
        raise typer.Exit


@app.callback()
def start(
    context: typer.Context,
    rules: Annotated[Path, typer.Option(envvar="SHEBAO_RULES", help="The folder of rule files.", show_default="rules/ of the project")] = RULES,
    releases: Annotated[
        Path | None, typer.Option(envvar="SHEBAO_RELEASES", help="The folder of kept releases.", show_default="shebao/releases where the user's programs keep their state")
    ] = None,
    _: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and leave.")] = False,
) -> None:
    """China's social insurance rules: evaluated exactly, explained to the article of law."""
    context.obj = Session(rules, console(), console(stderr=True), releases)


def main() -> None:
    """The console script."""
    try:
        app()
    finally:
        gc.freeze()  # What is left goes with the process: to look it all over for cycles first would take a fifth of a second.


if __name__ == "__main__":
    main()
