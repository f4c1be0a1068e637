"""Questions on the screen: all of them at once, and one at a time for who asks a person."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from app.engine import Language

from .words import word

Json = dict[str, Any]
MAX_REASONS = 3


def render_questions(answer: Json, language: Language) -> RenderableType:
    """An answer of POST /v1/questions: every question with its reasons, and what is settled or stays unknown."""
    parts: list[RenderableType] = [_progress(answer["progress"], language)]
    for number, question in enumerate(answer["questions"], 1):
        parts.append(Text(f"{number}. ", style="bold").append(_text(question), style="bold").append(f"  {question['name']}", style="dim"))
        parts.append(Padding(Group(*_about(question, language)), (0, 0, 0, 3)))
    parts.extend(_outlook(scheme, result, language) for scheme, result in answer["results"].items())
    return Group(*parts)


def render_question(question: Json, progress: Json, language: Language) -> RenderableType:
    """One question as a person is asked it: the text, why, within which bounds, and the choices by number."""
    parts: list[RenderableType] = [Text(), _progress(progress, language), Text(_text(question), style="bold")]
    parts.append(Padding(Group(*_about(question, language), *_choices(question)), (0, 0, 0, 3)))
    return Group(*parts)


def render_reading(field: Json, language: Language) -> Text:
    """A field of a list's item as its prompt names it."""
    bounds = _bounds(field, language)
    return Text(f"{field['title']} ({bounds})")


def _text(question: Json) -> str:
    return str(question.get("question", question["title"]))


def _progress(progress: Json, language: Language) -> Text:
    return Text(word("questions_left", language, **progress), style="dim")


def _about(question: Json, language: Language) -> Iterator[Text]:
    yield Text(_bounds(question, language), style="dim")
    if "lookup" in question:
        yield Text(f"{word('look_it_up', language)} {question['lookup']}", style="dim")
    for reason in question["why"][:MAX_REASONS]:
        source = reason.get("through", reason)["source"]
        law = " ".join(part for part in (source.get("number") or source["instrument"], source.get("article")) if part)
        yield Text(f"{word('asked_for', language)} {reason['title']} ({law})", style="dim")
    if len(question["why"]) > MAX_REASONS:
        yield Text(word("and_more", language, count=len(question["why"]) - MAX_REASONS), style="dim")
    yield Text(word("may_be_left_out" if question["optional"] else "needed", language), style="dim")


def _bounds(question: Json, language: Language) -> str:
    """The form of the answer, its bounds, unit and an example."""
    parts = [word(f"form_{question['kind']}", language)]
    low, high = (question.get(first, question.get(second)) for first, second in (("at_least", "earliest"), ("at_most", "latest")))
    if low is not None and high is not None:
        parts.append(f"{low}..{high}")
    if question.get("unit") not in (None, "1"):
        parts.append(question["unit"])
    example = question.get("example")
    if example is not None and question["kind"] not in ("list", "record", "enum", "boolean"):
        parts.append(word("such_as", language, example=example))
    return ", ".join(parts)


def _choices(question: Json) -> Iterator[Text]:
    for number, choice in enumerate(question.get("choices", ()), 1):
        yield Text(f"{number}  {choice['title']}")


def _outlook(scheme: str, result: Json, language: Language) -> Text:
    line = Text(f"{result['title']} {scheme}: ", style="bold")
    line.append(word(result["status"], language) if result["settled"] else word("still_open", language), style="not bold default")
    if result["settled"]:
        line.append(f" · {word('standing_' + result['standing'], language)}", style="dim")
    titles = [each["title"] for each in result["not_known"]]
    if titles:
        line.append(f" · {word('stays_unknown', language)} {', '.join(titles)}", style="yellow")
    return line
