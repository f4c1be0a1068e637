"""The next yuan of income, against each person asked twice."""

from __future__ import annotations

import random
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

import pyarrow as pa
import pytest

from app.language import Rulebook
from app.population.exact import ExactEvaluator
from app.population.question import Question
from app.population.reports.cliffs import CliffError, NextYuan, cliff_tables, next_yuan, raised, sample_rows
from app.population.reports.measures import entries, number_benefits, scheme_titles

from .plain import deciles
from .sample import AS_OF

Row = dict[str, Any]
SCHEMES = ("pension.small", "relief.small", "subsidy.small", "grant.small")
FEN = Decimal("0.01")


def asked(rulebook: Rulebook, fact: str = "wage", step: str = "1", schemes: tuple[str, ...] = SCHEMES) -> NextYuan:
    benefits = number_benefits(rulebook, AS_OF, (), schemes)
    return next_yuan(rulebook.facts, fact, Decimal(step), entries(benefits, scheme_titles(rulebook, AS_OF, ()), schemes, {}))


def batch(rows: list[Row]) -> pa.RecordBatch:
    money = pa.decimal128(18, 2)
    kinds = {"weight": pa.float64(), "wage": money, "bonus": money, "yearly_need": money, "children": pa.int32()}
    return pa.RecordBatch.from_arrays([pa.array([row.get(name) for row in rows], kind) for name, kind in kinds.items()], names=list(kinds))


def people(count: int, seed: int) -> list[Row]:
    """Wages around every edge of the sample's rules; some unknown, one too high to be raised."""
    dice = random.Random(seed)
    rows = [
        {
            "weight": float(dice.randint(1, 50)),
            "wage": dice.choice([None, *(Decimal(edge) + Decimal(dice.randint(-300, 300)) / 100 for edge in (500, 1000, 2000, 3000, 5000))]),
            "bonus": Decimal(500),
            "yearly_need": Decimal(dice.randint(0, 120_000)) / 100,
            "children": dice.choice([0, 1, None]),
        }
        for _ in range(count)
    ]
    return [*rows, {"weight": 3.0, "wage": Decimal("99999.50"), "bonus": Decimal(1), "yearly_need": Decimal(1), "children": 0}]


def paid(row: Row, scheme: str, wage: Decimal) -> Decimal | None:
    """The sample's rules in Python: what a scheme pays in a year, or once."""
    if wage > 100_000:
        return None
    if scheme == "pension.small":
        return (
            12 * ((wage * Decimal("0.4")).quantize(FEN, ROUND_HALF_UP) + wage * Decimal("0.1")).quantize(FEN, ROUND_HALF_UP)
            if wage >= 1000
            else Decimal(0)
        )
    if scheme == "relief.small":
        return 12 * (2000 - wage) if wage < 2000 else Decimal(0)
    if scheme == "subsidy.small":
        return row["yearly_need"] if wage < 3000 else Decimal(0)
    return None if row["children"] is None else row["bonus"] if row["children"] else Decimal(0)


def changes(rows: list[Row], scheme: str, step: Decimal) -> list[tuple[Row, Decimal]]:
    found = []
    for row in rows:
        if row["wage"] is not None:
            members = ("pension.small", "relief.small", "subsidy.small") if scheme == "all" else (scheme,)
            pairs = [(paid(row, member, row["wage"]), paid(row, member, row["wage"] + step)) for member in members]
            if all(before is not None and after is not None for before, after in pairs):
                found.append((row, sum((after - before for before, after in pairs if before is not None and after is not None), Decimal(0))))
    return found


def check(found: Row, members: list[tuple[Row, Decimal]], step: Decimal) -> None:
    months = 1 if found["scheme"] == "grant.small" else 12
    held = sum(Decimal(row["weight"]) for row, _ in members)
    assert (found["rows"], found["persons"]) == (len(members), held)
    kinds = [
        ("cliff" if change < -step * months else "withdrawn" if change < 0 else "rise" if change else "unchanged", row) for row, change in members
    ]
    for name in ("cliff", "withdrawn", "rise", "unchanged"):
        assert found[name] == sum(Decimal(row["weight"]) for kind, row in kinds if kind == name), name
    moved = sum((Decimal(row["weight"]) * change for row, change in members), Decimal(0))
    assert found["mean_change"] == (moved / held / months).quantize(FEN, ROUND_HALF_UP)
    assert abs(found["marginal_rate"] + moved / held / months / step) <= Decimal("0.000001")
    assert found["biggest_loss"] == max(Decimal(0), (-min(change for _, change in members) / months).quantize(FEN, ROUND_HALF_UP))


@pytest.mark.parametrize("step", ["1", "100.50"])
def test_every_figure(rulebook: Rulebook, step: str) -> None:
    rows = people(240, 3)
    question = asked(rulebook, step=step)
    overall, by_decile = cliff_tables([batch(rows[:100]), batch(rows[100:])], ExactEvaluator(rulebook, Question(AS_OF, SCHEMES)), question)
    assert [row["scheme"] for row in overall.records()] == [*SCHEMES, "all"]
    group = deciles([(row["wage"], Fraction(row["weight"])) for row in rows if row["wage"] is not None])
    for found in overall.records():
        check(found, changes(rows, found["scheme"], Decimal(step)), Decimal(step))
    for found in by_decile.records():
        members = [(row, change) for row, change in changes(rows, found["scheme"], Decimal(step)) if str(group[row["wage"]]) == found["group"]]
        check(found, members, Decimal(step))


def test_a_cliff_is_found_where_a_subsidy_ends(rulebook: Rulebook) -> None:
    rows = [
        {"weight": 2.0, "wage": Decimal(wage), "bonus": Decimal(0), "yearly_need": Decimal(1200), "children": 0}
        for wage in ("2999.50", "2998.99", "3100.00")
    ]
    overall, _ = cliff_tables(
        [batch(rows)], ExactEvaluator(rulebook, Question(AS_OF, ("subsidy.small",))), asked(rulebook, schemes=("subsidy.small",))
    )
    found = overall.records()[0]
    assert (found["cliff"], found["lose_entitlement"], found["biggest_loss"], found["unchanged"]) == (2, 2, Decimal("100.00"), 4)


def test_a_whole_fact_may_be_raised(rulebook: Rulebook) -> None:
    rows = [{"weight": 1.0, "wage": None, "bonus": Decimal(700), "yearly_need": None, "children": number} for number in (0, 0, 3)]
    question = asked(rulebook, fact="children", schemes=("grant.small",))
    overall, _ = cliff_tables([batch(rows)], ExactEvaluator(rulebook, Question(AS_OF, ("grant.small",))), question)
    found = overall.records()[0]
    assert (found["rise"], found["unchanged"], found["mean_change"]) == (2, 1, Decimal("466.67"))


def test_nobody_has_the_fact(rulebook: Rulebook) -> None:
    overall, by_decile = cliff_tables([], ExactEvaluator(rulebook, Question(AS_OF, SCHEMES)), asked(rulebook))
    assert all(row["persons"] == 0 for row in overall.records())
    assert by_decile.rows == ()


def test_what_cannot_be_asked(rulebook: Rulebook) -> None:
    with pytest.raises(CliffError, match=r"'sex' is no fact that is a number\. There are: wage"):
        asked(rulebook, fact="sex")
    with pytest.raises(CliffError, match="at most 2 decimals"):
        asked(rulebook, step="0.001")
    with pytest.raises(CliffError, match="at most 0 decimals"):
        asked(rulebook, fact="children", step="0.5")
    with pytest.raises(CliffError, match="none of the schemes pays money"):
        asked(rulebook, schemes=("age.small",))
    with pytest.raises(CliffError, match="no column 'months'"):
        raised(batch(people(1, 1)), rulebook.facts.facts["months"], Decimal(1))


def test_a_sample_takes_each_row_once_and_always_the_same() -> None:
    batches = [pa.RecordBatch.from_pydict({"n": list(range(start, start + 100))}) for start in range(0, 1000, 100)]
    found = [value for each in sample_rows(batches, 1000, 137, 5) for value in each.column("n").to_pylist()]
    assert len(found) == len(set(found)) == 137
    assert found == sorted(found)
    assert found == [value for each in sample_rows(batches, 1000, 137, 5) for value in each.column("n").to_pylist()]
    assert found != [value for each in sample_rows(batches, 1000, 137, 6) for value in each.column("n").to_pylist()]
    assert sum(each.num_rows for each in sample_rows(batches, 1000, 5000, 5)) == 1000
