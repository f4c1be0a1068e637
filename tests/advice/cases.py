"""The cases in fixtures/, and one engine for all tests of advice."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from app.engine import Engine, Request
from app.intake import RequestReader
from tests.test_rule_cases import rulebook

FIXTURES = sorted((Path(__file__).resolve().parents[2] / "fixtures").glob("*.json"))


@cache
def engine() -> Engine:
    return Engine(rulebook())


def case(path: Path) -> Request:
    request, _ = RequestReader(rulebook()).read(path.read_bytes())
    return request


def fixture(start: str) -> Request:
    """The fixture whose name begins so."""
    return case(next(path for path in FIXTURES if path.name.startswith(start)))
