"""A timeline on the screen: one line for each stretch of months that are alike, and what changed at its beginning."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from app.engine import Language

from .words import word

Json = dict[str, Any]


def render_timeline(answer: Json, language: Language) -> RenderableType:
    """An answer of POST /v1/timeline."""
    parts: list[RenderableType] = [Text(f"{word('moves', language)} {answer['over']}", style="dim")]
    for scheme, result in answer["results"].items():
        parts += [Text(f"{result['title']} {scheme}", style="bold"), _table(result, language)]
    return Group(*parts)


def _table(result: Json, language: Language) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    names = list(dict.fromkeys(name for point in result["points"] for name in point["benefits"]))
    for heading in (word("month", language), word("status", language)):
        table.add_column(heading)
    for name in names:
        table.add_column(name, justify="right")
    table.add_column(word("changes", language))
    changes = {change["month"]: change for change in result["changes"]}
    for point in result["points"]:
        change = changes.get(point["month"])
        if change is None and point is not result["points"][0]:
            continue
        amounts = [str(point["benefits"].get(name) or "") for name in names]
        table.add_row(point["month"], word(point["status"], language), *amounts, "; ".join(_causes(change, language)) if change else "")
    return table


def _causes(change: Json, language: Language) -> Iterator[str]:
    for each in change["conditions"]:
        met = each["after"]
        yield f"{each['title']}: {word('unknown' if met is None else 'met' if met else 'not met', language)}"
    for each in change["because"]:
        yield f"{each['title']} {_shown(each['before'], language)} → {_shown(each['after'], language)}"


def _shown(value: Any, language: Language) -> str:
    return word("unknown", language) if value is None else str(value)
