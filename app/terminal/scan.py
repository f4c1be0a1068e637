"""A household scan on the screen: what comes to how much, then each member, then what stands between them and what to do next."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from app.engine import Language

from .steps import cite
from .words import word

Json = dict[str, Any]
MAX_MISSING = 4


def render_scan(answer: Json, language: Language) -> RenderableType:
    """An answer of POST /v1/scan."""
    parts: list[RenderableType] = [*_totals(answer, language)]
    for member in answer["members"]:
        parts += [Text(f"\n{member['id']}  {member['region']}", style="bold reverse"), *_member(member, language)]
    parts += _between("conflicts", answer["conflicts"], language)
    parts += _choices(answer["choices"], language)
    parts += _between("order_of_payment", answer["order"], language)
    parts += _claims(answer["claims"], language)
    return Group(*parts)


def _totals(answer: Json, language: Language) -> Iterator[RenderableType]:
    totals = answer["totals"]
    yield Text(word("may_be_had", language), style="bold underline")
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 2))
    for name, amounts in (*totals["members"].items(), (word("household", language), totals["household"])):
        if amounts:
            table.add_row(name, _amounts(amounts))
    table.add_row(Text(word("in_all", language), style="bold"), Text(_amounts(totals["all"]) or "0", style="bold green"))
    yield table
    if totals["standing"] != "official":
        yield Text(f"  {word('standing_' + totals['standing'], language)}", style="yellow")
    for taken in answer["household"]:
        if taken["from"] != "stated":
            value = taken["value"] if isinstance(taken["value"], str) else len(taken["value"])
            yield Text(f"  {taken['title']}: {value} ({word('taken_from_' + taken['from'], language)})", style="dim")


def _amounts(amounts: Json) -> str:
    return "  ".join(f"{value} {unit}" for unit, value in amounts.items())


def _member(member: Json, language: Language) -> Iterator[RenderableType]:
    for each in member["eligible"]:
        paid = {name: figure for name, figure in each["benefits"].items() if "paid_to" in figure}
        shown = paid or each["benefits"]
        amounts = ", ".join(f"{figure['title']} {_value(figure['value'])} {figure.get('unit', '')}".rstrip() for figure in shown.values())
        line = Text("✓ ", style="green").append(each["title"], style="bold").append(f" {each['scheme']}  ", style="dim").append(amounts)
        yield _with_route(line, each)
        yield from (_conclusion(drawn, language) for drawn in each["conclusions"])
    for each in member["possible"]:
        line = Text("? ", style="yellow").append(each["title"], style="bold").append(f" {each['scheme']}  {each['met']}/{each['of']}", style="dim")
        yield line
        for missing in each["missing"][:MAX_MISSING]:
            yield Text(f"    {missing.get('question', missing['title'])} ({missing['name']})", style="yellow")
        if len(each["missing"]) > MAX_MISSING:
            yield Text(f"    … +{len(each['missing']) - MAX_MISSING}", style="dim")
    for each in member["not"]:
        line = Text("✗ ", style="red").append(each["title"]).append(f" {each['scheme']}", style="dim")
        yield line.append(f"  {'; '.join(unmet['title'] for unmet in each['because'])}", style="dim")
    if member["unsuggested"]:
        yield Text(f"· {word('unsuggested', language)} {', '.join(each['title'] for each in member['unsuggested'])}", style="dim")
    yield from (Text("! ", style="bold red").append(each["text"]) for each in member["findings"])


def _value(value: Any) -> str:
    return "?" if value is None else f"{len(value)} …" if isinstance(value, list | dict) else str(value)


def _with_route(line: Text, result: Json) -> Text:
    for reason in result.get("routing", {}).get("reasons", ()):
        line.append(f"\n    ⇢ {reason['text']}", style="cyan")
    return line


def _conclusion(drawn: Json, language: Language) -> RenderableType:
    return Padding(Text(f"→ [{word(drawn['kind'], language)}] {drawn['text']}", style="dim"), (0, 0, 0, 4))


def _between(key: str, links: list[Json], language: Language) -> Iterator[RenderableType]:
    if links:
        yield Text(f"\n{word(key, language)}", style="bold underline")
    for link in links:
        others = ", ".join(f"{other['member']}: {other['scheme']}{'.' + other['benefit'] if 'benefit' in other else ''}" for other in link["with"])
        yield Text(f"  {link['member']}: {link['scheme']} ↔ {others}", style="bold")
        yield Text(f"    {link['text']} ({word('source', language)} {cite(link['source'])})")


def _choices(choices: list[Json], language: Language) -> Iterator[RenderableType]:
    if choices:
        yield Text(f"\n{word('choices', language)}", style="bold underline")
    for choice in choices:
        yield Text("  ✓ ", style="green").append(_way(choice["best"])).append(f"  {word(choice['reason'], language)}", style="dim")
        for other in choice["instead_of"]:
            yield Text("    ", style="dim").append(f"{word('instead_of', language)} {_way(other)}", style="dim")


def _way(way: Json) -> str:
    return " + ".join(f"{each['title']} {each['value']}" for each in way["payments"]) + f" = {_amounts(way['totals'])}"


def _claims(claims: Json, language: Language) -> Iterator[RenderableType]:
    if claims:
        yield Text(f"\n{word('next_steps', language)}", style="bold underline")
    for scheme, claim in claims.items():
        yield Text(f"  {scheme}", style="bold").append("" if claim["standing"] == "official" else f"  {word('standing_' + claim['standing'], language)}", style="yellow")
        if "where" in claim:
            yield Text(f"    {word('where', language)} {claim['where']}")
        if "documents" in claim:
            yield Text(f"    {word('documents', language)} {'; '.join(claim['documents'])}")
        if "deadline" in claim:
            yield Text(f"    {word('deadline', language)} {claim['deadline']}")
