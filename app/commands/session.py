"""What every command has: where the rules are, where to print, how to stop."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import typer
from rich.console import Console, RenderableType

from app.language import Rulebook, RuleError, load_rulebook

FAILED, BAD_INPUT, INCIDENT = 1, 2, 3
NARROWEST = 100


@dataclass(frozen=True, slots=True)
class Session:
    """Where the rules are, and where to print."""

    rules: Path
    out: Console
    err: Console

    def show(self, what: RenderableType) -> None:
        """Print something laid out for the width of the terminal."""
        self.out.print(what)

    def say(self, what: RenderableType) -> None:
        """Print lines that other programs may read: never broken to a width."""
        self.out.print(what, soft_wrap=True)

    def stop(self, what: RenderableType, code: int) -> NoReturn:
        self.err.print(what, soft_wrap=True)
        raise typer.Exit(code)

    def rulebook(self) -> Rulebook:
        """The rulebook, or every fault of its files and exit 1."""
        if not self.rules.is_dir():
            self.stop(f"There is no rules folder '{self.rules}'. Name one with --rules.", BAD_INPUT)
        try:
            return load_rulebook(self.rules, remember=True)
        except RuleError as error:
            from app.terminal import render_rule_faults

            self.stop(render_rule_faults(error.faults), FAILED)


def console(*, stderr: bool = False) -> Console:
    """A console that lays out for at least a readable width where nobody can see its own."""
    made = Console(stderr=stderr, highlight=False)
    if not made.is_terminal:
        made.width = max(made.width, NARROWEST)
    return made


def one_of(option: str, value: str, allowed: tuple[str, ...]) -> str:
    """The value of an option that has a few; anything else is refused as typer refuses."""
    if value not in allowed:
        raise typer.BadParameter(f"'{value}' is not one of {', '.join(allowed)}.", param_hint=option)
    return value
