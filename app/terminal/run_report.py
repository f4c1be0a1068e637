"""A run over a population: how far it is, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console, Group, RenderableType
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.text import Text

from app.engine import Language

from .words import word

if TYPE_CHECKING:  # pyarrow takes time to load, and most commands need none of it
    from app.population.runs.manifest import Manifest
    from app.population.runs.rejects import RejectKind
    from app.population.runs.running import Progress as RunProgress

_KINDS_SHOWN = 8


@contextmanager
def watch_run(console: Console, language: Language) -> Iterator[Callable[[RunProgress], None]]:
    """A bar with the time left, for as long as the context lasts; gives what is to be told of each step. Nothing where nobody watches."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[rows]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bars:
        tasks = {stage: bars.add_task(word(stage, language), total=None, rows="", visible=False) for stage in ("checking", "evaluating")}

        def show(step: RunProgress) -> None:
            rows = word("rows_so_far", language, rows=f"{step.rows:,}", rejects=f"{step.rejects:,}", exact=f"{step.exact_rows:,}") if step.rows else ""
            bars.update(tasks[step.stage], completed=step.done, total=step.total, rows=rows, visible=True)

        yield show


def render_run(manifest: Manifest, out: Path, kinds: Sequence[RejectKind], language: Language) -> RenderableType:
    """A finished run in a few lines: rows read, answered and refused (and why), the time it took, where its files are."""
    counts = manifest.counts
    speed = f"{counts['input_rows'] / manifest.seconds:,.0f}" if manifest.seconds else "-"
    filled = {name: f"{count:,}" for name, count in counts.items()}
    lines = [Text(word("run_rows", language, **filled)), Text(word("run_time", language, seconds=f"{manifest.seconds:,.1f}", speed=speed))]
    if counts["rejected_rows"]:
        lines.append(Text(word("run_rejects", language, rejected_rows=filled["rejected_rows"], file=out / "rejects.parquet"), style="yellow"))
        lines.extend(_kind_line(kind, language) for kind in kinds[:_KINDS_SHOWN])
        if len(kinds) > _KINDS_SHOWN:
            lines.append(Text("  …"))
    lines.append(Text(word("run_files", language, results=out / "results", manifest=out / "manifest.json")))
    return Group(*lines)


def _kind_line(kind: RejectKind, language: Language) -> Text:
    line = Text(f"  {kind.lines:,} × ").append(kind.pointer or "/", style="bold red")
    return line.append(f"  {kind.en if language == 'en' else kind.zh}", style="default")
