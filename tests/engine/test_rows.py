"""Answers that are tables: lists of records and records among benefits and values, exact, in words, compared as a whole."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.console import Console

from app.engine import Engine, Request, explain
from app.engine.given import Given
from app.engine.numbers import CERTIFIED, RATIONAL
from app.engine.reasons import compare_case
from app.engine.reasons_json import render_reasons
from app.engine.request import InputError
from app.language import Rulebook
from app.terminal import render_answer
from app.terminal.reasons import render_case_reasons
from tests.conftest import HEAD, NAME, TODAY, answer, ask

Build = Callable[..., Rulebook]
BODY = """\
parameters:
  share: {value: 0.08}
definitions:
  yearly:
    output: true
    title: {zh: 逐年明细, en: Year by year}
    value: 'for r in records return {year: r.year, paid: r.paid, amount: round_half_up(wage * r.paid * share / 7, 2), index: r.index, early: r.year < 2002, ends: year_month("2001-12"), born: born}'
  as_reported: {output: true, value: 'records[paid > 0]'}
  years: {output: true, value: records.year}
  first: {output: true, value: '{year: records[1].year, amount: round_half_up(wage * 2, 2)}'}
benefits:
  table:
    title: {zh: 待遇表, en: Table of benefits}
    value: 'for r in records return {year: r.year, amount: round_half_up(wage * r.paid / 3, 2)}'
"""
RECORDS: tuple[dict[str, Any], ...] = (
    {"year": Decimal(2001), "paid": Decimal(12), "index": Decimal("1.10")},
    {"year": Decimal(2002), "paid": Decimal(7)},
)
FACTS: dict[str, Any] = {"wage": Decimal("1000.01"), "records": RECORDS, "born": date(1965, 5, 1)}


@pytest.fixture
def rulebook(rules: Build) -> Rulebook:
    return rules({"a.yaml": HEAD + BODY})


def test_rows_are_objects_with_every_field(rulebook: Rulebook) -> None:
    result = answer(ask(rulebook, facts=FACTS))
    assert result["values"]["yearly"] == [
        {"year": "2001", "paid": "12", "amount": "137.14", "index": "1.10", "early": True, "ends": "2001-12", "born": "1965-05-01"},
        {"year": "2002", "paid": "7", "amount": "80.00", "index": None, "early": False, "ends": "2001-12", "born": "1965-05-01"},
    ]
    assert result["values"]["as_reported"][1] == {"year": "2002", "paid": "7", "index": None}
    assert (result["values"]["years"], result["values"]["first"]) == (["2001", "2002"], {"year": "2001", "amount": "2000.02"})
    assert result["benefits"]["table"] == {
        "value": [{"year": "2001", "amount": "4000.04"}, {"year": "2002", "amount": "2333.36"}],
        "units": {"amount": "CNY"},
    }
    lines = {line["id"]: line for line in result["trace"]}
    assert lines["yearly"]["units"]["paid"] == "month" and lines["yearly"]["value"] == result["values"]["yearly"]
    summary = {line["id"]: line for line in explain(ask(rulebook, facts=FACTS), "en", "summary")["results"][NAME]["trace"]}
    assert summary["yearly"]["value"] == {"count": 2}


def test_a_table_of_an_unknown_list_is_unknown(rulebook: Rulebook) -> None:
    result = answer(ask(rulebook, facts={"wage": Decimal(1)}))
    assert (result["status"], result["values"]["yearly"], result["benefits"]["table"]["value"]) == ("undetermined", None, None)
    assert [line["name"] for line in result["missing"]] == ["records"]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(wage=st.decimals(0, 10**6, places=2), paid=st.lists(st.integers(0, 12), max_size=4))
def test_both_arithmetics_show_the_same_rows(rulebook: Rulebook, wage: Decimal, paid: list[int]) -> None:
    records = tuple({"year": Decimal(2000 + number), "paid": Decimal(each), "index": None} for number, each in enumerate(paid))
    facts: dict[str, Any] = {"wage": wage, "records": records, "born": date(1965, 5, 1)}
    request = Request(as_of=TODAY, schemes=(NAME,), region="000000", reforms=(), facts=facts)
    engine = Engine(rulebook)
    program = engine.program(TODAY, "000000", (), (NAME,))
    shown = []
    for arithmetic in (CERTIFIED, RATIONAL):
        shown.append(explain(engine._run(request, program, Given({}, {}), arithmetic), "en", "none")["results"])
    assert shown[0] == shown[1]


def test_the_terminal_shows_a_table(rulebook: Rulebook) -> None:
    console = Console(width=160, record=True, file=StringIO())
    console.print(render_answer(explain(ask(rulebook, facts=FACTS), "en", "full"), "en"))
    lines = [" ".join(line.split()) for line in console.export_text().splitlines()]
    assert "Table of benefits" in lines and "2001 4000.04" in lines
    assert "2002 7 month" not in lines and "2002 7 80.00 unknown false 2001-12 1965-05-01" in lines
    assert any(line.startswith("first") and "year 2001, amount 2000.02" in line for line in lines)


def test_tables_are_compared_as_a_whole(rules: Build) -> None:
    reform = f"scheme: {NAME}\nproposal: more\namends: {NAME}@2000-01-01\nin_force: {{from: 2000-01-01}}\nsource: {{instrument: 方案}}\nparameters:\n  share: {{value: 0.1}}\n"
    engine = Engine(rules({"a.yaml": HEAD + BODY, "p.yaml": reform}))
    before, after = (Request(as_of=TODAY, schemes=(NAME,), region="000000", reforms=reforms, facts=FACTS) for reforms in ((), ("more",)))
    found = compare_case((engine, before), (engine, after))
    moved = {each.name.local: each.moved for each in found.comparison.schemes[0].results}
    assert moved == {"table": False, "yearly": True, "as_reported": False, "years": False, "first": False}
    answer = render_reasons(found, "en")
    lines = {line["name"]: line for line in answer["schemes"][NAME]["results"]}
    assert (lines["yearly"]["before"], lines["yearly"]["change"], found.shared) == ({"count": 2}, None, ())
    Console(file=StringIO()).print(render_case_reasons(answer, "en"))


def test_a_table_cannot_be_given(rulebook: Rulebook) -> None:
    with pytest.raises(InputError, match="lists cannot be given"):
        ask(rulebook, facts=FACTS, given={"yearly": []})
