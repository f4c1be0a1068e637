"""A what-if on the screen: each change with what comes of it and the value one step short of it, then what was tried in vain."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from app.engine import Language

from .words import word

Json = dict[str, Any]


def render_what_if(answer: Json, language: Language) -> RenderableType:
    """An answer of POST /v1/what-if."""
    goal = answer["goal"]
    parts: list[RenderableType] = [
        Text(f"{goal['title']} {goal['scheme']}: {word(answer['now']['status'], language)}", style="bold"),
        Text(answer["text"]),
    ]
    parts += [_alternative(each, goal, language) for each in answer["alternatives"]]
    if answer["nearly"]:
        parts += [Text(word("nearly", language), style="bold"), *(_alternative(each, goal, language) for each in answer["nearly"])]
    in_vain = [each for each in answer["tried"] if not each["found"]]
    if in_vain:
        parts += [Text(word("tried", language), style="bold"), *(Padding(_tried(each, language), (0, 0, 0, 2)) for each in in_vain)]
    if answer["left_out"]:
        parts += [Text(word("left_out", language), style="bold"), *(Padding(each["text"], (0, 0, 0, 2)) for each in answer["left_out"])]
    return Group(*parts)


def _alternative(found: Json, goal: Json, language: Language) -> RenderableType:
    lines: list[RenderableType] = [Text(f"• {found['text']}", style="green")]
    lines += [Padding(Text(line, style="dim"), (0, 0, 0, 2)) for line in _about(found, goal, language)]
    return Group(*lines)


def _about(found: Json, goal: Json, language: Language) -> Iterator[str]:
    if found.get("others"):
        yield word("also", language, values=", ".join(each["title"] for each in found["others"]))
    for each in found["conditions"]:
        met = each["after"]
        yield f"{each['title']}: {word('unknown' if met is None else 'met' if met else 'not met', language)}"
    yield _outcome(found["result"], goal, language)
    before = found.get("before")
    if before is not None:
        outcome = _outcome(before, goal, language) if before["plausible"] else word("no_such_case", language)
        yield f"{word('not_yet', language, value=before['value'])}: {outcome}"
    if not found["proven"]:
        yield word("not_proven", language)


def _outcome(result: Json, goal: Json, language: Language) -> str:
    """The status, with the benefit that is asked of, or all of them."""
    wanted = goal.get("benefit")
    shown = {name: each for name, each in result["benefits"].items() if wanted in (None, name) and isinstance(each["value"], str)}
    figures = ", ".join(f"{name} {each['value']}" + (f" {each['unit']}" if "unit" in each else "") for name, each in shown.items())
    status = word(result["status"], language)
    return f"{status} ({figures})" if figures else status


def _tried(tried: Json, language: Language) -> str:
    values = ", ".join(map(str, tried["values"])) if "values" in tried else f"{tried['first']} – {tried['last']}"
    return f"{tried['title']} {values}" + ("" if tried["proven"] else f" ({word('tried_in_part', language)})")
