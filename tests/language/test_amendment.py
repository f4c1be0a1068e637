"""Amendment, the one mechanism for time, place and proposal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from app.language import Rulebook, ir
from tests.conftest import HEAD, NAME, ask, value
from tests.language.bad_file import definitions, parameters

Build = Callable[..., Rulebook]
NATION, BEIJING, CHAOYANG, GUANGDONG, SHENZHEN = "000000", "110000", "110105", "440000", "440300"


def amends(day: str, body: str, region: str = NATION, extra: str = "") -> str:
    return f'scheme: test.scheme\nin_force: {{from: {day}}}\nregion: "{region}"\nsource: {{instrument: 文件{day}}}\namends: test.scheme@2000-01-01\n{extra}{body}'


X = definitions("x: {value: 1}", "y: {value: x * 10}")


def at(rulebook: Rulebook, day: str, region: str = NATION, *reforms: str, name: str = "x", **request: Any) -> Any:
    return value(ask(rulebook, date.fromisoformat(day), region, reforms, facts=request.pop("facts", {}), given={}, **request), name)


def outputs(body: str) -> str:
    return body.replace("{value", "{output: true, value")


def test_time(rules: Build) -> None:
    rulebook = rules({"a.yaml": HEAD + outputs(X), "b.yaml": amends("2010-07-01", definitions("x: {value: 2}"))})
    assert [at(rulebook, day) for day in ("2000-01-01", "2010-06-30", "2010-07-01", "2030-01-01")] == [1, 1, 2, 2]
    assert at(rulebook, "2011-01-01", name="y") == 20


def test_place_is_inherited_and_the_narrower_wins_even_where_it_is_older(rules: Build) -> None:
    rulebook = rules(
        {
            "a.yaml": HEAD + outputs(X),
            "b.yaml": amends("2012-01-01", definitions("x: {value: 2}")),
            "gd.yaml": amends("2005-01-01", definitions("x: {value: 3}"), GUANGDONG),
            "sz.yaml": amends("2004-01-01", definitions("x: {value: 4}"), SHENZHEN),
        }
    )
    assert [at(rulebook, "2015-01-01", region) for region in (NATION, BEIJING, GUANGDONG, "440100", SHENZHEN, "440305")] == [2, 2, 3, 3, 4, 4]


def test_proposals_come_last_in_the_order_asked_for(rules: Build) -> None:
    rulebook = rules(
        {
            "a.yaml": HEAD + outputs(X),
            "gd.yaml": amends("2005-01-01", definitions("x: {value: 3}"), GUANGDONG),
            "p.yaml": amends("2030-01-01", definitions("x: {value: 5}"), extra="proposal: higher\n"),
            "q.yaml": amends("2030-01-01", definitions("x: {value: x_before}", "x_before: {value: 6}"), extra="proposal: other\n"),
        }
    )
    assert at(rulebook, "2025-01-01", GUANGDONG) == 3
    assert at(rulebook, "2025-01-01", GUANGDONG, "higher") == 5
    assert at(rulebook, "2025-01-01", GUANGDONG, "higher", "other") == 6
    assert at(rulebook, "2025-01-01", GUANGDONG, "other", "higher") == 5
    assert rulebook.proposals() == ["higher", "other"]


@pytest.mark.parametrize(("local_day", "expected"), [("2005-01-01", 7), ("2010-01-01", 7), ("2011-01-01", 3)])
def test_a_binding_national_file_ends_older_local_values_only(rules: Build, local_day: str, expected: int) -> None:
    rulebook = rules(
        {
            "a.yaml": HEAD + outputs(X),
            "b.yaml": amends("2010-01-01", definitions("x: {value: 7}"), extra="binding: true\n"),
            "gd.yaml": amends(local_day, definitions("x: {value: 3}"), GUANGDONG),
        }
    )
    assert at(rulebook, "2009-12-31", GUANGDONG) == (3 if local_day < "2010" else 1)
    assert at(rulebook, "2020-01-01", GUANGDONG) == expected


def test_a_binding_file_does_not_outlive_a_later_national_one(rules: Build) -> None:
    rulebook = rules(
        {
            "a.yaml": HEAD + outputs(X),
            "b.yaml": amends("2010-01-01", definitions("x: {value: 7}"), extra="binding: true\n"),
            "c.yaml": amends("2020-01-01", definitions("x: {value: 8}")),
            "gd.yaml": amends("2005-01-01", definitions("x: {value: 3}"), GUANGDONG),
        }
    )
    assert at(rulebook, "2021-01-01") == 8
    assert at(rulebook, "2021-01-01", GUANGDONG) == 8


def test_a_savings_clause_keeps_the_old_wording_for_the_others(rules: Build) -> None:
    rulebook = rules({"a.yaml": HEAD + outputs(X), "b.yaml": amends("2010-01-01", definitions("x: {value: 2}"), extra="applies_when: insured\n")})
    assert at(rulebook, "2020-01-01", facts={"insured": True}) == 2
    assert at(rulebook, "2020-01-01", facts={"insured": False}) == 1
    assert at(rulebook, "2020-01-01") is None
    assert at(rulebook, "2009-01-01") == 1


def test_an_amendment_may_change_the_rounding_alone(rules: Build) -> None:
    rulebook = rules(
        {
            "a.yaml": HEAD + definitions("x: {output: true, value: 10 / 3, round: {to: 0.01, mode: half up}}"),
            "b.yaml": amends("2010-01-01", definitions("x: {round: {to: 0.1, mode: up}}")),
            "c.yaml": amends("2012-01-01", definitions("x: {value: 20 / 3}")),
            "d.yaml": amends("2014-01-01", definitions("x: {round: none}")),
        }
    )
    shown = [str(at(rulebook, day))[:6] for day in ("2009-01-01", "2011-01-01", "2013-01-01", "2015-01-01")]
    assert shown == ["3.33", "3.4", "6.7", "6.6666"]


SERIES = parameters("p:", "  by: year", "  gaps: unknown", "  values: {2020: 1, 2021: 2}") + definitions(
    "old: {output: true, value: 'at(p, 2020)'}", "new: {output: true, value: 'at(p, 2022)'}"
)


def test_values_replace_and_add_values_add(rules: Build) -> None:
    rulebook = rules(
        {
            "a.yaml": HEAD + SERIES,
            "b.yaml": amends("2022-07-01", parameters("p: {by: year, add_values: {2022: 3}}")),
            "c.yaml": amends("2023-07-01", parameters("p: {by: year, values: {2022: 9}}")),
        }
    )
    found = [(at(rulebook, day, name="old"), at(rulebook, day, name="new")) for day in ("2022-01-01", "2023-01-01", "2024-01-01")]
    assert found == [(1, None), (1, 3), (None, 9)]


def test_a_row_is_unknown_before_it_is_published(rules: Build) -> None:
    body = SERIES.replace("2021: 2}", "2021: 2, 2022: {value: 3, published: 2022-06-30}}")
    rulebook = rules({"a.yaml": HEAD + body})
    assert at(rulebook, "2022-06-29", name="new") is None
    assert at(rulebook, "2022-06-30", name="new") == 3


def test_a_file_with_an_end_lapses(rules: Build) -> None:
    file = amends("2010-01-01", definitions("x: {value: 2}")).replace("2010-01-01}", "2010-01-01, to: 2010-12-31}", 1)
    rulebook = rules({"a.yaml": HEAD + outputs(X), "b.yaml": file})
    assert [at(rulebook, day) for day in ("2009-12-31", "2010-12-31", "2011-01-01")] == [1, 2, 1]


def test_a_scheme_whose_founding_file_ended_goes_on_in_its_successor_or_not_at_all(rules: Build) -> None:
    founding = HEAD.replace("2000-01-01}", "2000-01-01, to: 2009-12-31}") + outputs(X)
    alone = rules({"a.yaml": founding, "gd.yaml": amends("2005-01-01", definitions("x: {value: 3}"), GUANGDONG)})
    assert NAME not in alone.at(date(2010, 1, 1), GUANGDONG).schemes
    successor = amends("2010-01-01", outputs(definitions("x: {value: 2}")), extra="title: {zh: 新, en: New}\n")
    assert at(rules({"a.yaml": founding, "b.yaml": successor}), "2010-01-01") == 2


def test_two_provinces_may_each_have_a_parameter_of_one_name(rules: Build) -> None:
    rulebook = rules(
        {
            "a.yaml": HEAD + outputs(X),
            "bj.yaml": amends("2005-01-01", parameters("p: {value: 5}") + definitions("x: {value: p}"), BEIJING),
            "gd.yaml": amends("2005-01-01", parameters("p: {by: year, at: 2020, values: {2020: 6}}") + definitions("x: {value: p}"), GUANGDONG),
        }
    )
    assert (at(rulebook, "2020-01-01", CHAOYANG), at(rulebook, "2020-01-01", GUANGDONG)) == (5, 6)


def test_a_rulebook_cannot_be_changed_and_reforms_do_not_touch_it(rules: Build) -> None:
    rulebook = rules({"a.yaml": HEAD + outputs(X), "p.yaml": amends("2030-01-01", definitions("x: {value: 5}"), extra="proposal: higher\n")})
    law = rulebook.at(date(2025, 1, 1))
    rulebook.at(date(2025, 1, 1), NATION, ("higher",))
    body = law.definition(ir.Name(NAME, "x")).versions[0].body
    assert isinstance(body, ir.Const) and body.value == Decimal(1)
    for thing, name in ((law, "release"), (law.schemes[NAME], "id"), (body, "value")):
        with pytest.raises(AttributeError):
            setattr(thing, name, "changed")
    assert at(rulebook, "2025-01-01") == 1


def test_days_between_two_changes_have_one_law(rules: Build) -> None:
    rulebook = rules({"a.yaml": HEAD + outputs(X), "b.yaml": amends("2010-07-01", definitions("x: {value: 2}"))})
    assert rulebook.epochs() == [date(2000, 1, 1), date(2010, 7, 1)]
    assert rulebook.at(date(2010, 7, 1)) is rulebook.at(date(2024, 2, 29))
    assert rulebook.at(date(2010, 7, 1)) is rulebook.at(date(2024, 2, 29), "650000")
    assert rulebook.at(date(2010, 6, 30)) is not rulebook.at(date(2010, 7, 1))
    with pytest.raises(ValueError, match="no region '999999'"):
        rulebook.at(date(2010, 7, 1), "999999")


@pytest.mark.parametrize(
    ("first", "later", "read"),
    [
        ("[1, 2]", "records.index", "some i in x satisfies i > 5"),
        ("for r in records return {n: r.year}", "for r in records return {n: r.index}", "count(x[n > 5])"),
        ("{n: 1}", "{n: records[1].index}", "if x.n > 5 then 1 else 2"),
    ],
)
def test_what_a_later_wording_leaves_open_is_unknown(rules: Build, first: str, later: str, read: str) -> None:
    """Though the first wording, whose type the name has, always knows it."""
    founding = HEAD + definitions(f"x: {{value: '{first}'}}", f"y: {{output: true, value: '{read}'}}")
    rulebook = rules({"a.yaml": founding, "b.yaml": amends("2010-01-01", definitions(f"x: {{value: '{later}'}}"))})
    facts: dict[str, Any] = {"records": ({"year": Decimal(2001), "paid": Decimal(12)},)}
    assert value(ask(rulebook, as_of=date(2005, 1, 1), facts=facts), "y") is not None
    assert value(ask(rulebook, facts=facts), "y") is None
