"""Every parameter has a title wherever and whenever it is asked for: a place may not state one before the nation has introduced it."""

from __future__ import annotations

from datetime import date

import pytest

from tests.test_rule_cases import rulebook


@pytest.mark.parametrize("as_of", [date(1998, 1, 1), date(2010, 1, 1), date(2018, 1, 1), date(2026, 1, 1)])
def test_every_parameter_has_a_title(as_of: date) -> None:
    untitled = {
        f"{scheme.id}.{name} in {region}"
        for region in rulebook().regions()
        for scheme in rulebook().at(as_of, region).schemes.values()
        for name, parameter in scheme.parameters.items()
        if parameter.title is None or parameter.title.en in ("", name)
    }
    assert not untitled
