"""A scheme that a reform founds: nobody is entitled to it under the law, and a run compares it all the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from app.engine import InputError
from app.language import Rulebook, load_rulebook
from app.population.reasons import explain_person, open_finished, run_reasons
from app.population.runs import make_simulation, open_population, run
from tests.conftest import NAME, TODAY, write
from tests.engine.proposals import SCHEME, proposal

from .test_reasons import BETTER, QUESTION, people

NEW = """\
scheme: test.new
title: {zh: 新, en: New}
in_force: {from: 2000-01-01}
proposal: better
source: {instrument: 方案}
eligibility:
  insured_now: {title: {zh: 参保, en: Insured}, holds: insured}
benefits:
  allowance: {title: {zh: 津贴, en: Allowance}, unit: CNY/month, value: wage / 10, round: {to: 0.01, mode: half up}}
"""
FILES = {"a.yaml": SCHEME, "p.yaml": proposal(("rate",)), "new.yaml": NEW}


def test_it_is_not_in_force_unless_asked_for(rules: Callable[..., Rulebook]) -> None:
    rulebook = rules(FILES)
    assert "test.new" not in rulebook.at(TODAY).schemes
    assert "test.new" in rulebook.at(TODAY, reforms=("better",)).schemes
    assert rulebook.check_everywhere() == []


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize("schemes", [(NAME, "test.new"), ("test.new", NAME), ("test.new",)])
def test_a_run_compares_it_with_nothing(tmp_path: Path, schemes: tuple[str, ...], exact: bool) -> None:
    rulebook = load_rulebook(write(tmp_path / "rules", FILES))
    pq.write_table(people(20), tmp_path / "people.parquet")
    before, after = replace(QUESTION, schemes=schemes), replace(BETTER, schemes=schemes)
    run(open_population([tmp_path / "people.parquet"], rulebook.facts), make_simulation(rulebook, before, after, exact=exact), tmp_path / "run")
    rows = ds.dataset(str(tmp_path / "run" / "results")).to_table().to_pylist()
    assert len(rows) == 20
    for number, row in enumerate(rows):
        assert (row["test.new.status"], row["test.new.allowance"]) == ("not_eligible", None)
        assert row["after.test.new.status"] == ("eligible" if number % 5 else "not_eligible")
    found = open_finished(tmp_path / "run", rulebook)
    if NAME not in schemes:
        with pytest.raises(InputError, match="one side only"):
            run_reasons(found, exact=True)
        return
    assert {each.scheme for each in run_reasons(found, exact=True).measures} == {NAME}
    reasons = explain_person(found, "p1").comparison
    assert {pair.scheme: (pair.before, pair.after) for pair in reasons.schemes}["test.new"] == (None, "eligible")


def test_a_scheme_that_neither_law_has_is_refused(rules: Callable[..., Rulebook]) -> None:
    rulebook = rules(FILES)
    question = replace(QUESTION, schemes=("test.new",))
    with pytest.raises(InputError):
        make_simulation(rulebook, question, replace(question, as_of=TODAY.replace(year=2024)), exact=True)
