"""Expression text to a syntax tree, by the grammar in feel.lark."""

from __future__ import annotations

import hashlib
import sys
from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import Literal

import lark
from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedCharacters, UnexpectedEOF, UnexpectedInput, UnexpectedToken

from app.cache import cached

from .errors import ExpressionError

SyntaxTree = Tree[Token]
MAX_EXPRESSION_LENGTH = 4_000
MAX_NESTING = 60

_READABLE = {
    "NAME": "a name",
    "NUMBER": "a number",
    "STRING": "a text in double quotes",
    "COMPARATOR": "a comparison (=, !=, <, <=, >, >=)",
    "RPAR": "')'",
    "RSQB": "']'",
    "RBRACE": "'}'",
    "LPAR": "'('",
    "THEN": "'then'",
    "ELSE": "'else'",
    "RETURN": "'return'",
    "SATISFIES": "'satisfies'",
    "AND": "'and'",
    "IN": "'in'",
    "$END": "the end",
}


@cache
def _grammar() -> Lark:
    """The parser; its tables are kept on disk, since making them takes a tenth of a second of every start."""
    text = files(__package__).joinpath("feel.lark").read_text(encoding="utf-8")
    made: list[Lark] = []

    def tables() -> bytes:
        made.append(Lark(text, parser="lalr", start=["expression", "unary_tests"], propagate_positions=True))
        kept = BytesIO()
        made[0].save(kept)
        return kept.getvalue()

    key = hashlib.sha256("\0".join([text, lark.__version__, sys.version]).encode()).hexdigest()[:32]
    data = cached(f"grammars/{key}.pickle", tables)
    if made:
        return made[0]
    try:
        return Lark.load(BytesIO(data))
    except Exception:  # whatever lies in the cache, the grammar itself is here
        tables()
        return made[0]


def parse_expression(text: str) -> SyntaxTree:
    """Parse one expression. Raises ExpressionError saying where it stops making sense."""
    return _parse(text, "expression")


def parse_unary_tests(text: str) -> SyntaxTree:
    """Parse one cell of a decision table (`< 5`, `[1..3]`, `"a", "b"`, `not("a")`). Raises ExpressionError."""
    return _parse(text, "unary_tests")


def _parse(text: str, start: Literal["expression", "unary_tests"]) -> SyntaxTree:
    if len(text) > MAX_EXPRESSION_LENGTH:
        raise ExpressionError(f"the expression has {len(text)} characters; the limit is {MAX_EXPRESSION_LENGTH}. Split it into named definitions.")
    _check_nesting(text)
    try:
        tree = _grammar().parse(text, start=start)
    except UnexpectedInput as error:
        raise ExpressionError(_explain(text, error), max(error.line - 1, 0) if error.line > 0 else 0) from None
    _check_depth(tree)
    return tree


def _check_depth(tree: SyntaxTree) -> None:
    """Long chains (a + b + ..., else if ...) nest too; Python itself gives up on generated code nested deeper."""
    level, depth = [tree], 0
    while level:
        level = [child for node in level for child in node.children if isinstance(child, Tree)]
        depth += 1
    if depth > MAX_NESTING:
        raise ExpressionError(f"the expression nests {depth} steps deep; the limit is {MAX_NESTING}. Split it into named definitions.")


def _check_nesting(text: str) -> None:
    depth = 0
    for character in text:
        if character in "([{":
            depth += 1
        elif character in ")]}":
            depth -= 1
        if depth > MAX_NESTING:
            raise ExpressionError(f"brackets nest deeper than {MAX_NESTING}. Split the expression into named definitions.")


def _explain(text: str, error: UnexpectedInput) -> str:
    shown = " ".join(text.split())
    if isinstance(error, UnexpectedCharacters):
        return f"'{shown}' has a character that does not belong here: {error.char!r}."
    if isinstance(error, UnexpectedEOF) or (isinstance(error, UnexpectedToken) and error.token.type == "$END"):
        return f"'{shown}' ends too early.{_expected(error)}"
    if isinstance(error, UnexpectedToken):
        return f"'{shown}' makes no sense from '{error.token}' on.{_expected(error)}"
    return f"'{shown}' cannot be read."


def _expected(error: UnexpectedInput) -> str:
    names = sorted(getattr(error, "accepts", None) or getattr(error, "expected", None) or [])
    words = [_READABLE[name] for name in names if name in _READABLE]
    return f" Expected {' or '.join(words)}." if words and len(words) <= 5 else ""
