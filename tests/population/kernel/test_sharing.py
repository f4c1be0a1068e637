"""What is worded alike in several places is one function, though what it reads differs; and each place gets its own answers."""

from __future__ import annotations

import ctypes
import re
from pathlib import Path
from typing import Any

import pytest

from app.language import Rulebook, ir, load_rulebook
from app.population.kernel.compilation import Plan, compile_question
from app.population.kernel.facts import FactColumns
from app.population.kernel.image import kernel_image
from app.population.kernel.linking import LinkedLaw, link
from app.population.kernel.numbering import STATES, Numbering, Slot, kept_numbering, size_at_most
from app.population.kernel.reuse import Reuse
from app.population.kernel.units import PRELUDE
from app.population.question import Question
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
    """The names of the functions that are written out."""
    return set(re.findall(r"^.*\b(\w+)\(ctx \*c\) \{$", "\n".join(plan.source), re.MULTILINE))


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

    before, other, longer = source("0.5"), source("0.7"), source("0.125")
    assert before == other
    assert before != longer


def test_a_call_goes_where_every_caller_of_its_law_goes() -> None:
    """`b` means one function to the only law that calls it, though another law has another."""
    calls = {"top": ("a",), "other_top": ("a", "b"), "x": (), "y": (), "b1": ()}
    links = link([LinkedLaw("top", {"a": "x", "b": "never"}), LinkedLaw("other_top", {"a": "y", "b": "b1"})], calls)
    assert links.direct == {"top": {"a": "x"}, "other_top": {"a": "y", "b": "b1"}, "x": {}, "y": {}, "b1": {}}
    assert links.several == ()
    links = link([LinkedLaw("top", {"a": "x"}), LinkedLaw("top", {"a": "y"})], calls)
    assert links.functions == ("top", "x", "y")
    assert links.direct["top"] == {}
    assert links.several == ("a",)


def test_what_was_written_is_used_only_under_the_same_answers() -> None:
    reuse: Reuse[str] = Reuse()
    rule, other = ["a rule"], ["a rule"]
    reuse.keep("k", rule, {"shape": 1, "figures": 2}, "text")
    assert reuse.find("k", rule, {"shape": 1, "figures": 2}.__getitem__) == "text"
    assert reuse.find("k", rule, {"shape": 1, "figures": 3}.__getitem__) is None
    assert reuse.find("l", rule, {"shape": 1, "figures": 2}.__getitem__) is None
    assert reuse.find("k", other, {"shape": 1, "figures": 2}.__getitem__) is None


# -- files and numbers that stay as they are ------------------------------------------------------

OTHER = """\
scheme: test.other
title: {zh: 其他, en: Other}
in_force: {from: 2000-01-01}
source: {instrument: 办法}
definitions:
  a: {output: true, value: test.random.base + 1}
  text: {output: true, value: 'if kind = "bb" then "x" else "yy"'}
  listed: {output: true, value: 'sum(rows[paid > 3].paid) + count(rows[paid > 3])'}
"""
BOTH = Question(QUESTION.as_of, ("test.other", SCHEME), outputs=True)
CHANGES = {
    "a figure of more decimals": ("value: 0.5}", "value: 0.0625}"),
    "another wording": ("base + 3, round", "base + 3.5, round"),
    "a text and a list more": ("  nested:", '  words: {output: true, value: \'if kind = "bb" then "new" else "newer"\'}\n  lists: {output: true, value: \'count(rows[paid > 7])\'}\n  nested:'),
}


def kept(rulebook: Rulebook, at: Path) -> Plan:
    numbering = kept_numbering(at)
    plan = compile_question(rulebook, BOTH, result_columns(rulebook, BOTH), FactColumns(rulebook.facts), {}, (), numbering)
    numbering.keep_at(at)
    return plan


@pytest.mark.parametrize(("old", "new"), CHANGES.values(), ids=CHANGES)
def test_files_of_other_schemes_stay_as_they_are(tmp_path: Path, old: str, new: str) -> None:
    files = {**FILES, "other.yaml": OTHER}
    rulebook_of(tmp_path, READS, more=MORE, parameters=PARAMETERS, files=files)
    first = kept(load_rulebook(tmp_path), tmp_path / "numbers.json")
    assert kept(load_rulebook(tmp_path), tmp_path / "numbers.json").source == first.source
    nation = tmp_path / "nation.yaml"
    text = nation.read_text(encoding="utf-8")
    assert old in text
    nation.write_text(text.replace(old, new), encoding="utf-8")
    second = kept(load_rulebook(tmp_path), tmp_path / "numbers.json")
    # The law's own, the other scheme, this scheme, the laws' tables, what runs them.
    assert [after == before for after, before in zip(second.source, first.source, strict=True)][:3] == [True, True, False]
    agree(load_rulebook(tmp_path), [persons(load_rulebook(tmp_path).facts, 100, 3, regions=PLACES, habits=HABITS[1])], question=BOTH)


@pytest.mark.parametrize("rubbish", [b"", b"{}", b"[]", b'{"texts": 1}', b"\x00"])
def test_a_numbering_that_cannot_be_read_begins_anew(tmp_path: Path, rubbish: bytes) -> None:
    at = tmp_path / "numbers.json"
    at.write_bytes(rubbish)
    for each in (kept_numbering(at), kept_numbering(tmp_path / "none.json")):
        assert (each.states, each.memory, each.parameters, each.calls, each.texts.all()) == (0, 0, {}, {}, [])


def test_a_full_numbering_begins_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHEBAO_CACHE", str(tmp_path / "cache"))
    full = Numbering()
    for number in range(STATES):
        full.slot(ir.Name("a.b", f"n{number}"), "struct { char ok; }")
    with pytest.raises(OverflowError):
        full.slot(ir.Name("a.b", "more"), "struct { char ok; }")
    monkeypatch.setattr("app.population.kernel.image.kept_numbering", lambda _: full)
    (tmp_path / "rules").mkdir()
    rulebook = rulebook_of(tmp_path / "rules", READS, more=MORE, parameters=PARAMETERS)
    assert kernel_image(rulebook, QUESTION, result_columns(rulebook, QUESTION), FactColumns(rulebook.facts), {}).library


def test_there_is_as_much_room_in_c() -> None:
    assert f"#define STATES {STATES}\n" in PRELUDE.read_text(encoding="utf-8")


def test_numbers_are_never_given_twice(tmp_path: Path) -> None:
    numbering = Numbering()
    name, other = ir.Name("a.b", "c"), ir.Name("a.b", "d")
    first, second, wider = numbering.slot(name, "struct { i64 p0; }"), numbering.slot(other, "struct { i128 p0; char k[33]; }"), numbering.slot(name, "struct { i128 p0; }")
    assert [first, second, wider] == [Slot(0, 0), Slot(1, 16), Slot(2, 80)]
    assert numbering.slot(name, "struct { i64 p0; }") == first
    assert [numbering.parameter(name), numbering.parameter(name, "rate"), numbering.parameter(name)] == [0, 1, 0]
    numbering.texts.code("text")
    numbering.keep_at(tmp_path / "numbers.json")
    again = kept_numbering(tmp_path / "numbers.json")
    assert again.slot(other, "struct { i128 p0; char k[33]; }") == second
    assert (again.memory, again.states, again.parameters, again.texts.all()) == (96, 3, numbering.parameters, ["text"])


def test_a_numbering_mostly_of_what_is_no_more_begins_anew(tmp_path: Path) -> None:
    numbering = Numbering()
    for number in range(9):
        numbering.slot(ir.Name("a.b", f"n{number}"), "struct { i64 p0; }")
    numbering.keep_at(tmp_path / "numbers.json")
    again = kept_numbering(tmp_path / "numbers.json")
    again.slot(ir.Name("a.b", "n1"), "struct { i64 p0; }")
    assert again.states == 9
    again.keep_at(tmp_path / "numbers.json")
    assert kept_numbering(tmp_path / "numbers.json").states == 0


@pytest.mark.parametrize("struct", ["struct { char ok; }", "struct { i64 n; char ok; i128 p0[3]; char k[3]; }", "struct { char a; real b; char c; i128 d; char e; }"])
def test_room_is_never_too_small(struct: str) -> None:
    """A C structure lays its members out by their own sizes; none is larger than 16 bytes."""
    kinds: dict[str, Any] = {"char": ctypes.c_char, "i64": ctypes.c_int64, "real": ctypes.c_double, "i128": ctypes.c_int64 * 2}
    fields = []
    for number, (kind, count) in enumerate(re.findall(r"(\w+) \w+(?:\[(\d+)\])?;", struct)):
        fields.append((f"m{number}", kinds[kind] * int(count) if count else kinds[kind]))
    laid_out = type("LaidOut", (ctypes.Structure,), {"_fields_": fields})
    # Whole numbers of 128 bits begin at a multiple of 16, which these do not: at most 8 bytes more each.
    assert size_at_most(struct) >= ctypes.sizeof(laid_out) + 8 * struct.count("i128")
