"""Two versions of a scheme side by side, definition by definition."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Group, RenderableType
from rich.text import Text

from app.engine import Language
from app.language import Change, Detail, Said

# Of something wholly new or gone, such as a table of a thousand rows, this many lines show what it is.
MAX_DETAILS = 8
_MARKS = {"added": ("+", "green"), "removed": ("-", "red"), "changed": ("~", "yellow")}


def render_comparison(changes: Iterable[Change], language: Language) -> RenderableType:
    """Every change with what each version says and where."""
    return Group(*(part for change in changes for part in _change(change, language)))


def _change(change: Change, language: Language) -> list[Text]:
    mark, style = _MARKS[change.what]
    heading = Text(f"{mark} {change.kind} ", style=style).append(change.name, style="bold")
    if change.kind != "conclusion" and change.title.in_language(language) != change.name:
        heading.append(f" {change.title.in_language(language)}", style="not bold default")
    heading.append(f"  {change.what}", style=style)
    left_out = 0 if change.what == "changed" else max(len(change.details) - MAX_DETAILS, 0)
    shown = [line for detail in change.details[: len(change.details) - left_out] for line in _detail(detail)]
    return [heading, *shown, *([Text(f"    ... and {left_out} more", style="dim")] if left_out else [])]


def _detail(detail: Detail) -> list[Text]:
    """What differs, then a line for each side; on one line where it is short and only one side has it."""
    sides = [("-", "red", detail.before), ("+", "green", detail.after)]
    lines = [_said(mark, style, said) for mark, style, said in sides if said is not None]
    if len(lines) == 1 and detail.what.startswith(("row", "value", "band")):
        return [Text(f"    {detail.what} ", style="dim").append(lines[0])]
    return [Text(f"    {detail.what}", style="dim"), *(Text("      ").append(line) for line in lines)]


def _said(mark: str, style: str, said: Said) -> Text:
    text = said.text.replace("\n", "\n" + " " * 8)
    return Text(f"{mark} {text}", style=f"not dim {style}").append(f"  {said.place}", style="dim default")
