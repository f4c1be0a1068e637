"""Official tables as cases: columns to facts, given figures and expectations."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.cases import RuleCase, read_cases
from app.language import RuleError, load_rulebook
from tests.cases.sample import sample

TABLE = """\
years,months,birth,zone,amount,none
2,6,1970-01,a,110.5,
3,,1970-02,b,120.5,
4,0,1970-03,c,,x
"""


def table_cases(tmp_path: Path, text: str, table: str = TABLE) -> tuple[RuleCase, ...]:
    rules = sample(tmp_path, text, **{"test/cases/table.csv": table})
    return read_cases(rules, load_rulebook(rules).facts)


def test_each_row_is_a_case(tmp_path: Path) -> None:
    first, second = table_cases(
        tmp_path,
        """\
defaults: {as_of: 2025-01-01}
table:
  file: table.csv
  name: born {birth}
  where: {zone: [a, b]}
  facts: {sex: male}
  expect: {test.scheme: {status: undetermined}}
  columns:
    birth: {to: born, as: "{}-15"}
    years: {to: months, times: 12}
    months: months
    zone: some_figure
    amount: test.scheme:monthly
""",
    )
    assert first.name == "born 1970-01 (line 2)"
    assert str(first.place) == "test/cases/table.csv:2"
    assert first.body["facts"] == {"sex": "male", "born": "1970-01-15", "months": 30}
    assert first.body["given"] == {"some_figure": "a"}
    assert [(each.name, each.wanted) for each in first.expectations] == [("status", "undetermined"), ("monthly", "110.5")]
    assert second.body["facts"]["months"] == 36


def test_columns_of_one_target_in_expectations_add_up(tmp_path: Path) -> None:
    [case, *_] = table_cases(
        tmp_path,
        'defaults: {as_of: 2025-01-01}\ntables:\n  - file: table.csv\n    where: {zone: a}\n    columns:\n'
        '      years: {to: "test.scheme:monthly", times: 12}\n      months: test.scheme:monthly\n',
    )
    assert [(each.name, each.wanted) for each in case.expectations] == [("monthly", "30")]


@pytest.mark.parametrize(
    ("table", "fault"),
    [
        ("{file: nowhere.csv, columns: {}}", "sample.yaml:2: there is no table 'nowhere.csv' beside this file."),
        ("{file: table.csv, columns: {yeers: months}}", "sample.yaml:2: the table has no column 'yeers'. Did you mean 'years'?"),
        ("{file: table.csv, where: {zones: a}, columns: {}}", "sample.yaml:2: the table has no column 'zones'. Did you mean 'zone'?"),
        ("{file: table.csv, columns: {years: {to: months, as: x}}}", "sample.yaml:2: 'as' is a text with {} where the cell goes"),
        ("{file: table.csv, columns: {birth: {to: months, times: 12}}}", "table.csv:2: 'birth' must be a plain decimal number, not '1970-01'."),
        ("{file: table.csv, columns: {zone: test.scheme:status}}", "table.csv:2: 'a' is not a status."),
        ("{file: table.csv, columns: {years: months}}", "table.csv:2: the case 'test/cases/table.csv:2' expects nothing."),
        ("{file: table.csv, column: {years: months}}", "sample.yaml:2: 'column' is not a key of 'table'. Did you mean 'columns'?"),
    ],
)
def test_a_fault_names_its_line(tmp_path: Path, table: str, fault: str) -> None:
    with pytest.raises(RuleError) as caught:
        table_cases(tmp_path, f"defaults: {{as_of: 2025-01-01}}\ntable: {table}\n")
    assert str(caught.value.faults[0]).startswith(f"test/cases/{fault}")
