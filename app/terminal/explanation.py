"""A case in words on the screen."""

from __future__ import annotations

from typing import Any

from rich.console import RenderableType
from rich.text import Text

from app.engine import Language

Json = dict[str, Any]


def render_words(answer: Json, _: Language) -> RenderableType:
    """An answer of POST /v1/explain as plain text; nothing in it is markup."""
    return Text(answer["text"], no_wrap=True, overflow="ignore")


def render_words_markdown(answer: Json, _: Language) -> RenderableType:
    """The same as the Markdown it is."""
    return Text(answer["markdown"], no_wrap=True, overflow="ignore")
