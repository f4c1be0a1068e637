"""A rulebook of one small scheme, with one fact of every kind."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from app.intake import RequestReader
from app.language import Rulebook, load_rulebook

SMALL_RULES = Path(__file__).resolve().parents[1] / "data" / "rules_small"


@pytest.fixture(scope="session")
def small_rulebook() -> Rulebook:
    return load_rulebook(SMALL_RULES)


@pytest.fixture(scope="session")
def reader(small_rulebook: Rulebook) -> RequestReader:
    return RequestReader(small_rulebook, today=lambda: date(2026, 3, 1))
