"""What random rulebooks stand on: facts, parameters, other schemes, and the values that rules turn on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

SCHEME = "test.random"
REGIONS = ("110000", "310000", "310115")
REFORM = "bolder"

FACTS = """\
facts:
  wide: {type: number, decimals: 6, at_least: -1000000, at_most: 1000000, title: {zh: a, en: a}}
  money: {type: number, decimals: 2, at_least: 0, at_most: 1000000000, title: {zh: a, en: a}}
  share: {type: number, decimals: 4, at_least: 0, at_most: 10, title: {zh: a, en: a}}
  fine: {type: number, decimals: 3, at_least: -100, at_most: 100000, title: {zh: a, en: a}}
  vast: {type: number, decimals: 6, at_least: 0, at_most: 999999999999999, title: {zh: a, en: a}}
  small: {type: whole, at_least: 0, at_most: 120, title: {zh: a, en: a}}
  around: {type: whole, at_least: -5, at_most: 5, title: {zh: a, en: a}}
  huge: {type: whole, at_least: 0, at_most: 100000000000, title: {zh: a, en: a}}
  the_year: {type: whole, at_least: 1990, at_most: 2040, title: {zh: a, en: a}}
  months: {type: whole, unit: month, at_least: -600, at_most: 1200, title: {zh: a, en: a}}
  kind: {type: enum, values: {a: {zh: a, en: a}, bb: {zh: b, en: b}, Ca: {zh: c, en: c}, 社保: {zh: d, en: d}}, title: {zh: a, en: a}}
  mode: {type: enum, values: {x: {zh: x, en: x}, bb: {zh: y, en: y}}, title: {zh: a, en: a}}
  flag: {type: boolean, title: {zh: a, en: a}}
  open: {type: boolean, title: {zh: a, en: a}}
  born: {type: date, earliest: 1900-01-01, latest: 2100-12-31, title: {zh: a, en: a}}
  claim: {type: date, earliest: 1951-01-01, latest: 2150-12-31, title: {zh: a, en: a}}
  any_day: {type: date, title: {zh: a, en: a}}
  begun: {type: month, earliest: 1990-01-01, latest: 2050-12-31, title: {zh: a, en: a}}
  any_month: {type: month, title: {zh: a, en: a}}
  town: {type: region, title: {zh: a, en: a}}
  file:
    type: record
    title: {zh: a, en: a}
    fields:
      sum: {type: number, decimals: 2, at_least: 0, at_most: 1000000, required: true, title: {zh: a, en: a}}
      grade: {type: whole, at_least: 0, at_most: 9, title: {zh: a, en: a}}
      made: {type: date, title: {zh: a, en: a}}
      sort: {type: enum, values: {x: {zh: x, en: x}, yy: {zh: y, en: y}}, title: {zh: a, en: a}}
      valid: {type: boolean, title: {zh: a, en: a}}
  rows:
    type: list
    max_items: 40
    order_by: year
    title: {zh: a, en: a}
    one_of: [index, base]
    item:
      year: {type: whole, required: true, at_least: 1990, at_most: 2040, title: {zh: a, en: a}}
      paid: {type: whole, required: true, at_least: 0, at_most: 12, title: {zh: a, en: a}}
      index: {type: number, decimals: 6, at_least: 0, at_most: 30, title: {zh: a, en: a}}
      base: {type: number, decimals: 2, at_least: 0, at_most: 10000000, title: {zh: a, en: a}}
      day: {type: date, title: {zh: a, en: a}}
      tag: {type: enum, values: {x: {zh: x, en: x}, bb: {zh: y, en: y}, z: {zh: z, en: z}}, title: {zh: a, en: a}}
      sure: {type: boolean, title: {zh: a, en: a}}
      place: {type: region, title: {zh: a, en: a}}
  events:
    type: list
    max_items: 12
    order_by: day
    title: {zh: a, en: a}
    item:
      day: {type: date, required: true, earliest: 1980-01-01, latest: 2060-12-31, title: {zh: a, en: a}}
      amount: {type: number, decimals: 3, at_least: -1000, at_most: 100000, required: true, title: {zh: a, en: a}}
      tag: {type: enum, required: true, values: {x: {zh: x, en: x}, bb: {zh: y, en: y}, z: {zh: z, en: z}}, title: {zh: a, en: a}}
      since: {type: month, title: {zh: a, en: a}}
  lots:
    type: list
    max_items: 9
    order_by: size
    title: {zh: a, en: a}
    item:
      size: {type: number, decimals: 2, required: true, at_least: 0, at_most: 50, title: {zh: a, en: a}}
      price: {type: number, decimals: 4, at_least: 0, at_most: 100, title: {zh: a, en: a}}
      big: {type: whole, at_least: 0, at_most: 99999999999, title: {zh: a, en: a}}
checks:
  claim_before_birth:
    holds: claim >= born - duration("P70Y")
    pointer: claim
    message: {zh: a, en: a}
  rows_before_birth:
    holds: min(rows.year) > born.year - 60
    pointer: rows
    message: {zh: a, en: a}
assumptions:
  growth: {type: rate, title: {zh: a, en: a}}
  interest: {type: rate, title: {zh: a, en: a}}
  hold: {type: boolean, title: {zh: a, en: a}}
"""

HEAD = f"""\
scheme: {SCHEME}
title: {{zh: 测试, en: Test}}
in_force: {{from: 2000-01-01}}
source: {{instrument: 测试办法}}
"""

PARAMETERS = """\
parameters:
  one: {value: 0.0825}
  minus: {value: -12.345}
  yes: {type: boolean, value: true}
  key_day: {type: date, value: 2015-06-30}
  key_month: {type: month, value: 2016-02}
  word: {type: string, value: bb}
  unset: {by: year}
  unset_single: {}
  by_year: {by: year, at: claim.year, values: {2010: 100.5, 2011: 101, 2012: 140.25, 2013: 150}}
  with_gaps: {by: year, gaps: unknown, values: {2000: 1, 2005: -2.5, 2020: 3.125}}
  grown: {by: year, values: {2018: 1000, 2019: 1100.5}, extend: {with: growth, how: grow, round: {to: 0.01, mode: half up}, provisional: hold}}
  grown_raw: {by: year, values: {2018: 3}, extend: {with: growth, how: grow}}
  set_on: {by: year, values: {2018: 0.03, 2019: 0.04}, extend: {with: interest, how: set}}
  stepped: {by: number, match: from, values: {-3: 0.5, 0: 0.7, 1.5: 0.9, 10: 2, 60.25: 3}}
  rungs: {by: number, values: {1: 10, 2: 20, 3: 35}}
  ages: {by: months, match: from, values: {0: 1, 12: 2, 480: 3.5, 600: 4}}
  since: {by: date, match: from, values: {1990-01-01: 1, 2006-01-01: 2, 2015-07-01: 3.5}}
  monthly: {by: month, match: from, values: {2000-01: 10, 2016-02: 12.5}}
  monthly_exact: {by: month, gaps: unknown, values: {2016-02: 1, 2016-03: 2}}
  month_grown: {by: month, values: {2016-02: 100}, extend: {with: growth, how: grow, round: {to: 0.01, mode: half up}}}
  coded: {by: code, values: {a: 1, bb: 2.5, "110000": 3, x: 4}}
  coded_yes: {by: code, type: boolean, values: {a: true, bb: false, 社保: true}}
  coded_day: {by: code, type: date, values: {x: 2001-01-31, bb: 2016-02-29}}
  coded_word: {by: code, type: string, values: {x: a, bb: 社保, "310000": zz}}
  scale: {bands: [{above: 0, rate: 0.03}, {above: 36000.5, rate: 0.1}, {above: 144000, rate: 0.225}]}
  low_scale: {bands: [{above: -10, rate: 0.5}, {above: 2.125, rate: -0.1}]}
"""

# Other schemes: one in force everywhere, amended in a place, and two that are not in force on the day the rules are asked about.
OTHER_SCHEMES = {
    "other.yaml": HEAD.replace(SCHEME, "test.other") + """\
eligibility:
  o1: {title: {zh: a, en: a}, holds: small >= 50}
  o2: {title: {zh: a, en: a}, holds: 'flag or money > 1000'}
""",
    "other_310000.yaml": """\
scheme: test.other
region: "310000"
amends: test.other@2000-01-01
in_force: {from: 2001-01-01}
source: {instrument: 地方办法}
eligibility:
  o3: {title: {zh: a, en: a}, holds: not(open)}
""",
    "begins.yaml": HEAD.replace(SCHEME, "test.later").replace("2000", "2040") + "parameters:\n  fee: {value: 3}\n  toll: {bands: [{above: 0, rate: 0.1}]}\ndefinitions:\n  due: {value: wide + fee}\n  sure: {value: flag}\n",
    "ended.yaml": HEAD.replace(SCHEME, "test.ended").replace("2000-01-01}", "2000-01-01, to: 2004-12-31}"),
}

NUMBERS = ("0", "1", "2", "0.5", "-1", "3", "12", "0.08", "1.0825", "100", "0.005", "-2.5", "1000000", "7", "139", "0.333333", "60.25", "36000.5")
DAYS = (date(2000, 2, 29), date(2015, 6, 30), date(2015, 7, 1), date(2006, 1, 1), date(1990, 1, 1), date(2016, 2, 29), date(2010, 1, 31), date(2019, 12, 31))
OTHERS = ("test.other.eligible", "test.other.o1", "test.later.eligible", "test.ended.eligible", "test.later.sure")
OTHER_NUMBERS = ("test.later.due", "test.later.fee")
WORDS = ("a", "bb", "Ca", "社保", "x", "z", "110000", "310000", "")
STEPS = ("0.01", "0.01", "1", "0.5", "0.1", "10", "5", "0.001", "2", "100", "0.02")
NUMBER_HINTS = tuple(Decimal(text) for text in NUMBERS)

Make = Callable[[int], str]


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
