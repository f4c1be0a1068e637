"""A block as a record batch: facts under their names in canonical types, and what the dictionary does not know as about.*"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from . import arrow
from .coverage import DRAWING, PAYING, RESIDENT_DRAWING
from .health import DISABILITIES, OLD
from .households import MARITAL
from .person import BLOCK, Block
from .retirement import CATEGORIES, FEMALE_45_SPECIAL, MALE_55_SPECIAL, NO_CLAIM
from .tables import SEXES, Flags, Ints, number, region_number, regions
from .wages import wage
from .work import EMPLOYERS, REGISTRATIONS

EMPLOYMENT = ("employee", "flexible", "unemployed", "retired", "resident", "none")
EMPLOYEE, FLEXIBLE, _, RETIRED, RESIDENT, NO_EMPLOYMENT = range(6)
HARDSHIPS = ("high_place_or_very_heavy", "underground_or_heat", "toxic")
SCHEMES = ("employees", "residents", "none")
MOST_MONTHS = 720
TIBET, SHANGHAI = "540000", "310000"

REGION_TYPE = pa.dictionary(pa.int16(), pa.string())


def record_batch(block: Block, year: int, weight: float) -> pa.RecordBatch:
    """Every person of the block, each standing for `weight` persons."""
    count = len(block.age)
    ids = block.number * BLOCK + np.arange(count, dtype=np.int64) + 1
    columns: dict[str, pa.Array] = {
        "person_id": pa.array(ids),
        "household_id": pa.array(block.number * BLOCK + block.household + 1),
        "region": arrow.coded(block.region, regions(), index=np.int16),
        "weight": pa.array(np.full(count, weight)),
        "sex": arrow.coded(block.sex, SEXES),
        "birth_date": arrow.dates(block.birth_month, block.birth_day),
        **_claims(block, count),
        **_employees(block, count, year),
        **_residents(block, count),
        "employment_status": arrow.coded(_employment(block, count), EMPLOYMENT),
        "household_registration": arrow.coded(block.registration, REGISTRATIONS),
        **_contributions(block, count, year),
        **_about(block, count),
    }
    return pa.RecordBatch.from_arrays(list(columns.values()), names=list(columns))


def _claims(block: Block, count: int) -> dict[str, pa.Array]:
    month = np.full(count, NO_CLAIM, dtype=np.int64)
    month[block.employees] = block.retirements.claim_month
    month[block.insured] = block.residents.claim_month
    return {"claim_date": arrow.dates(month, block.birth_day, month != NO_CLAIM)}


def _employees(block: Block, count: int, year: int) -> dict[str, pa.Array]:
    rows, career = block.employees, block.careers
    employed = _flags(count, rows)
    claims = block.retirements.claim_month != NO_CLAIM
    claiming = _flags(count, rows[claims])
    saving = _flags(count, rows[~claims])
    balance = arrow.spread(count, rows, career.balance)
    category = arrow.spread(count, rows, block.retirements.category)
    special = np.isin(category, (MALE_55_SPECIAL, FEMALE_45_SPECIAL)) & employed
    hardship = arrow.spread(count, rows, block.work.hardship_years)
    ones = np.ones(count, dtype=np.int64)
    return {
        "retirement_category": arrow.coded(category, CATEGORIES, employed),
        "contribution_records": arrow.lists(arrow.spread(count, rows, career.counts), _records(block), employed),
        "deemed_contribution_months": arrow.wholes(np.minimum(arrow.spread(count, rows, career.deemed), MOST_MONTHS), employed),
        "work_start_date": arrow.dates(arrow.spread(count, rows, career.work_start), ones, employed),
        "account_balance": arrow.money(balance, claiming),
        "account_opening_balance": arrow.money(balance, saving),
        "account_opening_year": arrow.wholes((year - 1) * ones, saving),
        "hardship_service_years": arrow.wholes(hardship, special),
        "hardship_kind": arrow.coded(hardship % len(HARDSHIPS), HARDSHIPS, special),
        **_local(block, count, employed),
    }


def _local(block: Block, count: int, employed: Flags) -> dict[str, pa.Array]:
    """Facts one province alone asks: all service of Tibet's employees is in Tibet, none of Shanghai's has an imputed amount."""
    career = block.careers
    paid = np.bincount(np.repeat(block.employees, career.counts), weights=career.months, minlength=count).astype(np.int64)
    service = np.minimum(paid + arrow.spread(count, block.employees, career.deemed), MOST_MONTHS)
    tibet, shanghai = (employed & (block.region == region_number(code)) for code in (TIBET, SHANGHAI))
    return {"tibet_service_months": arrow.wholes(service, tibet), "imputed_account_amount": arrow.money(np.zeros(count), shanghai)}


def _records(block: Block) -> pa.Array:
    career = block.careers
    count = len(career.year)
    fields = {
        "year": arrow.wholes(career.year),
        "months": arrow.wholes(career.months),
        "index": arrow.decimals(career.index, 6),
        "base": pa.nulls(count, pa.decimal128(18, 2)),
        "region": pa.nulls(count, REGION_TYPE),
    }
    return pa.StructArray.from_arrays(list(fields.values()), names=list(fields))


def _residents(block: Block, count: int) -> dict[str, pa.Array]:
    rows = block.insured
    insured = _flags(count, rows)
    paying = _flags(count, rows[block.residents.claim_month == NO_CLAIM])
    start = np.full(count, 12 * int(number("residents_start")), dtype=np.int64)
    return {
        "residents_scheme_start_date": arrow.dates(start, np.ones(count, dtype=np.int64), insured),
        "residents_yearly_contribution": arrow.money(arrow.spread(count, rows, block.residents.yearly), paying),
        "draws_other_basic_pension": pa.array(block.status == DRAWING),
        "residents_contribution_months": arrow.wholes(np.minimum(arrow.spread(count, rows, block.residents.months), MOST_MONTHS), insured),
        "residents_account_balance": arrow.money(arrow.spread(count, rows, block.residents.balance), insured),
    }


def _contributions(block: Block, count: int, year: int) -> dict[str, pa.Array]:
    """What the monthly contribution is reckoned by: own wage of employees, the base a flexible worker declares."""
    paying = block.status == PAYING
    flexible = _flags(count, block.employees[block.work.flexible]) & paying
    low, high = (number(f"index_{end}") * wage(block.region, np.full(count, year - 1)) for end in ("lowest", "highest"))
    return {
        "own_monthly_wage": arrow.money(block.money.wage, paying & ~flexible),
        "chosen_contribution_base": arrow.money(np.clip(block.money.wage, low, high), flexible),
        "employer_type": arrow.coded(arrow.spread(count, block.employees, block.work.employer), EMPLOYERS, paying & ~flexible),
    }


def _employment(block: Block, count: int) -> Ints:
    found = np.full(count, NO_EMPLOYMENT, dtype=np.int64)
    found[block.insured] = RESIDENT
    found[block.employees] = np.where(block.work.flexible, FLEXIBLE, EMPLOYEE)
    found[block.status == DRAWING] = RETIRED
    return found


def _about(block: Block, count: int) -> dict[str, pa.Array]:
    scheme = np.select([block.status <= DRAWING, block.status <= RESIDENT_DRAWING], [0, 1], 2)
    old = block.age >= OLD
    earning = block.money.wage > 0
    return {
        "about.age": arrow.wholes(block.age),
        "about.residence": arrow.coded(block.residence, regions(), index=np.int16),
        "about.urban": pa.array(block.area == 0),
        "about.scheme": arrow.coded(scheme, SCHEMES),
        "about.drawing": pa.array((block.status == DRAWING) | (block.status == RESIDENT_DRAWING)),
        "about.institution": pa.array(_flags(count, block.employees[block.work.institution])),
        "about.wage": arrow.money(block.money.wage, earning),
        "about.marital_status": arrow.coded(block.marital, MARITAL),
        "about.family_household": pa.array(block.family),
        "about.household_size": arrow.wholes(np.bincount(block.household)[block.household]),
        "about.household_income": arrow.money(block.money.household_income),
        "about.disability": arrow.coded(block.disability, DISABILITIES),
        "about.self_caring": pa.array(block.helpless == 0, mask=~old),
    }


def _flags(count: int, rows: Ints) -> Flags:
    found = np.zeros(count, dtype=bool)
    found[rows] = True
    return found
