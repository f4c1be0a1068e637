"""Writes docs/checks.md from the tests of bad rule files: `python -m docs.make_checks`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tests.language import bad_clauses, bad_files
from tests.language.bad_file import Bad

PAGE = Path(__file__).with_name("checks.md")

HEAD = """\
# What is checked when rules are loaded

Written by `docs/make_checks.py` from `tests/language/bad_files.py` and `bad_clauses.py`, where the
bad file behind each message stands; do not edit it here. Every message begins with the file and
the line. All faults of all files are told at once, as far as they can be told apart.
"""


def page() -> str:
    """The whole page, as it has to stand in docs/checks.md."""
    return HEAD + _section("Files, time, place and amendment", bad_files.BAD) + _section("Clauses, tables and expressions", bad_clauses.BAD)


def _section(title: str, faults: Iterable[Bad]) -> str:
    rows = [f"| {bad.name} | {'<br>'.join(map(_shown, bad.messages))} |\n" for bad in faults]
    return f"\n## {title}\n\n| fault | message |\n|---|---|\n" + "".join(rows)


def _shown(message: str) -> str:
    return "`` " + message.replace("|", "\\|") + " ``"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
