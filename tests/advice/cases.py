"""The fixtures as cases, for tests over all of them."""

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


@cache
def case(path: Path) -> Request:
    request, _ = RequestReader(rulebook()).read(path.read_bytes())
    return request


def fixture(start: str) -> Request:
    return case(next(path for path in FIXTURES if path.name.startswith(start)))
