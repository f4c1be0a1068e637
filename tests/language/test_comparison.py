"""Two versions of a scheme, compared definition by definition."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from app.language import Change, compare_schemes, load_rulebook
from tests.conftest import HEAD, NAME, write

FOUNDING = (
    HEAD
    + """\
parameters:
  rate: {by: year, values: {2000: 0.08, 2001: 0.09}}
definitions:
  base: {unit: CNY/month, value: wage, round: {to: 1, mode: half up}}
  same: {value: months}
benefits:
  monthly: {title: {zh: 待遇, en: Benefit}, unit: CNY/month, value: base}
"""
)
AMENDING = """\
scheme: test.scheme
in_force: {from: 2010-01-01}
amends: test.scheme@2000-01-01
source: {instrument: 修订, number: 测发〔2010〕1号}
parameters:
  rate: {by: year, add_values: {2001: 0.1, 2002: 0.11}}
definitions:
  base: {value: wage * 2, round: {to: 0.01, mode: up}}
  added: {value: base}
"""
GUARDED = """\
scheme: test.scheme
in_force: {from: 2020-01-01}
amends: test.scheme@2010-01-01
source: {instrument: 新人办法}
applies_when: born >= date("1980-01-01")
benefits:
  monthly: {value: base + base}
"""


def changes(tmp_path: Path, before: date, after: date) -> list[Change]:
    rulebook = load_rulebook(write(tmp_path, {"a.yaml": FOUNDING, "b.yaml": AMENDING, "c.yaml": GUARDED}))
    return list(compare_schemes(rulebook.at(before).schemes[NAME], rulebook.at(after).schemes[NAME]))


def test_an_amendment_shows_row_by_row_and_wording_by_wording(tmp_path: Path) -> None:
    rate, base, added = changes(tmp_path, date(2005, 1, 1), date(2015, 1, 1))
    assert (rate.kind, rate.what, base.what, added.what) == ("parameter", "changed", "changed", "added")
    assert [(each.what, each.before and each.before.text, each.after and each.after.text) for each in rate.details] == [
        ("row 2001", "0.09", "0.1"),
        ("row 2002", None, "0.11"),
    ]
    assert [(each.what, each.before and each.before.text, each.after and each.after.text) for each in base.details] == [
        ("expression", "wage", "wage * 2"),
        ("rounding", "to 1, half up", "to 0.01, up"),
        ("source", "测试办法（测发〔2000〕1号）", "修订（测发〔2010〕1号）"),
    ]
    expression = base.details[0]
    assert expression.before is not None
    assert expression.after is not None
    assert (str(expression.before.place), str(expression.after.place)) == ("a.yaml:8", "b.yaml:8")


def test_a_version_and_itself_do_not_differ(tmp_path: Path) -> None:
    assert changes(tmp_path, date(2015, 1, 1), date(2016, 1, 1)) == []


def test_a_wording_for_some_is_added_beside_the_old_one(tmp_path: Path) -> None:
    [monthly] = changes(tmp_path, date(2015, 1, 1), date(2021, 1, 1))
    guard = 'where born >= date("1980-01-01")'
    assert [(each.what, each.before) for each in monthly.details] == [(f"expression {guard}", None), (f"source {guard}", None)]


def test_what_is_gone_is_removed(tmp_path: Path) -> None:
    kinds = {change.name: change.what for change in changes(tmp_path, date(2015, 1, 1), date(2005, 1, 1))}
    assert kinds == {"rate": "changed", "base": "changed", "added": "removed"}
