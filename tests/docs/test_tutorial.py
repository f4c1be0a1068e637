"""The tutorial's steps, done with the files it shows."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from app.cases import read_cases
from app.cases.running import CaseRunner
from app.engine import Engine
from app.language import Rulebook, load_rulebook

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "writing-a-rule.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)
ANHUI = "pension/employee/provinces/340000.yaml"


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the rules with the row, the city, the reform and the case of the tutorial."""
    copy = tmp_path_factory.mktemp("tutorial") / "rules"
    shutil.copytree(ROOT / "rules", copy)
    before, row, city, reform, case = BLOCKS
    anhui = (copy / ANHUI).read_text(encoding="utf-8")
    shown = before.splitlines()[-1] + "\n"
    assert shown in anhui
    files = {
        ANHUI: anhui.replace(shown, shown + row),
        "pension/employee/provinces/340100.yaml": city,
        "pension/employee/proposals/higher_base_rate.yaml": reform,
        "pension/employee/cases/340100.yaml": case,
    }
    for path, text in files.items():
        (copy / path).parent.mkdir(exist_ok=True)
        (copy / path).write_text(text, encoding="utf-8")
    return copy


@pytest.fixture(scope="module")
def rulebook(rules: Path) -> Rulebook:
    return load_rulebook(rules)


def test_the_files_fit_together(rulebook: Rulebook) -> None:
    assert rulebook.check_everywhere() == []


def test_the_case_fails_as_shown(rules: Path, rulebook: Rulebook) -> None:
    (case,) = read_cases(rules, rulebook.facts, rules / "pension/employee/cases/340100.yaml")
    (difference,) = CaseRunner(Engine(rulebook)).run(case).differences
    assert f"{difference.place}: {difference.what}  expected {difference.expected}, but it is {difference.actual}" in TEXT
