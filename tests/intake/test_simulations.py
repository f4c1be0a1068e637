"""What is asked of a population, read from a body and written as one."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.engine import InputError
from app.intake import NamedPeople, SimulationReader, SimulationRequest, SyntheticPeople
from app.intake.simulations import NextYuan
from app.language import load_rulebook

SMALL_RULES = Path(__file__).resolve().parents[1] / "data" / "rules_small"
READER = SimulationReader(load_rulebook(SMALL_RULES), 5_000, today=lambda: date(2026, 3, 1))

days = st.dates(date(2006, 1, 1), date(2150, 12, 31))
yuan = st.decimals(Decimal("0.01"), Decimal(1_000_000), places=2)
people = st.builds(SyntheticPeople, st.integers(1, 5_000), st.integers(0, 2**31 - 1)) | st.builds(NamedPeople, st.text(min_size=1, max_size=100))
requests = st.builds(
    SimulationRequest,
    as_of=days,
    schemes=st.just(("pension.small",)),
    people=people,
    region=st.sampled_from(["000000", "110000", "220122"]),
    reforms=st.sampled_from([(), ("lower_minimum",)]),
    against_as_of=st.none() | days,
    assumptions=st.fixed_dictionaries(
        {}, optional={"wage_growth": st.decimals(Decimal("-0.2"), Decimal("0.3"), places=8), "pay_on_last_base": st.booleans()}
    ),
    poverty_line=st.none() | yuan,
    next_yuan=st.none() | st.builds(NextYuan, st.sampled_from(["account_balance", "deemed_contribution_months"]), yuan, st.integers(1, 5_000)),
    income_has_benefits=st.none() | st.booleans(),
    undetermined_as_nothing=st.none() | st.booleans(),
)


@given(requests)
def test_a_request_is_what_its_body_says(request: SimulationRequest) -> None:
    assert READER.read_value(json.loads(json.dumps(request.to_json()))) == request


def test_what_is_left_out() -> None:
    request = READER.read(b'{"schemes": ["pension.small"], "population": {"size": 10}}')
    assert request == SimulationRequest(date(2026, 3, 1), ("pension.small",), SyntheticPeople(10))
    assert [request.choice(stated) for stated in (None, True, False)] == [True, True, False]
    named = READER.read(b'{"schemes": ["pension.small"], "population": {"name": "jilin"}}')
    assert [named.choice(stated) for stated in (None, True, False)] == [False, True, False]


def test_every_fault_is_told_at_once() -> None:
    body = {
        "as_of": "2026-02-30",
        "schemes": [],
        "population": {"size": "many", "seed": -1},
        "next_yuan": {"fact": "account_balance", "step": "0"},
        "regon": "1",
    }
    with pytest.raises(InputError) as caught:
        READER.read_value(body)
    assert sorted((fault.pointer, fault.code) for fault in caught.value.faults) == [
        ("/as_of", "no_such_date"),
        ("/next_yuan/step", "too_small"),
        ("/population/seed", "too_small"),
        ("/population/size", "wrong_form"),
        ("/regon", "unknown_field"),
        ("/schemes", "wrong_length"),
    ]
