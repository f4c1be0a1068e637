"""What every command has: where the rules are, where to print, how to stop."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import typer
from rich.console import Console, RenderableType

from app.language import Rulebook, RuleError, read_contents, read_tag, release_of, remembered_rulebook

if TYPE_CHECKING:
    from app.advice import Desks
    from app.releases import ReleaseStore

FAILED, BAD_INPUT, INCIDENT = 1, 2, 3
NARROWEST = 100


@dataclass(frozen=True, slots=True)
class Session:
    """Where the rules are, where releases are kept (None: where the environment says), and where to print."""

    rules: Path
    out: Console
    err: Console
    stated_releases: Path | None

    def show(self, what: RenderableType) -> None:
        """Print something laid out for the width of the terminal."""
        self.out.print(what)

    def say(self, what: RenderableType) -> None:
        """Print lines that other programs may read: never broken to a width."""
        self.out.print(what, soft_wrap=True)

    def stop(self, what: RenderableType, code: int) -> NoReturn:
        self.err.print(what, soft_wrap=True)
        raise typer.Exit(code)

    def rulebook(self, release: str | None = None) -> Rulebook:
        """The rulebook of the rules, or of a kept release; or every fault of its files and exit 1."""
        if release is not None:
            from app.releases import ReleaseError

            try:
                return self.desks().named(release).rulebook
            except ReleaseError as error:
                self.stop(f"{error.zh}\n{error.en}", BAD_INPUT)
        return self.rulebook_of(self.files())

    def rulebook_of(self, files: dict[str, bytes]) -> Rulebook:
        """The rulebook of the files of the rules; or every fault of them and exit 1."""
        try:
            return remembered_rulebook(files, read_tag(self.rules))
        except RuleError as error:
            self._stop_at(error)

    def files(self) -> dict[str, bytes]:
        """The files of the rules by path; or what keeps them from being read and an exit."""
        if not self.rules.is_dir():
            self.stop(f"There is no rules folder '{self.rules}'. Name one with --rules.", BAD_INPUT)
        try:
            return read_contents(self.rules)
        except RuleError as error:
            self._stop_at(error)

    def _stop_at(self, error: RuleError) -> NoReturn:
        from app.terminal import render_rule_faults

        self.stop(render_rule_faults(error.faults), FAILED)

    def contents(self) -> dict[str, bytes] | None:
        """The files of the rules; None where there are none."""
        try:
            return read_contents(self.rules)
        except (RuleError, OSError):
            return None

    @property
    def releases(self) -> Path:
        from app.releases.settings import ReleaseSettings

        return self.stated_releases or ReleaseSettings.from_environment().folder

    @property
    def store(self) -> ReleaseStore:
        from app.releases import ReleaseStore

        return ReleaseStore(self.releases)

    def desks(self) -> Desks:
        """What answers by the rules, and by kept releases. The rules are read when they are asked; they may be in the making meanwhile."""
        from app.advice import Desk
        from app.releases import UNTAGGED, Releases, Running

        contents = self.contents()
        release, tag = ("", UNTAGGED) if contents is None else (release_of(contents), read_tag(self.rules))
        return Releases(Running(release, tag, cache(lambda: Desk(self.rulebook()))), self.store, Desk)


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
