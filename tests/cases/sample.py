"""A small scheme with every construct that coverage knows, and cases for it."""

from __future__ import annotations

from pathlib import Path

from tests.conftest import HEAD, write

SCHEME = (
    HEAD
    + """\
parameters:
  rate:
    title: {zh: 费率, en: Rate}
    by: year
    match: from
    values: {2000: 0.08, 2020: 0.1}
  minimum_months:
    title: {zh: 最低月数, en: Minimum months}
    unit: month
    value: 180
definitions:
  year_asked:
    value: claim_month.year
  bonus:
    unit: CNY/month
    value: if insured then 10 else 0
  group:
    output: true
    title: {zh: 组别, en: Group}
    decide:
      hit: unique
      inputs: [sex]
      rows:
        - ['"male"', '"m"']
        - ['"female"', '"f"']
eligibility:
  enough_months:
    title: {zh: 月数足够, en: Enough months}
    holds: months >= minimum_months
    shortfall: minimum_months - months
benefits:
  monthly:
    title: {zh: 月待遇, en: Monthly benefit}
    unit: CNY/month
    round: {to: 0.01, mode: half up}
    value: wage * at(rate, year_asked) + bonus
conclusions:
  pay_on:
    kind: suggestion
    when: months < minimum_months
    text: {zh: 还差月数, en: "Pay on until {minimum_months}"}
"""
)

BEIJING = """\
scheme: test.scheme
in_force: {from: 2010-01-01}
region: "110000"
amends: test.scheme@2000-01-01
source: {instrument: 北京测试办法}
parameters:
  minimum_months: {value: 120}
"""

# At the 2020 rate: 5000.55 x 0.1 + 10 = 510.055, half up 510.06; 2010: 5000.55 x 0.08 = 400.044.
CASES = """\
defaults:
  as_of: 2025-06-01
  facts: {wage: "5000.55", months: 200, sex: male, insured: true, claim_month: 2025-03}
cases:
  - name: paid with a bonus
    source: worked by hand
    expect:
      test.scheme:
        status: eligible
        standing: official
        conditions: {enough_months: true}
        missing: []
        conclusions: []
        group: m
        bonus: "10"
        monthly: "510.06"
  - name: too few months
    facts: {months: 100}
    expect: {test.scheme: {status: not_eligible, conditions: {enough_months: false}, conclusions: [pay_on]}}
  - name: nobody knows the months
    facts: {months: null}
    expect: {test.scheme: {status: undetermined, conditions: {enough_months: unknown}, missing: [months]}}
"""


def sample(folder: Path, cases: str = CASES, **more: str) -> Path:
    """Write the sample rules with one case file; returns the rules folder."""
    return write(folder / "rules", {"test/scheme.yaml": SCHEME, "test/beijing.yaml": BEIJING, "test/cases/sample.yaml": cases, **more})
