"""What employees' pensions were at the claim: by the rules where they reach, else by stated assumptions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from app.language import NATION, Rulebook
from app.population.columns import REGION, conform
from app.population.given import given_types
from app.population.question import Evaluator, Question
from app.population.synthetic.tables import Flags, Floats, Ints, number, read, regions
from app.population.synthetic.wages import wage

SCHEME = "pension.employee"
PENSION = f"{SCHEME}.monthly_pension"
_GIVEN = f"given.{SCHEME}."
UNIFIED_MONTH, FORMULA_OF_2005 = 12 * 1997 + 6, 12 * 2006

Maker = Callable[[Question], Evaluator]


@dataclass(frozen=True, slots=True)
class Awards:
    """Monthly pensions at the claim in yuan, and how each was found; `unanswered` rows have 0 and count for nothing."""

    pension: Floats
    province: Flags
    nation: Flags
    old_rules: Flags
    institution: Flags
    unanswered: Flags


def award(people: pa.RecordBatch, year: int, rulebook: Rulebook, make: Maker, make_rest: Maker | None = None) -> Awards:
    """Awards of employees who draw: under their province's rules; where these lack a figure, under the nation's.

    People of public institutions, and whoever claimed before the unified scheme, are outside `pension.employee`.
    """
    month = _months(people)
    region = _regions(people)
    last_wage = wage(region, month // 12 - 1)
    institution = np.asarray(people["about.institution"].to_numpy(zero_copy_only=False), dtype=bool)
    old = ~institution & (month < UNIFIED_MONTH)
    pension = np.where(institution, number("gap_institution_replacement") * number("gap_institution_wage"), number("gap_old_rules_replacement")) * last_wage
    asked = np.flatnonzero(~institution & ~old)
    rows = people.take(pa.array(asked))
    months, wages, where = month[asked], last_wage[asked], region[asked]
    question = Question(date(year, 12, 31), (SCHEME,))
    by_province = _evaluate(rows, _local_figures(months, wages, where), question, rulebook, make)
    left = np.flatnonzero(np.isnan(by_province))
    rest = rows.take(pa.array(left))
    nation = pa.DictionaryArray.from_arrays(pa.array(np.zeros(len(left), dtype=np.int16)), pa.array([NATION]))
    rest = rest.set_column(rest.schema.get_field_index(REGION), REGION, nation)
    by_nation = _evaluate(rest, _national_figures(rest, months[left], wages[left]), question, rulebook, make_rest or make)
    found = by_province.copy()
    found[left] = by_nation
    pension[asked] = np.nan_to_num(found)
    flags = [np.zeros(people.num_rows, dtype=bool) for _ in range(3)]
    for flag, answered in zip(flags, (~np.isnan(by_province), np.isnan(by_province) & ~np.isnan(found), np.isnan(found)), strict=True):
        flag[asked] = answered
    return Awards(pension, flags[0], flags[1], old, institution, flags[2])


def _local_figures(month: Ints, last_wage: Floats, region: Ints) -> dict[str, pa.Array]:
    """Figures the rules have no row for: last year's average wage, and the transition rate before 2006."""
    known = {(row["region"], int(row["year"])) for row in read("wages_by_province") if row["series"] == "local"}
    codes = regions()
    own = np.array([(codes[place], at) in known for place, at in zip(region, month // 12 - 1, strict=True)], dtype=bool)
    return {
        _GIVEN + "last_year_average_wage": _decimals(last_wage, 2, ~own),
        _GIVEN + "transitional_rate_1997": _decimals(np.full(len(month), number("gap_transitional_rate")), 4, month < FORMULA_OF_2005),
    }


def _national_figures(people: pa.RecordBatch, month: Ints, last_wage: Floats) -> dict[str, pa.Array]:
    """What the nation leaves to the provinces, given: the wage, and the transition by deemed months at the assumed rate."""
    every = np.ones(len(month), dtype=bool)
    rate = _decimals(np.full(len(month), number("gap_transitional_rate")), 4, every)
    return {
        _GIVEN + "last_year_average_wage": _decimals(last_wage, 2, every),
        _GIVEN + "transitional_rate": rate,
        _GIVEN + "transitional_rate_1997": rate,
        _GIVEN + "transitional_months": people["deemed_contribution_months"].cast(pa.decimal128(12, 0)),
    }


def _evaluate(people: pa.RecordBatch, given: dict[str, pa.Array], question: Question, rulebook: Rulebook, make: Maker) -> Floats:
    """The monthly pension of each row; nan where the rules leave it open or refuse it."""
    if people.num_rows == 0:
        return np.zeros(0)
    columns = {name: people[name] for name in people.schema.names} | given
    batch = pa.RecordBatch.from_arrays(list(columns.values()), names=list(columns))
    conformed = conform(batch, rulebook.facts, given_types(rulebook, question, given)).batch
    results = make(question).evaluate(conformed).results
    pensions: Floats = results[PENSION].cast(pa.float64()).to_numpy(zero_copy_only=False)
    return pensions


def _decimals(values: Floats, places: int, valid: Flags) -> pa.Array:
    texts = [f"{value:.{places}f}" if there else None for value, there in zip(values, valid, strict=True)]
    return pa.array(texts, pa.string())


def _months(people: pa.RecordBatch) -> Ints:
    claim = people["claim_date"]
    return np.asarray(pc.year(claim).to_numpy() * 12 + pc.month(claim).to_numpy() - 1, dtype=np.int64)


def _regions(people: pa.RecordBatch) -> Ints:
    return np.asarray(people[REGION].indices.to_numpy(), dtype=np.int64)
