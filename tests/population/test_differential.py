"""Generated persons of every scheme and region, compiled and exact; `python -m bench.differential` compares a million."""

from __future__ import annotations

import pytest

from bench.differential import report, run


@pytest.mark.slow
def test_generated_persons() -> None:
    results = run(3_000, 1, None, size=750)  # four days
    assert not sum(each.different for each in results), report(results) + "\n" + "\n".join(each.said for each in results)
    # What is compared has to be worth it: many are entitled, and few rows fall back on what they are compared with.
    assert sum(each.eligible for each in results) > 2_000
    assert sum(each.open - each.rejected for each in results) < 60
