"""A small rulebook with a scheme of every kind, and runs of it made by hand: result files as a simulation writes them."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from app.language import Rulebook, load_rulebook

AS_OF = date(2026, 3, 1)
PROVINCES = ("110000", "220000", "310000", "440000", "650000")
STATUSES = ("eligible", "not_eligible", "undetermined")

FACTS = """\
facts:
  sex:
    type: enum
    values: {male: {zh: 男, en: male}, female: {zh: 女, en: female}}
    title: {zh: 性别, en: Sex}
  birth_date: {type: date, title: {zh: 出生日期, en: Date of birth}}
  wage: {type: number, unit: CNY/month, decimals: 2, at_least: 0, at_most: 100000, title: {zh: 月工资, en: Monthly wage}}
  bonus: {type: number, unit: CNY, decimals: 2, at_least: 0, at_most: 100000, title: {zh: 一次性, en: Bonus}}
  yearly_need: {type: number, unit: CNY/year, decimals: 2, at_least: 0, at_most: 100000, title: {zh: 年需求, en: Need of a year}}
  months: {type: whole, unit: month, at_least: 0, at_most: 700, title: {zh: 月数, en: Months}}
  children: {type: whole, at_least: 0, at_most: 20, title: {zh: 子女数, en: Children}}
"""

_HEAD = """\
scheme: {scheme}
title: {{zh: {zh}, en: {en}}}
in_force: {{from: 2020-01-01}}
region: "000000"
source: {{instrument: 示例规定}}
eligibility:
  asked:
    title: {{zh: 条件, en: Condition}}
    holds: {holds}
benefits:
"""
_BENEFIT = "  {name}: {{title: {{zh: {zh}, en: {en}}}, unit: {unit}, round: {{to: {step}, mode: half up}}, value: {value}}}\n"


def _scheme(scheme: str, zh: str, en: str, holds: str, benefits: list[tuple[str, str, str, str]]) -> str:
    text = _HEAD.format(scheme=scheme, zh=zh, en=en, holds=holds)
    return text + "".join(_BENEFIT.format(name=name, zh=name, en=name, unit=unit, step=step, value=value) for name, unit, step, value in benefits)


SCHEMES = {
    "pension": _scheme(
        "pension.small",
        "示例养老金",
        "Sample pension",
        "wage >= 1000",
        [("base_part", "CNY/month", "0.01", "wage * 0.4"), ("monthly_pension", "CNY/month", "0.01", "base_part + wage * 0.1")],
    ),
    "grant": _scheme("grant.small", "示例补助", "Sample grant", "children > 0", [("grant", "CNY", "0.01", "bonus")]),
    "subsidy": _scheme("subsidy.small", "示例津贴", "Sample subsidy", "wage < 3000", [("yearly", "CNY/year", "0.01", "yearly_need")]),
    "relief": _scheme(
        "relief.small",
        "示例救助",
        "Sample relief",
        "wage < 2000",
        [("relief", "CNY/month", "0.01", "2000 - wage"), ("own_pays", "CNY/month", "0.01", "wage")],
    ),
    "age": _scheme("age.small", "示例年龄", "Sample age", "children > 0", [("months_paid", "month", "1", "months")]),
    "contributions": _scheme(
        "contributions.monthly",
        "示例缴费",
        "Sample contributions",
        "wage > 0",
        [
            ("employer_pension", "CNY/month", "0.01", "wage * 0.16"),
            ("employee_pension", "CNY/month", "0.01", "wage * 0.08"),
            ("account_credit", "CNY/month", "0.01", "wage * 0.08"),
        ],
    ),
}

PROPOSAL = """\
scheme: pension.small
in_force: {from: 2026-01-01}
proposal: higher_base
source: {instrument: 示例设想}
amends: pension.small@2020-01-01
benefits:
  base_part: {value: wage * 0.45}
"""


def small_rulebook(folder: Path) -> Rulebook:
    (folder / "facts.yaml").write_text(FACTS, encoding="utf-8")
    for name, text in SCHEMES.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    (folder / "proposal.yaml").write_text(PROPOSAL, encoding="utf-8")
    return load_rulebook(folder)


@dataclass
class Made:
    """A run to write: one dictionary a row; amounts as Decimal, missing names as null."""

    rows: list[dict[str, Any]]
    types: dict[str, pa.DataType] = field(default_factory=dict)


MONEY = pa.decimal128(24, 2)
STATUS_TYPE = pa.dictionary(pa.int8(), pa.string())
_TYPES: dict[str, pa.DataType] = {
    "person_id": pa.string(),
    "household_id": pa.int64(),
    "region": pa.dictionary(pa.int16(), pa.string()),
    "weight": pa.float64(),
    "sex": pa.dictionary(pa.int8(), pa.string()),
    "birth_date": pa.date32(),
    "about.household_income": pa.decimal128(18, 2),
    "about.income": pa.decimal128(18, 2),
    "about.monthly_income": pa.decimal128(18, 2),
    "about.household_monthly_income": pa.decimal128(18, 2),
    "about.household_size": pa.int32(),
    "about.age": pa.int32(),
    "pension.small.base_part": MONEY,
    "pension.small.monthly_pension": MONEY,
    "grant.small.grant": MONEY,
    "subsidy.small.yearly": MONEY,
    "relief.small.relief": MONEY,
    "relief.small.own_pays": MONEY,
    "age.small.months_paid": pa.decimal128(24, 0),
    "contributions.monthly.employer_pension": MONEY,
    "contributions.monthly.employee_pension": MONEY,
    "contributions.monthly.account_credit": MONEY,
    "pension.employee.monthly_pension": MONEY,
}


def write_run(folder: Path, rows: list[dict[str, Any]], names: list[str], *, parts: int = 2, **manifest: Any) -> Path:
    """Write a run's folder; `names` are its columns in order, each null where a row does not have it."""
    (folder / "results").mkdir(parents=True)
    for part in range(parts):
        chosen = rows[part::parts]
        arrays = [_array(name, [row.get(name) for row in chosen]) for name in names]
        pq.write_table(pa.table(arrays, names=names), folder / "results" / f"part-{part:05}.parquet")
    told = {"as_of": AS_OF.isoformat(), "region": "000000", "release": "r", "tag": "t", "reforms": [], **manifest}
    (folder / "manifest.json").write_text(json.dumps(told), encoding="utf-8")
    return folder


def _array(name: str, values: list[Any]) -> pa.Array:
    plain = name.removeprefix("after.")
    if plain.endswith(".status"):
        return pa.array(values, pa.string()).dictionary_encode().cast(STATUS_TYPE)
    kind = _TYPES[plain]
    return pa.array(values, pa.string()).dictionary_encode().cast(kind) if pa.types.is_dictionary(kind) else pa.array(values, kind)


ALL_COLUMNS = [
    "person_id", "household_id", "region", "weight", "sex", "birth_date", "about.household_income",
    "pension.small.status", "pension.small.base_part", "pension.small.monthly_pension",
    "grant.small.status", "grant.small.grant",
    "subsidy.small.status", "subsidy.small.yearly",
    "age.small.status", "age.small.months_paid",
]  # fmt: skip
BENEFITS = ("pension.small.base_part", "pension.small.monthly_pension", "grant.small.grant", "subsidy.small.yearly", "age.small.months_paid")
AFTER_COLUMNS = ["after." + name for name in ALL_COLUMNS if name.split(".")[0] in ("pension", "grant", "subsidy", "age")]


def random_rows(count: int, seed: int, *, whole_weights: bool = True) -> list[dict[str, Any]]:
    """Rows of every status, with and without households, incomes and sexes, before and after a reform."""
    dice = random.Random(seed)
    rows = []
    for number in range(count):
        household = number // 3
        row: dict[str, Any] = {
            "person_id": f"p{number}",
            "household_id": None if number % 17 == 0 else household,
            "region": dice.choice([*PROVINCES, "220122", "440300"]),
            "weight": float(dice.randint(0, 900)) if whole_weights else round(dice.uniform(0, 9), 3),
            "sex": dice.choice(["male", "female", "female", None]),
            "birth_date": None if dice.random() < 0.05 else date(dice.randint(1930, 2015), dice.randint(1, 12), dice.randint(1, 28)),
            "about.household_income": None if household % 11 == 3 else Decimal((household * 7919 * 12) % 9_000_000) / 100,
        }
        for side in ("", "after."):
            for scheme in ("pension.small", "grant.small", "subsidy.small", "age.small"):
                _answer(row, side, scheme, dice)
        rows.append(row)
    return rows


def _answer(row: dict[str, Any], side: str, scheme: str, dice: random.Random) -> None:
    """A status and, where eligible, amounts; now and then the row is rejected."""
    status = dice.choices([*STATUSES, None], [60, 30, 6, 2])[0]
    if side and dice.random() < 0.5:
        status = row.get(f"{scheme}.status")
    row[f"{side}{scheme}.status"] = status
    for column in BENEFITS:
        if column.startswith(scheme) and status == "eligible":
            same = side and dice.random() < 0.3 and row.get(column) is not None
            row[side + column] = row[column] if same else _amount(column, dice)


def _amount(column: str, dice: random.Random) -> Decimal:
    return Decimal(dice.randint(0, 40)) if column.startswith("age") else Decimal(dice.randint(0, 600_000)) / 100
