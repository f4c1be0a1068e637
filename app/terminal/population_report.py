"""How well a synthetic population meets its margins, and how the model's average pensions compare with those published."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:  # numpy and pyarrow take time to load, and most commands need none of it
    from app.population.gap import Compared, YearGap
    from app.population.synthetic import MarginFit

_FREE = ("D", "assumed")


def render_fits(fits: Sequence[MarginFit]) -> RenderableType:
    """A row for each margin: target, what came out, how far off, how firm the target is."""
    table = Table(box=None, padding=(0, 2, 0, 0))
    for heading, justify in (("margin", "left"), ("unit", "left"), ("target", "right"), ("got", "right"), ("off", "right"), ("grade", "left"), ("cells", "left")):
        table.add_column(heading, justify="right" if justify == "right" else "left")
    for fit in fits:
        cells = f"{fit.close} of {fit.cells} within 2 %; worst {fit.worst}" if fit.cells > 1 else ""
        table.add_row(
            fit.name, fit.unit, _figure(fit.target), _figure(fit.got), f"{fit.error:+.1f} %", fit.grade, cells, style="dim" if fit.grade in _FREE else ""
        )
    note = "Grades: A official, B secondary, C recalled and checked, derived from these; D and assumed are orders of magnitude, no target."
    return Group(table, Text(note, style="dim"))


def render_gap(years: Sequence[YearGap]) -> RenderableType:
    """The model, what was published and how far off, year by year: both schemes and their ratio; then the parts of the last year."""
    table = Table(box=None, padding=(0, 2, 0, 0), title="Average pensions, yuan a month: model, published, off", title_justify="left")
    for heading in ("", *(str(each.year) for each in years)):
        table.add_column(heading, justify="right" if heading else "left")
    _add_rows(table, "employees", [each.employees for each in years], 0)
    _add_rows(table, "residents, by the rules", [each.residents for each in years], 1)
    _add_rows(table, "residents, with local bases (D)", [each.residents_with_local for each in years], 1)
    _add_rows(table, "employees' beside residents', by the rules", [each.ratio for each in years], 1)
    _add_rows(table, "employees' beside residents', with local bases (D)", [each.ratio_with_local for each in years], 1)
    return Group(table, Text(), _parts(years[-1]), Text(), Text(_NOTE, style="dim"))


def _add_rows(table: Table, name: str, years: Sequence[Compared], digits: int) -> None:
    table.add_row(name, *(f"{each.model:,.{digits}f}" for each in years))
    table.add_row("  published", *(f"{each.published:,.{digits}f}" for each in years))
    table.add_row("  off, %", *(f"{each.error:+.1f}" for each in years), end_section=True)


_NOTE = (
    "From rules and population alone: what was published is only compared with. Residents: by the rules, which know the nation's "
    "minimum base but no local base of these years; 'with local bases' raises it by each province's proportion of 2025 and 2026, an "
    "order of magnitude. Careers, awards before 1997-07 and rises before 2006 are assumptions: docs/synthetic-population.md."
)


def _parts(year: YearGap) -> RenderableType:
    table = Table(box=None, padding=(0, 2, 0, 0), title=f"Employees who draw, {year.year}", title_justify="left")
    for heading in ("part", "share", "yuan a month"):
        table.add_column(heading, justify="left" if heading == "part" else "right")
    for group in year.groups:
        table.add_row(group.name, f"{group.share:.1f} %", f"{group.pension:,.0f}")
    table.add_row("left open by the rules (not counted)", f"{year.open_share:.1f} %", "")
    return table


def _figure(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:,.3f}"
