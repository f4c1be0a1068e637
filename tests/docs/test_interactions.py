"""Every pair of benefits that meet is stated by a rule that a case shows at work."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
PAIRS = {int(pair["number"]): pair for pair in csv.DictReader((ROOT / "docs" / "interactions.csv").read_text(encoding="utf-8").splitlines())}
CASES: list[dict[str, Any]] = yaml.load((ROOT / "rules" / "coordination" / "cases" / "pairs.yaml").read_text(encoding="utf-8"), yaml.BaseLoader)["cases"]
_NUMBERS = re.compile(r"pairs? (\d+(?:(?:, | and )\d+)*)")


def shown(number: int) -> set[str]:
    """What the cases of a pair expect, as `scheme:name`: conclusions drawn, conditions not met, figures."""
    found: set[str] = set()
    for case in CASES:
        named = _NUMBERS.match(case["name"])
        if named is None or str(number) not in re.findall(r"\d+", named[1]):
            continue
        for scheme, wanted in case["expect"].items():
            unmet = [name for name, met in wanted.get("conditions", {}).items() if met == "false"]
            found |= {f"{scheme}:{name}" for name in (*wanted, *wanted.get("conclusions", ()), *unmet)}
    return found


def test_there_are_twenty_eight_pairs() -> None:
    assert list(PAIRS) == list(range(1, 29))


@pytest.mark.parametrize("number", list(PAIRS))
def test_a_case_shows_the_pair(number: int) -> None:
    assert shown(number) & set(PAIRS[number]["states"].split())
