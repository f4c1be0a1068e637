"""The small rulebook, loaded once."""

from __future__ import annotations

import pytest

from app.language import Rulebook

from .sample import small_rulebook


@pytest.fixture(scope="session")
def rulebook(tmp_path_factory: pytest.TempPathFactory) -> Rulebook:
    return small_rulebook(tmp_path_factory.mktemp("rules"))
