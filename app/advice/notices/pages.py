"""A notice as an HTML page and as a PDF of A4 pages, from the same content.

The libraries are imported when the first page is made: the service starts without them.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.fonts import FOLDER, HAN, LATIN, printable

if TYPE_CHECKING:
    from jinja2 import Template

Json = dict[str, Any]
_TEMPLATES = Path(__file__).resolve().parent / "templates"


def to_html(content: Json) -> bytes:
    """One page without scripts, that fetches nothing; every text is escaped."""
    return _page().render(content).encode()


@cache
def _page() -> Template:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.get_template("notice.html")


def to_pdf(content: Json) -> bytes:
    """Tagged A4 pages with the fonts embedded; the same content gives the same bytes. Texts are data to the template, never markup."""
    import typst

    made = typst.compile(
        str(_TEMPLATES / "notice.typ"),
        format="pdf",
        root=str(_TEMPLATES),
        font_paths=[str(FOLDER)],
        ignore_system_fonts=True,
        sys_inputs={"notice": json.dumps(_printable(content), ensure_ascii=False), "han": HAN, "latin": LATIN},
        timestamp=int(datetime.combine(date.fromisoformat(content["issued"]), datetime.min.time(), UTC).timestamp()),
    )
    assert isinstance(made, bytes)
    return made


def _printable(value: Any) -> Any:
    """The same with signs that the fonts have."""
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, dict):
        return {name: _printable(each) for name, each in value.items()}
    return [_printable(each) for each in value] if isinstance(value, list | tuple) else value
