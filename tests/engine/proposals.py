"""A scheme with one of every kind of clause, and clauses of proposals that change it, alone or in any combination."""

from __future__ import annotations

from collections.abc import Iterable

from tests.conftest import HEAD, NAME

SCHEME = (
    HEAD
    + """\
parameters:
  rate: {title: {zh: 费率, en: Rate}, value: 0.08}
  minimum_months: {title: {zh: 最低月数, en: Minimum months}, unit: month, value: 180}
  addition:
    title: {zh: 附加, en: Addition}
    unit: CNY/month
    by: year
    at: claim_month.year
    match: from
    values: {2020: 100, 2024: 120}
  scale:
    title: {zh: 分段, en: Scale}
    unit: CNY/month
    bands: [{above: 0, rate: 0.1}, {above: 5000, rate: 0.2}]
definitions:
  counted:
    title: {zh: 计入工资, en: Wage counted}
    unit: CNY/month
    value: wage * months / in_months(30)
  charge:
    unit: CNY/month
    round: {to: 0.01, mode: half up}
    value: progressive(counted, scale)
eligibility:
  enough_months:
    title: {zh: 月数足够, en: Enough months}
    source: {article: 二}
    holds: months >= minimum_months
    shortfall: minimum_months - months
benefits:
  basic:
    title: {zh: 基本, en: Basic part}
    unit: CNY/month
    round: {to: 0.01, mode: half up}
    value: counted * rate
  monthly:
    title: {zh: 月待遇, en: Monthly benefit}
    unit: CNY/month
    round: {to: 0.1, mode: half up}
    value: basic + addition + charge
"""
)

# By name: the section, and the lines in it.
CLAUSES = {
    "rate": ("parameters", "  rate: {value: 0.1, source: {article: 一}}\n"),
    "row": ("parameters", "  addition: {by: year, match: from, add_values: {2024: 190, 2025: 200}, source: {article: 二}}\n"),
    "bands": ("parameters", "  scale: {bands: [{above: 0, rate: 0.05}, {above: 3000, rate: 0.3}]}\n"),
    "minimum": ("parameters", "  minimum_months: {value: 240, source: {article: 四}}\n"),
    "counted": ("definitions", "  counted: {value: 'min(wage, cap) * months / in_months(30)', source: {article: 五}}\n"),
    "round_charge": ("definitions", "  charge: {round: {to: 1, mode: down}, source: {article: 六}}\n"),
    "condition": ("eligibility", "  is_insured: {title: {zh: 参保, en: Insured}, holds: insured, source: {article: 七}}\n"),
    "round_monthly": ("benefits", "  monthly: {round: {to: 1, mode: up}, source: {article: 八}}\n"),
    "monthly": ("benefits", "  monthly: {value: 'max(basic * 2 + addition, charge)', source: {article: 九}}\n"),
    "men": ("benefits", '  basic: {applies_when: sex = "male", value: counted * rate * 2, source: {article: 十}}\n'),
    "extra": ("benefits", "  extra: {title: {zh: 额外, en: Extra}, unit: CNY/month, value: basic * rate, source: {article: 十一}}\n"),
}
# New names that clauses read.
_NEW = {"counted": ("parameters", "  cap: {title: {zh: 上限, en: Cap}, unit: CNY/month, value: 4000}\n")}
ALONE = ("rate", "row", "bands", "minimum", "counted", "round_charge", "condition", "round_monthly", "men", "extra")


def proposal(names: Iterable[str], reform: str = "better") -> str:
    """A proposal of some clauses."""
    sections: dict[str, str] = {}
    for name in names:
        for section, lines in (CLAUSES[name], *([_NEW[name]] if name in _NEW else [])):
            sections[section] = sections.get(section, "") + lines
    order = ("parameters", "definitions", "eligibility", "benefits")
    body = "".join(f"{section}:\n{sections[section]}" for section in order if section in sections)
    return f"scheme: {NAME}\nin_force: {{from: 2026-01-01}}\nproposal: {reform}\nsource: {{instrument: 方案}}\namends: {NAME}@2000-01-01\n{body}"
