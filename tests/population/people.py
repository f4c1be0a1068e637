"""A small scheme with a fact of every kind, and people for it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from app.language import Rulebook, load_rulebook
from app.population.exact import ExactEvaluator
from app.population.question import Question
from app.population.runs.simulation import Simulation
from tests.conftest import HEAD, NAME, TODAY, write

FACTS = """\
facts:
  wage: {type: number, unit: CNY/month, decimals: 2, at_least: 0, at_most: 1000000, title: {zh: 工资, en: Wage}}
  months: {type: whole, unit: month, at_least: 0, at_most: 720, title: {zh: 月数, en: Months}}
  population_number: {type: whole, at_most: 900000000000, title: {zh: 编号, en: Number}}
  sex:
    type: enum
    values: {male: {zh: 男, en: male}, female: {zh: 女, en: female}}
    title: {zh: 性别, en: Sex}
  birth_date: {type: date, earliest: 1900-01-01, latest: 2100-12-31, title: {zh: 出生, en: Born}}
  claim_month: {type: month, title: {zh: 申领月, en: Month}}
  insured: {type: boolean, title: {zh: 参保, en: Insured}}
  place: {type: region, title: {zh: 地点, en: Place}}
  records:
    type: list
    max_items: 6
    order_by: year
    title: {zh: 记录, en: Records}
    item:
      year: {type: whole, required: true, at_least: 1951, at_most: 2100, title: {zh: 年, en: Year}}
      paid: {type: whole, unit: month, required: true, at_least: 0, at_most: 12, title: {zh: 月, en: Months}}
      index: {type: number, decimals: 4, at_least: 0, at_most: 30, title: {zh: 指数, en: Index}}
      place: {type: region, title: {zh: 缴费地, en: Place}}
  job:
    type: record
    title: {zh: 岗位, en: Job}
    fields:
      since: {type: date, title: {zh: 自, en: Since}}
      kind: {type: enum, values: {office: {zh: 办公, en: office}, field: {zh: 外勤, en: field}}, title: {zh: 类, en: Kind}}
checks:
  born_before_job:
    holds: birth_date < job.since
    pointer: job
    message: {zh: 任职早于出生。请核对。, en: The job began before birth. Check both.}
assumptions:
  growth: {type: rate, title: {zh: 增长, en: Growth}}
  hold: {type: boolean, title: {zh: 沿用, en: Hold}}
"""

SCHEME = (
    HEAD
    + """\
parameters:
  minimum_months:
    title: {zh: 最低月数, en: Minimum months}
    unit: month
    value: 12
definitions:
  paid_months:
    output: true
    title: {zh: 缴费月数, en: Months paid}
    unit: month
    value: months + sum(records.paid)
  share:
    output: true
    title: {zh: 份额, en: Share}
    value: paid_months / 7
  first_year:
    output: true
    title: {zh: 首年, en: First year}
    value: records[1].year
eligibility:
  enough_months:
    title: {zh: 月数足够, en: Enough months}
    holds: paid_months >= minimum_months
benefits:
  monthly:
    title: {zh: 月待遇, en: Monthly benefit}
    unit: CNY/month
    round: {to: 0.01, mode: half up}
    value: wage * 0.1234
  from_month:
    title: {zh: 起始月, en: First month}
    value: claim_month
  born:
    title: {zh: 出生日期, en: Date of birth}
    value: birth_date
  covered:
    title: {zh: 参保, en: Insured}
    value: insured
  who:
    title: {zh: 性别, en: Sex}
    value: sex
"""
)

BEIJING = """\
scheme: test.scheme
in_force: {from: 2010-01-01}
region: "110000"
amends: test.scheme@2000-01-01
source: {instrument: 北京测试办法}
parameters:
  minimum_months: {value: 24}
benefits:
  local_addition:
    title: {zh: 地方补贴, en: Local addition}
    unit: CNY/month
    round: {to: 0.1, mode: up}
    value: wage * 0.01
"""

REFORM = """\
scheme: test.scheme
in_force: {from: 2026-01-01}
proposal: fewer_months
region: "000000"
amends: test.scheme@2000-01-01
source: {instrument: 改革建议}
parameters:
  minimum_months: {value: 6}
"""

QUESTION = Question(TODAY, (NAME,), outputs=True)
AFTER = Question(TODAY, (NAME,), ("fewer_months",), outputs=True)


def rules_folder(folder: Path) -> Path:
    return write(folder / "rules", {"test/scheme.yaml": SCHEME, "test/110000.yaml": BEIJING, "test/reform.yaml": REFORM}, FACTS)


def small_rulebook(folder: Path) -> Rulebook:
    return load_rulebook(rules_folder(folder))


def simulation(rulebook: Rulebook, *, compared: bool = False) -> Simulation:
    """The question of these tests, answered by the exact engine."""
    after = ExactEvaluator(rulebook, AFTER) if compared else None
    return Simulation(rulebook, QUESTION, ExactEvaluator(rulebook, QUESTION), AFTER if compared else None, after, exact=True)


def person(number: int) -> dict[str, Any]:
    """A person who is different from the next in every fact."""
    return {
        "person_id": f"p{number}",
        "region": ("110000", "310000", None)[number % 3],
        "weight": 1.0 + number % 2,
        "wage": Decimal(number * 37 % 100_000) / 100,
        "months": number % 30,
        "sex": ("male", "female")[number % 2],
        "birth_date": date(1960 + number % 20, 1 + number % 12, 1 + number % 28),
        "claim_month": f"{2020 + number % 5}-{1 + number % 12:02d}",
        "insured": number % 5 != 0,
        "records": [{"year": 2000 + each, "paid": (number + each) % 13, "index": Decimal(number % 7) / 4} for each in range(number % 4)],
        "about.urban": number % 2 == 0,
    }


COLUMNS = pa.schema(
    [
        ("person_id", pa.string()),
        ("region", pa.string()),
        ("weight", pa.float64()),
        ("wage", pa.decimal128(12, 2)),
        ("months", pa.int64()),
        ("sex", pa.string()),
        ("birth_date", pa.date32()),
        ("claim_month", pa.string()),
        ("insured", pa.bool_()),
        ("records", pa.list_(pa.struct([("year", pa.int32()), ("paid", pa.int8()), ("index", pa.decimal128(9, 4))]))),
        ("about.urban", pa.bool_()),
    ]
)


def people(count: int, first: int = 0) -> pa.Table:
    return pa.Table.from_pylist([person(number) for number in range(first, first + count)], COLUMNS)


def write_people(path: Path, count: int, first: int = 0, group: int = 1000) -> Path:
    pq.write_table(people(count, first), path, row_group_size=group)
    return path


def results(out: Path) -> pa.Table:
    return pa.concat_tables([pq.read_table(path) for path in sorted((out / "results").glob("*.parquet"))], promote_options="permissive")


def rejects(out: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = pq.read_table(out / "rejects.parquet").to_pylist()
    return found


def contents(out: Path) -> dict[str, bytes]:
    """Every file of a finished run but the manifest, whose times differ."""
    return {str(path.relative_to(out)): path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file() and path.name != "manifest.json"}
