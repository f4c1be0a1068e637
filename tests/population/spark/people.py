"""People of every region that has rules, with careers, figures given for some, things carried along, and rows nobody can answer."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pyarrow as pa

from app.language import Rulebook

_CATEGORIES = ("male_60", "male_60", "female_55", "female_50", "male_55_special")
# What is wrong with every 97th person, in turn.
_FAULTS: tuple[dict[str, Any], ...] = (
    {"region": "999999"},
    {"birth_date": date(1850, 1, 1)},
    {"contribution_records": [{"year": 2000, "months": 13, "index": Decimal("1"), "base": None}]},
    {"sex": "unknown", "deemed_contribution_months": -1},
)
_RECORD = pa.struct([("year", pa.int32()), ("months", pa.int32()), ("index", pa.decimal128(18, 4)), ("base", pa.decimal128(18, 2))])
SCHEMA = pa.schema(
    [
        ("person_id", pa.string()),
        ("household_id", pa.int64()),
        ("region", pa.string()),
        ("weight", pa.float64()),
        ("sex", pa.string()),
        ("birth_date", pa.date32()),
        ("retirement_category", pa.string()),
        ("claim_date", pa.date32()),
        ("contribution_records", pa.list_(_RECORD)),
        ("deemed_contribution_months", pa.int64()),
        ("account_balance", pa.decimal128(18, 2)),
        ("pre_account_balance_months", pa.int32()),
        ("work_start_date", pa.date32()),
        ("first_insured_date", pa.date32()),
        ("given.pension.employee.reference_wage", pa.decimal128(18, 2)),
        ("about.urban", pa.bool_()),
        ("about.household_income", pa.decimal128(12, 2)),
    ]
)


def people(rulebook: Rulebook, rows: int, seed: int) -> pa.Table:
    """A table of people, the same for the same seed; every 97th has a fault."""
    random = Random(seed)
    regions = rulebook.regions()
    persons = [person(number, random, regions) for number in range(rows)]
    for number in range(96, rows, 97):
        persons[number] |= _FAULTS[number // 97 % len(_FAULTS)]
    return pa.Table.from_pylist(persons, SCHEMA)


def person(number: int, random: Random, regions: list[str]) -> dict[str, Any]:
    """A person as a row of `SCHEMA`, without a fault."""
    category = random.choice(_CATEGORIES)
    claim = date(2025, 1, 1) + timedelta(days=random.randrange(540))
    birth = claim - timedelta(days=round(365.25 * int(category.split("_")[1])) + random.randrange(-200, 500))
    years = range(claim.year - random.randrange(8, 40), claim.year)
    return {
        "person_id": f"p{number:06d}",
        "household_id": number // 3,
        "region": None if random.random() < 0.05 else regions[number % len(regions)],
        "weight": random.randrange(1, 2000) / 2,
        "sex": category.split("_")[0],
        "birth_date": birth,
        "retirement_category": category,
        "claim_date": None if random.random() < 0.02 else claim,
        "contribution_records": None if random.random() < 0.02 else [_record(year, random) for year in years],
        "deemed_contribution_months": random.choice([0, 0, 0, 30, 117]),
        "account_balance": Decimal(random.randrange(1_000_000, 40_000_000)).scaleb(-2),
        "pre_account_balance_months": random.choice([0, 0, 36]),
        "work_start_date": date(years[0], 1, 1),
        "first_insured_date": date(years[0], 1, 1),
        "given.pension.employee.reference_wage": Decimal(random.randrange(600_000, 1_300_000)).scaleb(-2) if random.random() < 0.02 else None,
        "about.urban": random.random() < 0.6,
        "about.household_income": Decimal(random.randrange(10_000_000)).scaleb(-2),
    }


def _record(year: int, random: Random) -> dict[str, Any]:
    return {"year": year, "months": random.choice([12, 12, 12, 12, 7]), "index": Decimal(random.randrange(4_000, 30_000)).scaleb(-4), "base": None}
