"""The gap report: from rules and population alone, near what was published, and honest where it is not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from app.engine import Engine
from app.language import Rulebook, load_rulebook
from app.population.exact import ExactEvaluator
from app.population.gap import YearGap, gap, published, report
from app.population.gap.indexation import Rises
from app.population.question import Evaluator, Question

RULES = Path(__file__).parents[2] / "rules"
SIZE = 15_000


@pytest.fixture(scope="module")
def rulebook() -> Rulebook:
    return load_rulebook(RULES)


def one_year(rulebook: Rulebook, year: int) -> YearGap:
    engine = Engine(rulebook)

    def make(question: Question) -> Evaluator:
        return ExactEvaluator(rulebook, question, engine)

    (found,) = gap(rulebook, make, make, SIZE, 20241231, (year,))
    return found


@pytest.fixture(scope="module")
def year_2014(rulebook: Rulebook) -> YearGap:
    return one_year(rulebook, 2014)


def test_employees_come_out_near_what_was_published(year_2014: YearGap) -> None:
    assert year_2014.employees.published == 2109.6
    assert -15 < year_2014.employees.error < 5
    assert year_2014.persons > 800
    assert year_2014.open_share < 2


def test_residents_fall_short_by_the_local_bases_nobody_recorded(year_2014: YearGap) -> None:
    assert 50 < year_2014.residents.model < 65  # the nation's 55 yuan, an account of a few, some months not drawn
    assert year_2014.residents.error < year_2014.residents_with_local.error < 0
    assert year_2014.ratio.model > year_2014.ratio_with_local.model > year_2014.ratio.published


def test_the_parts_make_the_whole(year_2014: YearGap) -> None:
    by_claim = [group for group in year_2014.groups if group.name.startswith(("claimed", "public"))]
    assert sum(group.share for group in by_claim) == pytest.approx(100)
    by_way = [group for group in year_2014.groups if group.name.startswith(("by", "public"))]
    assert sum(group.share for group in by_way) == pytest.approx(100)
    mean = sum(group.share * group.pension for group in by_claim) / 100
    assert year_2014.employees.model == pytest.approx(mean, rel=0.03)


def test_what_was_published_does_not_enter_the_model(rulebook: Rulebook, year_2014: YearGap, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "published", lambda: {2014: (1.0, 1.0)})
    again = one_year(rulebook, 2014)
    assert again.employees.published == 1.0
    assert (again.employees.model, again.residents.model) == (year_2014.employees.model, year_2014.residents.model)


def test_the_published_averages_are_those_of_the_source() -> None:
    assert set(published()) == set(range(2011, 2018))
    assert published()[2017] == (2875.9, 126.7)


def test_pensions_rise_by_the_notices_from_the_year_after_the_claim(rulebook: Rulebook) -> None:
    rises = Rises(rulebook)
    enterprise = np.zeros(3, dtype=bool)
    grown = rises.growth(np.array([2014, 2013, 2011]), enterprise, 2014)
    assert grown.tolist() == pytest.approx([1.0, 1.10, 1.10**3])
    later = rises.growth(np.array([2016]), np.array([True]), 2017)
    assert later.tolist() == pytest.approx([1.055])
