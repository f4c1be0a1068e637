"""The margins as data: every row with its source and how firm it is, every source explained, no amounts of pensions among them."""

from __future__ import annotations

import csv
import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

import app.population.synthetic as synthetic
from app.language.model import Body, Text
from app.population.synthetic import tables
from app.population.synthetic.cells import calibrated
from app.population.synthetic.coverage import employees, residents
from app.population.synthetic.demography import by_area
from app.population.synthetic.draws import choose, ranks, systematic, whole
from tests.test_rule_cases import rulebook

FOLDER = Path(synthetic.__file__).parent / "margins"
FILES = sorted(path for path in FOLDER.glob("*.csv"))


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("path", [path for path in FILES if path.stem not in ("assumptions", "law")], ids=lambda path: path.stem)
def test_every_row_says_how_firm_it_is_and_where_it_is_from(path: Path) -> None:
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert f"`{path.name}`" in readme
    for row in rows(path):
        assert row["confidence"] in ("A", "B", "C", "D")
        assert f"`{row['source']}`" in readme, row


def test_every_assumption_is_marked_as_one() -> None:
    stated = rows(FOLDER / "assumptions.csv")
    assert {row["grade"] for row in stated} <= {"assumed", "D"}
    names = {row["name"] for row in stated}
    assert all(any(row["note"] for row in stated if row["name"] == name) for name in names)
    keys = [(row["name"], row["at"]) for row in stated]
    assert len(keys) == len(set(keys))


def rows_of_law() -> dict[str, list[dict[str, str]]]:
    """The rows of law.csv by rule."""
    found: dict[str, list[dict[str, str]]] = {}
    for row in rows(FOLDER / "law.csv"):
        found.setdefault(row["rule"], []).append(row)
    return found


@pytest.mark.parametrize("rule", rows_of_law())
def test_a_figure_of_the_law_is_the_rules_own(rule: str) -> None:
    stated = rows_of_law()[rule]
    if "@" in rule:
        (start,) = (file.start for file in rulebook().files if str(file.id) == rule)
        assert [int(row["value"]) for row in stated] == [12 * start.year + start.month - 1]
        return
    scheme, _, name = rule.rpartition(".")
    law = rulebook().at(date.fromisoformat(stated[0]["as_of"])).schemes[scheme]
    if name not in law.parameters:
        said = written(law.definitions[name].versions[0].lowered.clause.body)
        assert all(row["value"] in said for row in stated)
        assert len(re.findall(r"[0-9]+", said)) == len(stated)
        return
    parameter = law.parameters[name]
    assert {row["key"]: Decimal(row["value"]) for row in stated} == {
        "" if parameter.key_type is None else str(row.key): row.value for row in parameter.rows
    }


def written(body: Body | None) -> str:
    assert isinstance(body, Text)
    return body.text


def test_no_margin_is_an_amount_of_pension() -> None:
    for path in FILES:
        head = path.read_text(encoding="utf-8").splitlines()[0]
        assert "spending" not in head
        assert "pension" not in head


def test_a_name_that_is_no_assumption_is_an_error() -> None:
    with pytest.raises(KeyError, match="no rows named 'nonsense'"):
        tables.curve("nonsense")


@pytest.mark.parametrize("year", [2011, 2016, 2024])
def test_raked_cells_meet_both_margins(year: int) -> None:
    cells = calibrated(year)
    assert (cells >= 0).all()
    np.testing.assert_allclose(cells.sum(axis=-1), by_area(year), rtol=1e-6)
    by_status = cells.sum(axis=(0, 1, 2, 3))
    np.testing.assert_allclose(by_status[:4], [*employees(year).sum(axis=0), *residents(year).sum(axis=0)], rtol=1e-3)


def test_systematic_draws_give_every_cell_its_share() -> None:
    shares = np.array([0.5, 0.3, 0.15, 0.05])
    for block in range(5):
        counts = np.bincount(systematic(np.cumsum(shares), 1000, 1, block), minlength=4)
        assert (np.abs(counts - 1000 * shares) <= 1).all()


def test_drawing_without_replacement_keeps_to_groups_and_weights() -> None:
    random = np.random.default_rng(1)
    group = np.repeat([0, 1], 500)
    weight = np.tile([1.0, 9.0], 500)
    chosen = choose(group, weight, np.array([100, 0]), random)
    assert chosen[:500].sum() == 100
    assert chosen[500:].sum() == 0
    assert chosen[1:500:2].sum() > 80
    assert ranks(np.array([1, 0, 1]), np.array([5.0, 1.0, 2.0])).tolist() == [1, 0, 0]
    assert whole(np.full(20_000, 0.25), random).mean() == pytest.approx(0.25, abs=0.02)
