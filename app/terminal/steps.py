"""The trace as a tree: each amount above what it was computed from, down to figures, facts and articles."""

from __future__ import annotations

from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text
from rich.tree import Tree

from app.engine import Language

from .words import word

Json = dict[str, Any]
_FLAG_STYLE = "bold yellow"
MAX_DEPTH = 40


def cite(source: Any) -> str:
    """A source on one line: instrument, number, article."""
    if isinstance(source, str):
        return source
    number = f"（{source['number']}）" if source.get("number") else ""
    return f"{source.get('instrument', '')}{number} {source.get('article', '')}".strip()


def figure(value: Any, unit: str | None) -> str:
    """A value with its unit; a pure number has none to show."""
    return f"{value}" if unit in (None, "1") else f"{value} {unit}"


class Steps:
    """The full trace of one scheme, asked by name.

    Unless `whole`, a tree ends at the results of other schemes and shows a series by its first and last key.
    """

    def __init__(self, scheme: str, trace: list[Json], language: Language, *, whole: bool = False) -> None:
        self._scheme = scheme
        self._language = language
        self._whole = whole
        self._lines = {line["id"]: line for line in trace}

    def _line(self, name: str) -> Json | None:
        """A trace names the rules of the first scheme asked for shortly, all others in full."""
        return self._lines.get(f"{self._scheme}.{name}") or self._lines.get(name)

    def title(self, name: str) -> str | None:
        line = self._line(name)
        return None if line is None else line.get("title")

    def unit(self, name: str) -> str | None:
        line = self._line(name)
        return None if line is None else line.get("unit")

    def units(self, name: str) -> dict[str, str]:
        """The units of a record's or a table's numbers, by field."""
        line = self._line(name)
        return {} if line is None else line.get("units", {})

    def value(self, value: Any) -> str:
        """A value in words: a list by its length and ends, a record by its fields, a yes or no, unknown."""
        if value is None:
            return word("unknown", self._language)
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, list):
            value = {"count": len(value)} | ({"first": value[0], "last": value[-1]} if value and not isinstance(value[0], dict) else {})
        if isinstance(value, dict) and not isinstance(value.get("count"), int):
            return ", ".join(f"{name} {self.value(each)}" for name, each in value.items())
        if isinstance(value, dict):
            ends = f" ({value['first']} … {value['last']})" if "first" in value else ""
            return word("count", self._language, count=value["count"]) + ends
        return str(value)

    def tree(self, roots: list[str]) -> RenderableType:
        """One tree for each root that stands in no other's; what stood in full before is only named again."""
        lines = [line for root in roots if (line := self._line(root)) is not None]
        below = {line["id"]: self._below(line) for line in lines}
        seen: set[str] = set()
        tops = [line for line in lines if not any(line["id"] in names for other, names in below.items() if other != line["id"])]
        return Group(*(self._grow(line, seen, MAX_DEPTH) for line in tops))

    def _below(self, line: Json) -> set[str]:
        """The names of everything a line was computed from."""
        found: set[str] = set()
        waiting = list(line.get("from", []))
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting.extend(self._lines.get(name, {}).get("from", []))
        return found

    def _grow(self, line: Json, seen: set[str], depth: int) -> Tree:
        if line["id"] in seen:
            return Tree(self._headline(line).append(f"  ({word('above', self._language)})", style="dim"), guide_style="dim")
        seen.add(line["id"])
        tree = Tree(Group(self._headline(line), *self._details(line)), guide_style="dim")
        children = line.get("from", []) if depth and (self._whole or "." not in line["id"]) else []
        for name in children:
            child = self._lines.get(name)
            if child is not None:
                tree.children.append(self._grow(child, seen, depth - 1))
        return tree

    def _headline(self, line: Json) -> Text:
        text = Text(line.get("title") or line["id"], style="bold")
        if line.get("title") and line["title"] != line["id"]:
            text.append(f" {line['id']}", style="not bold dim")
        if "value" in line:
            text.append(" = ", style="not bold").append(figure(self.value(line["value"]), line.get("unit")), style="cyan")
        if "key" in line:
            text.append(f" @ {line['key']}", style="not bold dim")
        elif "values" in line and not self._whole:
            rows = line["values"]
            text.append(f" @ {rows[0]['key']}..{rows[-1]['key']}, {word('count', self._language, count=len(rows))}", style="not bold dim")
        if line.get("kind") == "fact":
            text.append(f"  [{word('fact', self._language)}]", style="not bold dim")
        for flag in ("given", "assumed"):
            if line.get(flag):
                text.append(f"  [{word(flag, self._language)}]", style=_FLAG_STYLE)
        if line.get("standing", "official") != "official":
            text.append(f"  [{word('standing_' + line['standing'], self._language)}]", style=_FLAG_STYLE)
        return text

    def _details(self, line: Json) -> list[Text]:
        details = []
        if line.get("expression"):
            details.append(Text(line["expression"], style="green"))
        if "rounding" in line:
            details.append(Text(word("rounding", self._language, **line["rounding"])))
        if "rows" in line:
            details.append(Text(f"{word('rows', self._language)} {', '.join(map(str, line['rows']))}"))
        for band in line.get("bands", []):
            details.append(Text(word("band", self._language, **band)))
        for row in line.get("values", []) if self._whole else []:
            details.append(self._series_row(row, line.get("unit")))
        if "not_applied" in line:
            details.append(Text(f"{word('passed_over', self._language)} {', '.join(line['not_applied'])}", style="dim"))
        law = " · ".join(part for part in (cite(line["source"]) if "source" in line else "", line.get("file", "")) if part)
        if law:
            details.append(Text(law, style="dim"))
        return details

    def _series_row(self, row: Json, unit: str | None) -> Text:
        text = Text(f"{row.get('key', '')}: {figure(self.value(row.get('value')), unit)}")
        if row.get("given") or row.get("assumed"):
            text.append(f"  [{word('given' if row.get('given') else 'assumed', self._language)}]", style=_FLAG_STYLE)
        if row.get("standing", "official") != "official":
            text.append(f"  [{word('standing_' + row['standing'], self._language)}]", style=_FLAG_STYLE)
        law = " · ".join(part for part in (cite(row["source"]) if "source" in row else "", row.get("file", "")) if part)
        return text.append(f"  {law}", style="dim")
