"""What employees' pensions were at the claim: by the rules where they reach, else by stated assumptions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import IntEnum

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from app.language import NATION, Rulebook
from app.population.columns.conforming import REGION, conform
from app.population.columns.given import given_types
from app.population.question import Evaluator, Question
from app.population.synthetic.tables import Flags, Floats, Ints, number, read, region_number, regions, version_start
from app.population.synthetic.wages import wage

SCHEME = "pension.employee"
PENSION = f"{SCHEME}.monthly_pension"
_GIVEN = f"given.{SCHEME}."

Maker = Callable[[Question], Evaluator]


class Way(IntEnum):
    """How an award was found."""

    PROVINCE = 0
    NATION = 1
    OLD_RULES = 2
    INSTITUTION = 3
    OPEN = 4


@dataclass(frozen=True, slots=True)
class Awards:
    """Monthly pensions at the claim in yuan, each claim's month and how it was found; open ones are 0 and count for nothing."""

    pension: Floats
    claim_month: Ints
    way: Ints


class EmployeeAwards:
    """Awards of one year's pensioners: under their province's rules, where these lack a figure under the nation's.

    People of public institutions, and whoever claimed before the unified scheme, are outside `pension.employee`: theirs
    are assumed. `make` gives the evaluator of the first question, `make_rest` of what it leaves open (few rows).
    """

    def __init__(self, rulebook: Rulebook, year: int, make: Maker, make_rest: Maker) -> None:
        self._rulebook = rulebook
        self._question = Question(date(year, 12, 31), (SCHEME,))
        self._local, self._nation = make(self._question), make_rest(self._question)

    def award(self, people: pa.RecordBatch) -> Awards:
        """The awards of a batch of `Synthesis` that holds employees who draw."""
        month = claim_months(people)
        region = np.asarray(people[REGION].indices.to_numpy(), dtype=np.int64)
        last_wage = wage(region, month // 12 - 1)
        institution = np.asarray(people["about.institution"].to_numpy(zero_copy_only=False), dtype=bool)
        way = np.where(institution, Way.INSTITUTION, np.where(month < version_start("unified"), Way.OLD_RULES, Way.PROVINCE))
        share = np.where(institution, number("gap_institution_replacement") * number("gap_institution_wage"), number("gap_old_rules_replacement"))
        pension = share * last_wage
        asked = np.flatnonzero(way == Way.PROVINCE)
        rows = people.take(pa.array(asked))
        found = self._evaluate(self._local, rows, _local_figures(month[asked], last_wage[asked], region[asked]))
        left = np.flatnonzero(np.isnan(found))
        rest = _of_the_nation(rows.take(pa.array(left)))
        found[left] = self._evaluate(self._nation, rest, _national_figures(rest, month[asked][left], last_wage[asked][left]))
        way[asked[left]] = Way.NATION
        way[asked[np.isnan(found)]] = Way.OPEN
        pension[asked] = np.nan_to_num(found)
        return Awards(pension, month, way)

    def _evaluate(self, evaluator: Evaluator, people: pa.RecordBatch, given: dict[str, pa.Array]) -> Floats:
        """The monthly pension of each row; nan where the rules leave it open or refuse it."""
        if people.num_rows == 0:
            return np.zeros(0)
        columns = {name: people[name] for name in people.schema.names} | given
        batch = pa.RecordBatch.from_arrays(list(columns.values()), names=list(columns))
        conformed = conform(batch, self._rulebook.facts, given_types(self._rulebook, self._question, given)).batch
        results = evaluator.evaluate(conformed).results
        pensions: Floats = np.array(results[PENSION].cast(pa.float64()).to_numpy(zero_copy_only=False))
        return pensions


def claim_months(people: pa.RecordBatch) -> Ints:
    """The month of each claim as a month number."""
    claim = people["claim_date"]
    return np.asarray(pc.year(claim).to_numpy() * 12 + pc.month(claim).to_numpy() - 1, dtype=np.int64)


def _of_the_nation(people: pa.RecordBatch) -> pa.RecordBatch:
    """The same people under the nation's rules alone."""
    nation = pa.DictionaryArray.from_arrays(pa.array(np.zeros(people.num_rows, dtype=np.int16)), pa.array([NATION]))
    return people.set_column(people.schema.get_field_index(REGION), REGION, nation)


def _local_figures(month: Ints, last_wage: Floats, region: Ints) -> dict[str, pa.Array]:
    """Figures the rules have no row for: last year's average wage, and the transition rate before 2006."""
    known = np.zeros((len(regions()), 2200), dtype=bool)
    for row in read("wages_by_province"):
        if row["series"] == "local":
            known[region_number(row["region"]), int(row["year"])] = True
    return {
        _GIVEN + "last_year_average_wage": _decimals(last_wage, 2, ~known[region, month // 12 - 1]),
        _GIVEN + "transitional_rate_1997": _decimals(np.full(len(month), number("gap_transitional_rate")), 4, month < version_start("formula_of_2005")),
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


def _decimals(values: Floats, places: int, valid: Flags) -> pa.Array:
    texts = [f"{value:.{places}f}" if there else None for value, there in zip(values, valid, strict=True)]
    return pa.array(texts, pa.string())
