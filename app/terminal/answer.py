"""An answer of the engine, readable: what was decided, on which conditions, what is missing, and the way from amount to law."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from app.engine import Language

from .steps import Steps, cite, figure
from .words import word

Json = dict[str, Any]
MAX_KEYS = 4
_STATUS_STYLES = {"eligible": "bold green", "not_eligible": "bold red", "undetermined": "bold yellow"}
_STANDING_STYLES = {"official": "green", "provisional": "yellow", "estimated": "yellow", "unverified": "bold yellow"}
_MARKS: dict[bool | None, tuple[str, str, str]] = {
    True: ("✓", "met", "green"),
    False: ("✗", "not met", "red"),
    None: ("?", "unknown", "yellow"),
}


def render_answer(answer: Json, language: Language, *, steps: bool = True, whole: bool = False) -> RenderableType:
    """An answer of `explain` with its full trace; `steps` adds the way from each amount to the law.

    `whole` follows it into other schemes and shows every row of a series.
    """
    parts: list[RenderableType] = [_heading(answer, language)]
    for scheme, result in answer["results"].items():
        parts.extend(_result(scheme, result, language, steps, whole))
    parts.extend(_conclusions(answer["conclusions"], language))
    return Group(*parts)


def _heading(answer: Json, language: Language) -> Text:
    line = " · ".join(f"{word(key, language)} {answer[key]}" for key in ("as_of", "region", "release"))
    if answer["reforms"]:
        line += f" · {word('reforms', language)} {', '.join(answer['reforms'])}"
    return Text(line, style="dim")


def _result(scheme: str, result: Json, language: Language, steps: bool, whole: bool) -> Iterator[RenderableType]:
    trace = Steps(scheme, result["trace"], language, whole=whole)
    yield Panel(_verdict(result, language), title=Text(f"{result['title']} {scheme}", style="bold"), title_align="left", expand=False)
    if result["benefits"]:
        yield _section("amount", language)
        yield _amounts({name: (each["value"], each.get("unit")) for name, each in result["benefits"].items()}, trace, "bold")
        yield from _tables({name: each["value"] for name, each in result["benefits"].items()}, trace)
    if result["values"]:
        yield _section("values", language)
        yield _amounts({name: (value, trace.unit(name)) for name, value in result["values"].items()}, trace, "")
        yield from _tables(result["values"], trace)
    if result["conditions"]:
        yield _section("conditions", language)
        yield Padding(_conditions(result["conditions"], trace, language), (0, 0, 0, 2))
    if result["missing"]:
        yield _section("missing", language)
        yield Padding(Group(*(_missing(line, language) for line in result["missing"])), (0, 0, 0, 2))
    for standing in ("unverified", "estimated", "provisional"):
        if result[standing]:
            yield _section(standing, language)
            yield Padding(Group(*(_in_doubt(line) for line in result[standing])), (0, 0, 0, 2))
    if steps and result["trace"]:
        yield _section("steps", language)
        roots = list(result["benefits"]) or [*result["values"], *(line["id"] for line in result["conditions"])]
        yield Padding(trace.tree(roots), (0, 0, 0, 2))


def _section(key: str, language: Language) -> Text:
    return Text(f"\n{word(key, language)}", style="bold underline")


def _verdict(result: Json, language: Language) -> Text:
    status, standing = result["status"], result["standing"]
    verdict = Text(word(status, language), style=_STATUS_STYLES[status])
    return verdict.append(f"  ({status})", style="dim").append(
        f"  {word(f'standing_{standing}', language)}", style=_STANDING_STYLES[standing]
    )


def _amounts(figures: dict[str, tuple[Any, str | None]], trace: Steps, style: str) -> RenderableType:
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_column()
    table.add_column(justify="right", style=style)
    table.add_column(style="dim")
    for name, (value, unit) in figures.items():
        title = trace.title(name)
        label = Text(name) if title is None else Text(title).append(f" {name}", style="dim")
        table.add_row(label, trace.value(value), "" if unit in (None, "1") else unit)
    return Padding(table, (0, 0, 0, 2))


def _tables(figures: dict[str, Any], trace: Steps) -> Iterator[RenderableType]:
    """Each list of records as a table below the amounts."""
    for name, value in figures.items():
        rows = [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []
        if rows:
            yield Padding(Text(trace.title(name) or name, style="bold"), (1, 0, 0, 2))
            yield Padding(_table(rows, trace.units(name), trace), (0, 0, 0, 4))


def _table(rows: list[Json], units: dict[str, str], trace: Steps) -> Table:
    """Rows under the names of their fields, with their units; numbers and truths to the right."""
    table = Table(box=None, padding=(0, 2, 0, 0))
    for name in rows[0]:
        table.add_column(Text(name, style="dim").append(f" {units[name]}" if name in units else ""), justify="right")
    for row in rows:
        table.add_row(*(trace.value(row.get(name)) for name in rows[0]))
    return table


# -- conditions -----------------------------------------------------------------------------------


def _conditions(lines: list[Json], trace: Steps, language: Language) -> RenderableType:
    return Group(*(part for line in lines for part in _condition(line, trace, language)))


def _condition(line: Json, trace: Steps, language: Language) -> Iterator[RenderableType]:
    mark, truth, style = _MARKS[line["met"]]
    yield Text(f"{mark} ", style=style).append(line["title"], style="bold").append(f" {line['id']}", style="dim").append(
        f"  {word(truth, language)}", style=style
    )
    details = []
    if "sentence" in line:
        details.append(Text(line["sentence"], style=style if line["matters"] else "dim"))
    if line.get("given"):
        details.append(Text(word("given", language)))
    details.extend(_comparison(part, trace, language) for part in line.get("parts", [line]) if "left" in part)
    if line.get("shortfall") is not None:
        unit = line.get("unit")
        details.append(Text(f"{word('shortfall', language)} {figure(line['shortfall'], unit)}", style="bold red"))
    details.append(Text(f"{word('source', language)} {cite(line['source'])}" + (f" · {line['file']}" if "file" in line else ""), style="dim"))
    yield Padding(Group(*details), (0, 0, 0, 4))


def _comparison(part: Json, trace: Steps, language: Language) -> Text:
    """One comparison: actual, operator and required, by how much, and the rule that requires it."""
    unit, left = part.get("unit"), trace.value(part["left"])
    if "op" not in part:
        return Text(f"{word('actual', language)} {left}")
    left_unit, right_unit = (None if part[side] is None else unit for side in ("left", "right"))
    text = Text(f"{word('actual', language)} {figure(left, left_unit)} ").append(part["op"], style="bold")
    text.append(f" {figure(trace.value(part['right']), right_unit)} {word('required', language)}")
    if part.get("margin") is not None:
        text.append(f" · {word('margin', language)} {figure(part['margin'], unit if ' ' not in str(part['margin']) else None)}")
    if "required_by" in part:
        text.append(f" · {word('required_by', language)} {part['required_by']}", style="dim")
    return text


# -- what is missing, unverified, concluded -------------------------------------------------------


def _missing(line: Json, language: Language) -> Text:
    if line["kind"] == "fact":
        text = Text("• ").append(line["title"], style="bold").append(f": {word('missing_fact', language, name=line['name'])}")
        return text.append(f"\n  {line['question']}", style="italic") if "question" in line else text
    text = Text("• ").append(line["sentence"]).append(f" {line['name']}", style="dim")
    if line["kind"] == "division_by_zero":
        return text
    advice = word("give_it", language, name=line["name"])
    if "assumption" in line:
        advice += word("assume_it", language, name=line["assumption"])
    return text.append(f"\n  {advice}", style="italic")


def _in_doubt(line: Json) -> Text:
    """A figure or wording that is not official, with the keys that were read and what its source says of it."""
    text = Text("! ", style="yellow").append(line["title"], style="bold").append(f" {line['name']}", style="dim")
    keys = list(dict.fromkeys(map(str, line.get("keys", ()))))
    if keys:
        text.append(f" ({', '.join(keys) if len(keys) <= MAX_KEYS else f'{keys[0]} … {keys[-1]}'})", style="dim")
    return text.append(f": {line['note']}") if line.get("note") else text


def _conclusions(lines: list[Json], language: Language) -> Iterator[RenderableType]:
    if lines:
        yield _section("conclusions", language)
    for line in lines:
        text = Text("→ ", style="cyan").append(f"[{word(line['kind'], language)}] ", style="bold").append(line["text"])
        yield Padding(text.append(f"\n  {word('source', language)} {cite(line['source'])}", style="dim"), (0, 0, 0, 2))
