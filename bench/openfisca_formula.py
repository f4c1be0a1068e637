"""The bare formula in OpenFisca. Runs in the peer's own environment (see bench/peer.py) and imports nothing of the project.

``python openfisca_formula.py FIGURES.json PERSONS.parquet``: for each line on standard input it computes all persons once
and answers with a line of JSON. ``own`` starts from float32 columns as OpenFisca keeps them, ``arrow`` from the persons as
Arrow columns in memory, ``file`` from the Parquet file; ``save PATH`` writes the amounts of the last run to a .npz file.
"""

import json
import sys
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from openfisca_core.entities import build_entity
from openfisca_core.parameters import ParameterNode
from openfisca_core.periods import YEAR
from openfisca_core.simulations import Simulation, SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

NOW = "2025"
START = "1990-01-01"
Columns = dict[str, Any]

Person = build_entity(key="person", plural="persons", label="Person", is_person=True)


def round_half_up(values: Any, digits: int) -> Any:
    """Half up as vectors do it; amounts are never negative."""
    factor = 10**digits
    return np.floor(values * factor + 0.5) / factor


class contribution_base(Variable):  # noqa: N801 - OpenFisca names a variable after its class
    value_type = float
    entity = Person
    definition_period = YEAR


class account_balance(Variable):  # noqa: N801
    value_type = float
    entity = Person
    definition_period = YEAR


class claim_age(Variable):  # noqa: N801
    value_type = int
    entity = Person
    definition_period = YEAR


class average_index(Variable):  # noqa: N801
    value_type = float
    entity = Person
    definition_period = YEAR

    def formula(person: Any, period: Any, parameters: Any) -> Any:  # noqa: N805 - OpenFisca calls it without an instance
        years = parameters(period).years
        first, count = int(years.first), int(years.count)
        total = 0
        for year in range(first, first + count):
            total = total + person("contribution_base", str(year)) / parameters(str(year)).average_wage
        return round_half_up(total / count, 4)


class base_pension(Variable):  # noqa: N801
    value_type = float
    entity = Person
    definition_period = YEAR

    def formula(person: Any, period: Any, parameters: Any) -> Any:  # noqa: N805
        now = parameters(period)
        index = person("average_index", period)
        return round_half_up((now.reference_wage + now.reference_wage * index) / 2 * int(now.years.count) * now.rate, 2)


class account_pension(Variable):  # noqa: N801
    value_type = float
    entity = Person
    definition_period = YEAR

    def formula(person: Any, period: Any, parameters: Any) -> Any:  # noqa: N805
        months = parameters(period).payment_months.calc(person("claim_age", period))
        return round_half_up(person("account_balance", period) / months, 2)


class monthly_pension(Variable):  # noqa: N801
    value_type = float
    entity = Person
    definition_period = YEAR

    def formula(person: Any, period: Any) -> Any:  # noqa: N805
        return person("base_pension", period) + person("account_pension", period)


def make_system(figures: dict[str, Any]) -> TaxBenefitSystem:
    """The system with the same figures as the rule files."""

    def single(value: float) -> dict[str, Any]:
        return {"values": {START: {"value": value}}}

    wages = {f"{year}-01-01": {"value": wage} for year, wage in figures["average_wage"].items()}
    brackets = [{"threshold": single(int(age))["values"], "amount": single(months)["values"]} for age, months in figures["payment_months"].items()]
    years = sorted(int(year) for year in figures["average_wage"])
    system = TaxBenefitSystem([Person])
    system.parameters = ParameterNode(
        "",
        data={
            "average_wage": {"values": wages},
            "reference_wage": single(figures["reference_wage"]),
            "rate": single(figures["rate"]),
            "years": {"first": single(years[0]), "count": single(len(years))},
            "payment_months": {"metadata": {"type": "single_amount"}, "brackets": brackets},
        },
    )
    system.add_variables(contribution_base, account_balance, claim_age, average_index, base_pension, account_pension, monthly_pension)
    return system


def columns_of(table: pa.Table, years: list[int]) -> Columns:
    """Arrow columns as those OpenFisca takes: one float32 array a year, straight from the decimals' lower halves."""
    bases, balances = [], []
    for chunk in table["contribution_records"].chunks:
        bases.append(fen(chunk.flatten().field("base")).reshape(-1, len(years)))
    for chunk in table["account_balance"].chunks:
        balances.append(fen(chunk))
    found: Columns = {}
    for number, year in enumerate(years):
        found[f"contribution_base {year}"] = np.concatenate([(each[:, number] / 100).astype(np.float32) for each in bases])
    found[f"account_balance {NOW}"] = (np.concatenate(balances) / 100).astype(np.float32)
    found[f"claim_age {NOW}"] = table["claim_age"].to_numpy()
    return found


def fen(array: pa.Array) -> Any:
    """A decimal128(18, 2) column as whole fen, without copying."""
    return np.frombuffer(array.buffers()[1], np.int64, count=2 * (len(array) + array.offset))[2 * array.offset :: 2]


def compute(system: TaxBenefitSystem, columns: Columns) -> Simulation:
    """One simulation: inputs set as arrays, everything computed."""
    simulation = SimulationBuilder().build_default_simulation(system, len(columns[f"claim_age {NOW}"]))
    for name, array in columns.items():
        variable, period = name.split()
        simulation.set_input(variable, period, array)
    simulation.calculate("monthly_pension", NOW)
    return simulation


def main() -> None:
    """Answer each line of standard input."""
    figures = json.loads(Path(sys.argv[1]).read_text())
    path = Path(sys.argv[2])
    system = make_system(figures)
    years = sorted(int(year) for year in figures["average_wage"])
    table = pq.read_table(path)
    columns = columns_of(table, years)
    simulation = compute(system, columns)
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        what, _, target = line.strip().partition(" ")
        start = perf_counter()
        if what == "save":
            np.savez(target, **{name: simulation.get_array(name, NOW) for name in ("average_index", "base_pension", "account_pension")})
        else:
            given = columns if what == "own" else columns_of(table if what == "arrow" else pq.read_table(path), years)
            simulation = compute(system, given)
        print(json.dumps({"seconds": perf_counter() - start}), flush=True)


if __name__ == "__main__":
    main()
