"""What columns and groups are called."""

from __future__ import annotations

from app.language import Title

from .tables import Column, ColumnKind

STATUS_TITLES = {
    "eligible": Title("符合", "Entitled"),
    "not_eligible": Title("不符合", "Not entitled"),
    "undetermined": Title("无法判定", "Undetermined"),
    "rejected": Title("输入有误", "Rejected"),
}
BASIS_TITLES = {"month": Title("按月", "a month"), "once": Title("一次性", "once"), "none": Title("无金额", "no money")}
UNKNOWN = Title("未知", "not known")

_NAMED: dict[str, tuple[ColumnKind, str, str]] = {
    "scheme": ("code", "险种代码", "Scheme"),
    "scheme_zh": ("text", "险种", "Scheme (zh)"),
    "scheme_en": ("text", "险种（英）", "Scheme title"),
    "basis": ("code", "发放方式", "Paid"),
    "benefit": ("code", "待遇代码", "Benefit"),
    "benefit_zh": ("text", "待遇", "Benefit (zh)"),
    "benefit_en": ("text", "待遇（英）", "Benefit title"),
    "unit": ("code", "单位", "Unit"),
    "side": ("code", "情形", "Situation"),
    "region": ("code", "地区代码", "Region code"),
    "region_name": ("text", "地区", "Region"),
    "group": ("code", "组别", "Group"),
    "rows": ("rows", "样本行数", "Rows"),
    "persons": ("persons", "人数", "Persons"),
    "eligible": ("persons", "符合", "Entitled"),
    "not_eligible": ("persons", "不符合", "Not entitled"),
    "undetermined": ("persons", "无法判定", "Undetermined"),
    "rejected": ("persons", "输入有误", "Rejected"),
    "cost_month": ("money", "每月支出（元）", "Cost a month (CNY)"),
    "cost_year": ("money", "每年支出（元）", "Cost a year (CNY)"),
    "cost_once": ("money", "一次性支出（元）", "Cost once (CNY)"),
    "average": ("money", "人均（元）", "Average (CNY)"),
    "median": ("money", "中位数（元）", "Median (CNY)"),
    "gainers": ("persons", "受益人数", "Gainers"),
    "losers": ("persons", "受损人数", "Losers"),
    "unchanged": ("persons", "不变", "Unchanged"),
    "not_compared": ("persons", "无法比较", "Not comparable"),
    "gainers_share": ("share", "受益占比", "Share who gain"),
    "losers_share": ("share", "受损占比", "Share who lose"),
    "gained": ("money", "增加合计（元）", "Total gain (CNY)"),
    "lost": ("money", "减少合计（元）", "Total loss (CNY)"),
    "mean_gain": ("money", "受益者人均增加（元）", "Mean gain (CNY)"),
    "mean_loss": ("money", "受损者人均减少（元）", "Mean loss (CNY)"),
    "mean_change": ("money", "全体人均变化（元）", "Mean change (CNY)"),
    "biggest_gain": ("money", "最大增加（元）", "Biggest gain (CNY)"),
    "biggest_loss": ("money", "最大减少（元）", "Biggest loss (CNY)"),
    "change": ("money", "变化（元）", "Change (CNY)"),
    "change_month": ("money", "每月支出变化（元）", "Change a month (CNY)"),
    "change_year": ("money", "每年支出变化（元）", "Change a year (CNY)"),
    "change_once": ("money", "一次性支出变化（元）", "Change once (CNY)"),
    "before_status": ("code", "改革前", "Before"),
    "after_status": ("code", "改革后", "After"),
    "total": ("figure", "合计", "Total"),
    "mean": ("figure", "均值", "Mean"),
    "least": ("figure", "最小", "Least"),
    "most": ("figure", "最大", "Most"),
    "gini": ("measure", "基尼系数", "Gini coefficient"),
    "poverty_line": ("measure", "贫困线（元/月）", "Poverty line (CNY/month)"),
    "poor": ("measure", "贫困人数", "Poor persons"),
    "poverty_rate": ("measure", "贫困发生率", "Poverty rate"),
    "poverty_gap": ("measure", "贫困差距指数", "Poverty gap index"),
    "mean_gap": ("measure", "贫困者人均差距（元/月）", "Mean gap of the poor (CNY/month)"),
    "income_mean": ("measure", "人均收入（元/月）", "Mean income (CNY/month)"),
    "income_median": ("measure", "收入中位数（元/月）", "Median income (CNY/month)"),
    "persons_share": ("measure", "累计人口占比", "Cumulative share of persons"),
    "income_share": ("measure", "累计收入占比", "Cumulative share of income"),
}
_AFTER = "after_"


def column(name: str) -> Column:
    """A column by its name; `after_` before a known name is the same after the reform."""
    if name in _NAMED:
        kind, zh, en = _NAMED[name]
        return Column(name, kind, Title(zh, en))
    kind, zh, en = _NAMED[name.removeprefix(_AFTER)]
    return Column(name, kind, Title(f"改革后{zh}", f"{en}, after"))


def columns(names: str) -> tuple[Column, ...]:
    """Columns by their names, written one after another."""
    return tuple(column(name) for name in names.split())
