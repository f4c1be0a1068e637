"""The report as one HTML page: tables and charts in Chinese and English, no script, nothing fetched from anywhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from app.engine import Language
from app.language import Title

from .charts import Chart
from .drawing import to_svg
from .measures import TOGETHER
from .tables import Column, ReportTable
from .words import BASIS_TITLES, STATUS_TITLES

LANGUAGES: tuple[Language, ...] = ("zh", "en")
# A table of more rows is cut on the page; its files have them all.
SHOWN_ROWS = 60
_HIDDEN = {"zh": ("scheme", "scheme_en", "benefit", "benefit_en"), "en": ("scheme", "scheme_zh", "benefit", "benefit_zh")}
_WORDS = {
    "basis": BASIS_TITLES,
    "before_status": STATUS_TITLES,
    "after_status": STATUS_TITLES,
    "side": {
        "without": Title("不含待遇", "without benefits"),
        "before": Title("现行", "before"),
        "after": Title("改革后", "after"),
    },
    "group": {"male": Title("男", "male"), "female": Title("女", "female"), "not known": Title("未知", "not known")},
    "region": {"total": Title("合计", "total")},
}


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of the page's head: what was asked."""

    title: Title
    value: str


def render_page(title: Title, asked: Sequence[Fact], tables: Sequence[ReportTable], charts: Sequence[Chart], notes: Sequence[Title]) -> str:
    environment = Environment(
        loader=PackageLoader("app.population.reports"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    pages = [_page(language, asked, tables, charts, notes) for language in LANGUAGES]
    return environment.get_template("report.html").render(title=title, pages=pages)


def _page(
    language: Language, asked: Sequence[Fact], tables: Sequence[ReportTable], charts: Sequence[Chart], notes: Sequence[Title]
) -> dict[str, Any]:
    return {
        "language": language,
        "asked": [(fact.title.in_language(language), fact.value) for fact in asked],
        "notes": [note.in_language(language) for note in notes],
        "charts": [{"name": chart.name, "title": chart.title.in_language(language), "svg": to_svg(chart.spec(language))} for chart in charts],
        "tables": [_table(made, language) for made in tables if made.rows and made.name != "lorenz"],
    }


def _table(made: ReportTable, language: Language) -> dict[str, Any]:
    shown = [(index, column) for index, column in enumerate(made.columns) if column.name not in _HIDDEN[language]]
    return {
        "name": made.name,
        "title": made.title.in_language(language),
        "notes": [note.in_language(language) for note in made.notes],
        "columns": [(column.title.in_language(language), _is_number(column)) for _, column in shown],
        "rows": [
            {
                "main": TOGETHER in row or "total" in row,
                "cells": [(show(column, row[index], language), _is_number(column)) for index, column in shown],
            }
            for row in made.rows[:SHOWN_ROWS]
        ],
        "left_out": max(0, len(made.rows) - SHOWN_ROWS),
    }


def _is_number(column: Column) -> bool:
    return column.kind not in ("text", "code")


def show(column: Column, value: Any, language: Language) -> str:
    """A cell as it is read: thousands apart, shares as per cent, codes by their words."""
    if value is None:
        return "–"
    if not _is_number(column):
        word = _WORDS.get(column.name, {}).get(value)
        return str(value) if word is None else word.in_language(language)
    if column.kind == "share":
        return f"{Decimal(value) * 100:,.2f} %"
    if column.kind == "money":
        return f"{Decimal(value):,.2f}"
    if column.kind == "measure":
        return f"{value:,.4f}" if abs(value) < 10 else f"{value:,.2f}"
    number = Decimal(value)
    return f"{number:,.0f}" if number == int(number) else f"{number:,.2f}"
