"""A batch of cases: how far it is, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console, Group, RenderableType
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.text import Text

from app.engine import InputFault, Language

from .words import word


@dataclass(frozen=True, slots=True)
class BatchTally:
    """How far a batch is: bytes of the input read (`total`: of all of it, None where nobody knows), lines answered and refused."""

    bytes_read: int
    total: int | None
    answered: int
    failed: int

    @property
    def lines(self) -> int:
        return self.answered + self.failed


@contextmanager
def watch_batch(console: Console, language: Language) -> Iterator[Callable[[BatchTally], None]]:
    """A bar with the time left, for as long as the context lasts; gives what is to be told of each step. Nothing where nobody watches."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[lines]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bars:
        task = bars.add_task(word("evaluating", language), total=None, lines="")

        def show(tally: BatchTally) -> None:
            lines = word("batch_so_far", language, lines=f"{tally.lines:,}", failed=f"{tally.failed:,}")
            bars.update(task, completed=tally.bytes_read, total=tally.total, lines=lines)

        yield show


def render_batch(tally: BatchTally, seconds: float, rejects: str | None, language: Language) -> RenderableType:
    """A finished batch in a line or two; `rejects` is the file that says what was wrong."""
    speed = f"{tally.lines / seconds:,.0f}" if seconds else "-"
    filled = {"lines": f"{tally.lines:,}", "answered": f"{tally.answered:,}", "failed": f"{tally.failed:,}"}
    lines = [Text(word("batch_done", language, seconds=f"{seconds:,.1f}", speed=speed, **filled), style="yellow" if tally.failed else "")]
    if rejects is not None:
        lines.append(Text(word("batch_rejects", language, file=rejects), style="yellow"))
    return Group(*lines)


def render_reject(number: int, name: str | int | None, faults: Iterable[InputFault], language: Language) -> RenderableType:
    """What is wrong with one line of a batch."""
    head = f"{number}" if name is None else f"{number} ({name})"
    return Group(*(Text(f"{head}: ").append(fault.pointer or "/", style="bold red").append(f"  {fault.detail(language)}", style="default") for fault in faults))
