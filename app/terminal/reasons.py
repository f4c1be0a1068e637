"""Why a case moved, and why a population did: results side by side, causes before effects, amendments by their shares."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from app.engine import Language

from .steps import cite, figure
from .words import word

if TYPE_CHECKING:  # pyarrow takes time to load, and most commands need none of it
    from app.population.reasons import RunReasons
    from app.population.reasons.ranking import MeasureReasons

Json = dict[str, Any]
_ROWS_SHOWN = 4
_BY_WHAT = {"wording": "amended_wording", "rounding": "amended_rounding", "row": "amended_row", "bands": "amended_bands"}


def render_case_reasons(reasons: Json, language: Language) -> RenderableType:
    """What `render_reasons` made of one case under two laws."""
    parts: list[RenderableType] = [_laws(reasons)]
    amendments = {each["number"]: each for each in reasons["amendments"]}
    for scheme, result in reasons["schemes"].items():
        parts.extend(_scheme(scheme, result, amendments, language))
    return Group(*parts)


def _laws(reasons: Json) -> Text:
    laws = [reasons[side] for side in ("before", "after")]
    releases = len({law["release"] for law in laws}) > 1
    sides = [" · ".join([law["as_of"], law["region"], *law["reforms"], *([law["release"]] if releases else [])]) for law in laws]
    return Text(" → ".join(sides), style="dim")


def _scheme(scheme: str, result: Json, amendments: dict[int, Json], language: Language) -> Iterator[RenderableType]:
    status = [word(text or "absent", language) for text in result["status"].values()]
    verdict = Text(status[0] if status[0] == status[1] else " → ".join(status), style="bold" if result["moved"] else "dim")
    yield Panel(verdict, title=Text(f"{result['title']} {scheme}", style="bold"), title_align="left", expand=False)
    moved = [each for each in result["results"] if each["moved"]]
    if not result["moved"]:
        yield Text(word("not_moved", language))
    elif moved:
        yield _results(moved, language)
    if result["differences"]:
        yield Text(word("differences", language), style="bold cyan")
        for each in result["differences"]:
            yield from _difference(each, language)
    shares = result.get("shares", [])
    for shared in shares:
        yield _case_shares(shared, result, amendments, language)
    for method, joint in dict.fromkeys((each["method"], each["joint"]) for each in shares):
        yield Text(word(f"method_{method}", language) + (word("method_joint", language) if joint else ""), style="dim")


def _results(results: list[Json], language: Language) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column()
    for heading in ("before", "after", "change"):
        table.add_column(word(heading, language), justify="right")
    for each in results:
        change = each["change"]
        table.add_row(f"{each['title']} {each['name']}", _side(each, "before", language), _side(each, "after", language), "" if change is None else signed(change))
    return table


def _side(line: Json, side: str, language: Language) -> str:
    state = line.get("without_value", {}).get(side)
    if state is not None:
        return word(state, language)
    value = line[side]
    if isinstance(value, dict):
        return word("count", language, **value) if isinstance(value.get("count"), int) else ", ".join(f"{name} {each}" for name, each in value.items())
    return figure(str(value).lower() if isinstance(value, bool) else value, line.get("unit"))


def _difference(line: Json, language: Language) -> Iterator[Text]:
    amended = line.get("amended", [])
    text = Text("  * " if amended else "  · ", style="yellow" if amended else "dim")
    text.append(line["title"], style="bold not dim").append(f" {line['id']}", style="not bold dim")
    if "several" not in line.get("without_value", {}).values():
        text.append(f"  {_side(line, 'before', language)} → {_side(line, 'after', language)}", style="not bold cyan")
    yield text
    for each in amended[:_ROWS_SHOWN]:
        yield from _amended(each, language)
    if len(amended) > _ROWS_SHOWN:
        yield Text("      " + word("and_more", language, count=len(amended) - _ROWS_SHOWN), style="dim")
    if line.get("other_wording"):
        yield Text("      " + word("other_wording", language))
    if line["because"]:
        yield Text("      " + word("because", language, names=", ".join(line["because"])), style="dim")


def _amended(each: Json, language: Language) -> Iterator[Text]:
    key = f" {each['key']}" if "key" in each else ""
    yield Text(f"      {word(_BY_WHAT[each['what']], language)}{key}")
    for mark, style, side in (("-", "red", each["before"]), ("+", "green", each["after"])):
        if side is not None:
            yield Text(f"        {mark} {side['text']}", style=style).append(f"  {side['file']}", style="dim default")
    law = each["amendment"]
    yield Text(f"        {word('by_amendment', language)} {cite(law['source'])}  {law['file']}", style="bold")


def _case_shares(shared: Json, result: Json, amendments: dict[int, Json], language: Language) -> RenderableType:
    titles = {each["name"]: f"{each['title']} {each['name']}" for each in result["results"]}
    title = word("entitled", language) if shared["name"] == "entitled" else titles.get(shared["name"], shared["name"])
    heading = Text(word("shares_of", language, what=title, total=signed(shared["total"])), style="bold cyan")
    table = _share_table()
    for each in shared["shares"]:
        if "amendments" in each:
            what = word("amendments_of_file", language, count=len(each["amendments"]))
            table.add_row(signed(each["share"]), _percent(each["percent"]), what, each["file"] or amendments[each["amendments"][0]]["title"])
            continue
        amendment = amendments[each["amendment"]]
        law = next(iter((*amendment["after"], *amendment["before"])), None)
        table.add_row(signed(each["share"]), _percent(each["percent"]), amendment["title"], "" if law is None else f"{cite(law['source'])}  {law['file']}")
    return Group(heading, table)


def _share_table() -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    for number in range(4):
        table.add_column(justify="right" if number < 2 else "left", overflow="fold")
    return table


def render_run_reasons(reasons: RunReasons, language: Language) -> RenderableType:
    """The amendments of a run, measure by measure, the largest share first."""
    basis = word("reasons_all", language, rows=f"{reasons.rows:,}")
    if reasons.seed is not None:
        basis = word("reasons_sample", language, rows=f"{reasons.rows:,}", asked=f"{reasons.asked:,}", seed=reasons.seed)
    parts: list[RenderableType] = [Text(basis, style="dim")]
    if not reasons.measures:
        parts.append(Text(word("not_moved", language)))
    for each in reasons.measures:
        parts += [_measure_heading(each, language), _measure_table(each, language)]
    method = word(f"method_{reasons.method}", language) + (word("method_joint", language) if reasons.joint else "")
    return Group(*parts, Text(method, style="dim"))


def _measure_heading(measure: MeasureReasons, language: Language) -> Text:
    name = f"{measure.scheme_title.in_language(language)} · {measure.title.in_language(language)} {measure.scheme}.{measure.local or 'entitled'}"
    total = figure(signed(format(measure.total, "f")), measure.unit)
    return Text(word("shares_of", language, what=name, total=total), style="bold cyan")


def _measure_table(measure: MeasureReasons, language: Language) -> Table:
    table = _share_table()
    for each in measure.shares:
        law = next(iter((*each.amendment.after, *each.amendment.before)), None)
        percent = None if not measure.total else format((each.share / measure.total * 100).quantize(Decimal("0.1")), "f")
        where = "" if law is None else f"{law.source.cite()}  {law.place}"
        table.add_row(signed(format(each.share, "f")), _percent(percent), each.amendment.title.in_language(language), where)
    return table


def _percent(percent: str | None) -> str:
    return "" if percent is None else f"{percent} %"


def signed(number: str) -> str:
    """A change with its sign and thousands marked."""
    return format(Decimal(number), "+,f")
