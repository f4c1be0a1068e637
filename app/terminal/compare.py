"""A case under two laws: the reasons as for a person of a run, and how firm each side is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from app.engine import Language

from .reasons import render_case_reasons
from .words import word

Json = dict[str, Any]


def render_compare(answer: Json, language: Language) -> RenderableType:
    """What `app.advice.render_compare` made."""
    parts: list[RenderableType] = [render_case_reasons(answer, language)]
    for scheme, pair in answer["schemes"].items():
        firm = [answer[side]["results"].get(scheme, {}).get("standing") for side in ("before", "after")]
        told = [word("absent" if each is None else f"standing_{each}", language) for each in firm]
        parts.append(Text(f"{pair['title']} {scheme}: " + " → ".join(dict.fromkeys(told)), style="dim" if set(firm) <= {"official", None} else "yellow"))
    parts.extend(_of_releases(answer, language))
    if answer.get("too_many_amendments"):
        parts.append(Text(word("too_many_amendments", language, count=len(answer["amendments"])), style="yellow"))
    return Group(*parts)


def _of_releases(answer: Json, language: Language) -> Iterator[Text]:
    """Of two releases: the causes whose file was edited, what either did not know, and how many files differ."""
    if "files" not in answer:
        return
    for pair in answer["schemes"].values():
        for cause in pair["causes"]:
            if "file_change" in cause:
                yield Text(f"{cause['title']} {cause['id']}  {cause['file']}: " + word(f"file_{cause['file_change']}", language))
    for side in ("before", "after"):
        if left_out := answer[side]["left_out"]:
            yield Text(word("left_out_of", language, release=answer[side]["release"], names=", ".join(left_out)), style="yellow")
    yield Text(word("files_between", language, **{name: len(files) for name, files in answer["files"].items()}), style="dim")
