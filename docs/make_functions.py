"""Writes docs/functions.md from the functions of the rule language: `python -m docs.make_functions`."""

from __future__ import annotations

from pathlib import Path

from app.language import FUNCTIONS, Function

PAGE = Path(__file__).with_name("functions.md")

HEAD = """\
# Functions of the rule language

Written by `docs/make_functions.py` from `app/language/functions.py`; do not edit it here.
Every example is a test. `null` is an unknown value. A function of an unknown value is unknown,
except `or_else`, and `all` and `any`, which can be settled by the other items.

| function | gives | examples |
|---|---|---|
"""


def page() -> str:
    """The whole page, as it has to stand in docs/functions.md."""
    return HEAD + "".join(map(_row, FUNCTIONS.values()))


def _row(function: Function) -> str:
    examples = "<br>".join(f"`{expression}` is `{result}`" for expression, result in function.examples)
    return f"| `{function.usage}` | {function.meaning} | {examples} |\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
