"""The fact dictionary's examples fit together: the document's example and the self-test are made of them."""

from __future__ import annotations

import pytest

from app.api.examples import EXAMPLE_DAY, example_body
from app.engine import Engine
from app.intake import RequestReader
from app.language import NATION
from tests.test_rule_cases import rulebook


@pytest.mark.parametrize("region", [NATION, "110000", "310000", "330000", "510100"])
def test_every_scheme_takes_them(region: str) -> None:
    law = rulebook().at(EXAMPLE_DAY, region)
    schemes = [name for name in rulebook().scheme_ids() if name in law.schemes]
    assert len(schemes) > 25
    request, _ = RequestReader(rulebook()).read_value({**example_body(rulebook()), "schemes": schemes, "region": region})
    assert len(Engine(rulebook()).evaluate(request).outcomes) == len(schemes)
