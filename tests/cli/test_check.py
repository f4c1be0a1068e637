"""`shebao check` again and again: what is kept from one time to the next never hides a fault, nor keeps one that is gone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import app.cli
from app.cases.checking import case_check
from app.cli import app as shebao
from app.language import read_contents
from app.releases.settings import RELEASES_VARIABLE
from tests.cases.sample import sample

READS_A_FIGURE = """\
scheme: test.other
title: {zh: 其他, en: Other}
in_force: {from: 2000-01-01}
source: {instrument: 测试办法}
benefits:
  part: {title: {zh: 部分, en: Part}, unit: CNY/month, value: "test.scheme.bonus * at(test.scheme.rate, 2020)"}
conclusions:
  beside: {kind: exclusion, when: test.scheme.enough_months, text: {zh: 二选一, en: not both}, with: test.scheme}
"""
TABLE = "months,paid\n200,eligible\n100,not_eligible\n"
OF_TABLE = """\
table:
  file: sample.csv
  name: "{months} months"
  as_of: 2025-06-01
  facts: {sex: male, wage: "1.00", insured: true, claim_month: 2025-03}
  columns: {months: months, paid: "test.scheme:status"}
"""


@pytest.fixture
def rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SHEBAO_CACHE", str(tmp_path / "cache"))
    folder = sample(tmp_path)
    (folder / "test" / "other.yaml").write_text(READS_A_FIGURE, encoding="utf-8")
    (folder / "test" / "cases" / "sample.csv").write_text(TABLE, encoding="utf-8")
    (folder / "test" / "cases" / "table.yaml").write_text(OF_TABLE, encoding="utf-8")
    return folder


def check(rules: Path) -> Result:
    return CliRunner().invoke(shebao, ["--rules", str(rules), "check"])


def edited(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


BREAKING = {
    "a figure another scheme reads is gone": ("test/scheme.yaml", "  rate:\n", "  rates:\n", "test/other.yaml:6: "),
    "a figure it reads itself is gone": ("test/scheme.yaml", "  minimum_months:\n", "  minimum:\n", "test/scheme.yaml:"),
    "a fact has another type": ("facts.yaml", "months: {type: whole, unit: month", "months: {type: whole, unit: year", "test/scheme.yaml:"),
    "a fact is gone": ("facts.yaml", "  insured:", "  insured_now:", "test/scheme.yaml:"),
    "a definition has another unit": ("test/scheme.yaml", "    unit: CNY/month\n    value: if insured then 10 else 0", "    unit: CNY\n    value: if insured then 10 else 0", "test/other.yaml:6: "),
    "the first wording begins later": ("test/scheme.yaml", "{from: 2000-01-01}", "{from: 2011-01-01}", "test/beijing.yaml:"),
    "a region that does not exist": ("test/beijing.yaml", '"110000"', '"119999"', "test/beijing.yaml:3: "),
    "a case that expects nothing": ("test/cases/sample.yaml", "    expect: {test.scheme: {status: not_eligible, conditions: {enough_months: false}, conclusions: [pay_on]}}\n", "", "test/cases/sample.yaml:"),
    "a table without its column": ("test/cases/sample.csv", "months,paid", "month,paid", "test/cases/table.yaml:"),
    "a table with a wrong cell": ("test/cases/sample.csv", "not_eligible", "maybe", "test/cases/sample.csv:3: "),
}


@pytest.mark.parametrize(("file", "old", "new", "fault"), BREAKING.values(), ids=BREAKING)
def test_an_edit_that_breaks_something_is_found(rules: Path, file: str, old: str, new: str, fault: str) -> None:
    good = [check(rules) for _ in range(2)]
    assert [(each.exit_code, each.output) for each in good] == [(0, good[0].output)] * 2
    before = (rules / file).read_text(encoding="utf-8")
    edited(rules / file, old, new)
    for _ in range(2):
        bad = check(rules)
        assert bad.exit_code == 1
        assert fault in bad.output + bad.stderr
    (rules / file).write_text(before, encoding="utf-8")
    again = check(rules)
    assert (again.exit_code, again.output) == (0, good[0].output)


def test_a_table_that_is_gone_is_found(rules: Path) -> None:
    assert check(rules).exit_code == 0
    (rules / "test" / "cases" / "sample.csv").unlink()
    assert "there is no table 'sample.csv'" in check(rules).output


def test_the_file_of_a_region_that_is_gone_is_found(rules: Path) -> None:
    assert check(rules).exit_code == 0
    (rules / "test" / "later.yaml").write_text(
        'scheme: test.scheme\nin_force: {from: 2012-01-01}\nregion: "110000"\namends: test.scheme@2010-01-01/110000\nsource: {instrument: 办法}\nparameters:\n  minimum_months: {value: 121}\n',
        encoding="utf-8",
    )
    assert check(rules).exit_code == 0
    (rules / "test" / "beijing.yaml").unlink()
    assert "test/later.yaml:4: there is no version" in "".join(check(rules).output)


def test_check_imports_nothing_that_evaluates() -> None:
    """Which takes as long as to read the rules; the constant that is said twice therefore is one."""
    script = "import sys, app.cli, app.commands.check; sys.exit(any(name.startswith(('app.engine', 'app.advice', 'app.intake')) for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
    assert f'envvar="{RELEASES_VARIABLE}"' in Path(app.cli.__file__).read_text(encoding="utf-8")


def test_only_what_changed_is_read_again(rules: Path) -> None:
    def changed() -> list[str]:
        found = case_check(rules, read_contents(rules))
        assert found.run() == (5, ())
        return [file.name for file in found.changed]

    assert [changed(), changed()] == [["sample.yaml", "table.yaml"], []]
    edited(rules / "test" / "cases" / "sample.csv", "100,", "101,")
    assert [changed(), changed()] == [["table.yaml"], []]
    edited(rules / "test" / "scheme.yaml", "180", "181")
    assert changed() == []
    edited(rules / "facts.yaml", "Sex", "Gender")
    assert changed() == ["sample.yaml", "table.yaml"]


@pytest.mark.parametrize("rubbish", [b"", b"no json", b"[]", b'{"test/cases/sample.yaml": {}}', b"\x80\x05]\x94."])
def test_rubbish_in_the_cache_only_costs_time(rules: Path, tmp_path: Path, rubbish: bytes) -> None:
    output = check(rules).output
    for file in (tmp_path / "cache").rglob("*"):
        if file.is_file():
            file.write_bytes(rubbish)
    assert [check(rules).output, check(rules).output] == [output, output]
