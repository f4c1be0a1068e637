"""What is worded alike in several places is one function, though what it reads differs; and each place gets its own answers."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.language import Rulebook
from app.population.kernel.compilation import Plan, compile_question
from app.population.kernel.facts import FactColumns
from app.population.kernel.linking import LinkedLaw, link
from app.population.kernel.reuse import Reuse
from app.population.results import result_columns
from tests.population.kernel.random_ground import SCHEME
from tests.population.kernel.small import HABITS, QUESTION, agree, rulebook_of
from tests.population.persons import persons

PLACES = ("000000", "110000", "310000", "440000", "440100")
READS = ["base + 1", "if flag then base else wide", "sum(listed) + base", "count(listed)", "base + rate", "nested * 2"]
MORE = """\
  base: {value: wide}
  listed: {value: 'rows[paid > 3].paid'}
  nested: {value: base + 3, round: {to: 1, mode: half up}}
  scale: {value: rate * 3}
"""
PARAMETERS = "parameters:\n  rate: {value: 0.5}\n  unset_flag: {type: boolean}\n"


def amended(region: str, text: str) -> str:
    return f'scheme: {SCHEME}\nin_force: {{from: 2005-01-01}}\nregion: "{region}"\namends: {SCHEME}@2000-01-01\nsource: {{instrument: 地方办法}}\n{text}'


# Another wording in the same lane; one of more decimals; a list worded otherwise, and never known; a figure of more digits.
FILES = {
    "bj.yaml": amended("110000", "definitions:\n  base: {value: wide + 1}\n"),
    "sh.yaml": amended("310000", "definitions:\n  base: {value: wide / 7}\n  listed: {value: 'rows[paid > 5].paid'}\n"),
    "gd.yaml": amended("440000", "parameters:\n  rate: {value: 0.000125}\n"),
    "gz.yaml": amended("440100", "definitions:\n  base: {value: 'if unset_flag then wide else null'}\n"),
}


@pytest.fixture
def rulebook(tmp_path: Path) -> Rulebook:
    return rulebook_of(tmp_path, READS, more=MORE, parameters=PARAMETERS, files=FILES)


def plan_of(rulebook: Rulebook, *regions: str) -> Plan:
    return compile_question(rulebook, QUESTION, result_columns(rulebook, QUESTION), FactColumns(rulebook.facts), {}, regions)


def functions(plan: Plan) -> set[str]:
    return set(re.findall(r"\bf_[0-9a-f]{12}\b", "".join(plan.source)))


def test_places_answer_by_their_own_rules(rulebook: Rulebook) -> None:
    agree(rulebook, [persons(rulebook.facts, 300, seed, regions=PLACES, habits=habits) for seed, habits in enumerate(HABITS)])


def test_what_reads_other_rules_is_written_once(rulebook: Rulebook) -> None:
    """Beijing's own base has the shape of the nation's: one function more, whoever reads it."""
    nation, both = plan_of(rulebook, "000000"), plan_of(rulebook, "000000", "110000")
    assert len(both.laws) == 2
    assert len(functions(both)) == len(functions(nation)) + 1


def test_what_reads_another_shape_is_written_anew(rulebook: Rulebook) -> None:
    nation, both = plan_of(rulebook, "000000"), plan_of(rulebook, "000000", "310000")
    assert len(functions(both)) > len(functions(nation)) + 2


def test_figures_change_no_text_unless_they_need_other_lanes(tmp_path: Path) -> None:
    def source(rate: str) -> tuple[str, ...]:
        return plan_of(rulebook_of(tmp_path, READS, more=MORE, parameters=PARAMETERS.replace("0.5", rate), files=FILES), "000000").source

    assert source("0.5") == source("0.7")
    assert source("0.5") != source("0.125")


def test_a_call_goes_where_every_caller_of_its_law_goes() -> None:
    """`b` means one function to the only law that calls it, though another law has another."""
    calls = {"top": ("a",), "other_top": ("a", "b"), "x": (), "y": (), "b1": ()}
    links = link([LinkedLaw("top", {"a": "x", "b": "never"}), LinkedLaw("other_top", {"a": "y", "b": "b1"})], calls)
    assert links.direct == {"top": {"a": "x"}, "other_top": {"a": "y", "b": "b1"}, "x": {}, "y": {}, "b1": {}}
    assert links.numbers == {}
    links = link([LinkedLaw("top", {"a": "x"}), LinkedLaw("top", {"a": "y"})], calls)
    assert links.functions == ("top", "x", "y")
    assert links.direct["top"] == {}
    assert links.numbers == {"a": 0}


def test_what_was_written_is_used_only_under_the_same_answers() -> None:
    reuse: Reuse[str] = Reuse()
    rule, other = ["a rule"], ["a rule"]
    reuse.keep("k", rule, {"shape": 1, "figures": 2}, "text")
    assert reuse.find("k", rule, {"shape": 1, "figures": 2}.__getitem__) == "text"
    assert reuse.find("k", rule, {"shape": 1, "figures": 3}.__getitem__) is None
    assert reuse.find("l", rule, {"shape": 1, "figures": 2}.__getitem__) is None
    assert reuse.find("k", other, {"shape": 1, "figures": 2}.__getitem__) is None
