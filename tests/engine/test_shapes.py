"""What explanations keep for cases of the same shape, and what followed of the same readings: an answer never shows who asked before."""

from __future__ import annotations

import random
from datetime import date
from decimal import Decimal
from typing import Any

import orjson
import pytest

from app.engine import Engine, InputError, answer_json
from app.engine.inference import MAX_KNOWN, SchemeRules
from app.engine.kept import Kept
from app.intake import RequestReader
from tests.advice.cases import FIXTURES
from tests.test_rule_cases import rulebook

AS_OF, REGION, PERSONS = "2026-03-01", "110000", 60


@pytest.fixture(scope="module")
def bodies() -> list[dict[str, Any]]:
    """Persons made of the fixtures' facts, each fact of any fixture or left out, asked of every scheme in force; and each of
    them with one amount moved, so that what reads it only through another scheme sees the rest alike."""
    draw = random.Random(20261121)
    known: dict[str, list[Any]] = {}
    for path in FIXTURES:
        for name, value in orjson.loads(path.read_bytes())["facts"].items():
            known.setdefault(name, []).append(value)
    law = rulebook().at(date.fromisoformat(AS_OF), REGION, ())
    asked = {"as_of": AS_OF, "region": REGION, "schemes": [each for each in rulebook().scheme_ids() if each in law.schemes]}
    found = []
    for _ in range(PERSONS):
        share = draw.choice((0.3, 0.6, 0.9))
        facts = {name: draw.choice(values) for name, values in known.items() if draw.random() < share}
        found.append({**asked, "facts": facts})
        amounts = [name for name, value in facts.items() if isinstance(value, str) and value.replace(".", "", 1).isdigit()]
        found += [{**asked, "facts": {**facts, name: str(Decimal(facts[name]) + by)}} for name in draw.sample(amounts, min(3, len(amounts))) for by in (1, 700)]
    return found


def test_an_answer_is_the_same_whoever_asked_before(bodies: list[dict[str, Any]]) -> None:
    """Each case answered by an engine that has answered all the others, and once all that has been forgotten."""
    reader, engine = RequestReader(rulebook()), Engine(rulebook())
    answered = [(body, answer) for body in bodies if (answer := _answer(engine, reader, body)) is not None]
    assert len(answered) > PERSONS / 2
    for body, answer in reversed(answered):
        request, _ = reader.read_value(dict(body))
        engine.program(request.as_of, request.region, request.reforms, request.schemes).kept = Kept()
        assert _answer(engine, reader, body) == answer


def _answer(engine: Engine, reader: RequestReader, body: dict[str, Any]) -> bytes | None:
    try:
        request, _ = reader.read_value(dict(body))
        return answer_json(engine.evaluate(request))
    except InputError:  # what is left of a case may not be plausible
        return None


def test_agreement_is_known_only_of_the_very_same_readings(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    ask = SchemeRules.fired

    def counted(self: SchemeRules, *facts: Any) -> frozenset[str]:
        asked.append(self.name)
        return ask(self, *facts)

    monkeypatch.setattr(SchemeRules, "fired", counted)
    engine, reader = Engine(rulebook()), RequestReader(rulebook())
    body = orjson.loads(FIXTURES[0].read_bytes())
    seen = []
    for birth_date in ("1965-06-15", "1965-06-15", "1990-06-15", "1965-06-15"):
        request, _ = reader.read_value({**body, "schemes": ["pension.employee"], "facts": {**body["facts"], "birth_date": birth_date}})
        seen.append((engine.evaluate(request).outcomes[0].status, asked.count("pension.employee")))
    first, again, younger, back = seen
    assert again == first == ("eligible", 1)
    assert younger == ("not_eligible", 2)
    assert back == ("eligible", 2)


def test_what_is_known_has_an_end() -> None:
    engine, reader = Engine(rulebook()), RequestReader(rulebook())
    body = orjson.loads(FIXTURES[0].read_bytes())
    for day in range(MAX_KNOWN + 20):
        birth_date = f"19{60 + day // 300}-{1 + day // 28 % 12:02}-{1 + day % 28:02}"
        request, _ = reader.read_value({**body, "schemes": ["pension.retirement_age"], "facts": {**body["facts"], "birth_date": birth_date}})
        engine.evaluate(request)
    assert all(len(rules._agreed) <= MAX_KNOWN for rules in engine._rules.values())
