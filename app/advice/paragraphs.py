"""A text in paragraphs, each of a kind and with its law; as plain text, as Markdown, as JSON."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from app.engine import Language, render_source
from app.language import Source

from .wording import word

Json = dict[str, Any]
_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~])")
_ORDERED = re.compile(r"^(\d+)\. ")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """`scheme` is whose it is, None of the whole; `id` the rule's name and `file` its line, where it is about one."""

    kind: str
    text: str
    sources: tuple[Source, ...] = ()
    scheme: str | None = None
    id: str | None = None
    file: str | None = None

    def to_json(self) -> Json:
        line: Json = {"kind": self.kind, "text": self.text, "sources": [render_source(each) for each in self.sources]}
        return line | {name: value for name in ("scheme", "id", "file") if (value := getattr(self, name)) is not None}


@dataclass(frozen=True, slots=True)
class Section:
    """What is said of one scheme; `title` None of what concerns all."""

    title: str | None
    paragraphs: tuple[Paragraph, ...]


def as_text(sections: Iterable[Section], language: Language) -> str:
    """Plain text: a heading for each scheme, one for each kind of paragraph, and a line for each paragraph."""
    return _written(sections, language, "{}\n", "【{}】\n" if language == "zh" else "{}:\n", lambda text: text)


def as_markdown(sections: Iterable[Section], language: Language) -> str:
    """The same as Markdown; what would be markup in a text is escaped."""
    return _written(sections, language, "# {}\n", "## {}\n", lambda text: _ORDERED.sub(r"\1\\. ", _MARKUP.sub(r"\\\1", text)))


def _written(sections: Iterable[Section], language: Language, title: str, heading: str, escape: Any) -> str:
    blocks: list[str] = []
    for section in sections:
        if section.title is not None:
            blocks.append(title.format(escape(section.title)))
        for kind, members in groupby(section.paragraphs, key=lambda each: each.kind):
            lines = [escape(each.text) for each in members]
            listed = "\n".join(f"- {line}" for line in lines) if len(lines) > 1 else lines[0]
            blocks.append(heading.format(word(f"h_{kind}", language)) + ("\n" if heading.startswith("#") else "") + listed + "\n")
    return "\n".join(blocks)
