"""Results of rule cases and rule coverage."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.console import Group, RenderableType
from rich.text import Text

from app.cases import CaseResult
from app.cases.coverage import KIND_TITLES, Item, SchemeCoverage


def render_failure(result: CaseResult) -> RenderableType:
    """A case that failed: each difference with its line, what was expected and what came."""
    heading = Text("✗ ", style="red").append(result.case.name, style="bold").append(f"  {result.case.place}", style="dim")
    lines = [Text(f"    {error}", style="red") for error in result.errors]
    for difference in result.differences:
        line = Text(f"    {difference.place}: ").append(difference.what, style="bold")
        lines.append(line.append(f"  expected {difference.expected}, but it is {difference.actual}"))
    return Group(heading, *lines)


def render_coverage(report: Iterable[SchemeCoverage]) -> RenderableType:
    """One line a scheme, as exercised/all; figures are data and stand outside the share."""
    return Group(*(_scheme_line(each) for each in report))


def _scheme_line(coverage: SchemeCoverage) -> Text:
    hit, every = coverage.total()
    share = f"{100 * hit / every:.0f} %" if every else "-"
    counts = ", ".join(f"{KIND_TITLES[kind]} {one}/{all_}" for kind, (one, all_) in coverage.counts.items())
    return Text(f"{coverage.scheme}: ").append(share, style="bold").append(f" of the rules exercised ({counts})")


def render_coverage_gaps(report: Iterable[SchemeCoverage]) -> RenderableType:
    """What no case has exercised, by file and line; the figures of one table that follow each other on one line."""
    return Group(*(Text(line) for each in report for line in _gaps(each.missed)))


def _gaps(missed: tuple[Item, ...]) -> Iterator[str]:
    run: list[Item] = []
    for item in missed:
        if run and not _continues(run[-1], item):
            yield _gap(run)
            run = []
        run.append(item)
    if run:
        yield _gap(run)


def _continues(before: Item, item: Item) -> bool:
    together = ("figure", "row")
    same = before.kind == item.kind and before.kind in together and before.name == item.name and before.place.file == item.place.file
    return same and item.place.line - before.place.line <= 1


def _gap(run: list[Item]) -> str:
    first, last = run[0], run[-1]
    detail = f" {first.detail}" if first.detail else ""
    if len(run) == 1:
        return f"{first.place}: {first.kind} {first.name}{detail}"
    lines = str(first.place) if first.place == last.place else f"{first.place}-{last.place.line}"
    ends = f" ({first.detail} … {last.detail})" if first.detail else ""
    return f"{lines}: {len(run)} {KIND_TITLES[first.kind]} of {first.name}{ends}"
