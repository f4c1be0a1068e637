"""The charts of a report, from its tables: what is shown, as Vega-Lite specifications with titles in either language."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from app.engine import Language
from app.language import Title

from .drawing import Spec
from .inequality import SIDE_TITLES
from .measures import TOGETHER
from .tables import ReportTable
from .words import STATUS_TITLES, UNKNOWN

Record = dict[str, Any]
BEFORE, AFTER = Title("现行", "Before"), Title("改革后", "After")
_YUAN_MONTH = Title("元/月", "CNY a month")
_PERSONS = Title("人数", "Persons")
_PLAIN, _PERCENT = ",", ".0%"
# Large figures in the words of the language, on the axis of a chart.
_LARGE = {"zh": ((1e8, "亿"), (1e4, "万")), "en": ((1e9, " bn"), (1e6, " m"), (1e3, " k"))}
_WIDTH, _BAR = 520, 22


@dataclass(frozen=True, slots=True)
class Chart:
    """`spec` gives the specification in a language."""

    name: str
    title: Title
    spec: Callable[[Language], Spec]


def report_charts(tables: Iterable[ReportTable]) -> list[Chart]:
    """Every chart that the tables have something to show for."""
    found = {table.name: table for table in tables}
    makers: tuple[tuple[str, Callable[[ReportTable], list[Chart]]], ...] = (
        ("summary", _costs),
        ("by_region", lambda table: _groups(table, "region_name", Title("各地每月支出", "Cost a month by region"), "cost_month", _YUAN_MONTH)),
        ("by_age", lambda table: _groups(table, "group", Title("各年龄组符合人数", "Entitled persons by age group"), "eligible", _PERSONS)),
        ("by_decile", lambda table: _groups(table, "group", Title("各收入组每月支出", "Cost a month by income decile"), "cost_month", _YUAN_MONTH)),
        ("by_decile", _who_gains),
        ("by_decile", _mean_changes),
        ("status_changes", _status_changes),
        ("lorenz", _lorenz),
        ("cliffs_by_decile", _cliffs),
        ("pool", _pool),
    )
    return [chart for name, make in makers if name in found for chart in make(found[name])]


def _costs(table: ReportTable) -> list[Chart]:
    rows = [row for row in table.records() if row.get("cost_month") is not None]
    if not rows:
        return []

    def spec(language: Language) -> Spec:
        values = _sides(rows, lambda row: {"name": row[f"scheme_{language}"]}, "cost_month", language)
        return _bars(values, Title("各险种每月支出", "Cost a month by scheme"), language, _YUAN_MONTH)

    return [Chart("cost_by_scheme", Title("各险种每月支出", "Cost a month by scheme"), spec)]


def _groups(table: ReportTable, label: str, title: Title, measure: str, unit: Title) -> list[Chart]:
    """Bars by group, of the scheme that stands for all."""
    rows = [row for row in _main(table) if row.get(measure) is not None]
    if not rows:
        return []

    def spec(language: Language) -> Spec:
        values = _sides(rows, lambda row: {"name": _label(row[label], language)}, measure, language)
        return _bars(values, _of(title, rows[0]), language, unit)

    return [Chart(table.name if measure == "eligible" else f"cost_{table.name}", _of(title, rows[0]), spec)]


def _who_gains(table: ReportTable) -> list[Chart]:
    rows = [row for row in _main(table) if row.get("gainers") is not None]
    if not rows:
        return []
    title = _of(Title("各收入组受益与受损", "Gainers and losers by income decile"), rows[0])
    words = {"gainers": Title("受益", "Gain"), "unchanged": Title("不变", "Unchanged"), "losers": Title("受损", "Lose")}

    def spec(language: Language) -> Spec:
        values = [
            {"name": _label(row["group"], language), "side": words[name].in_language(language), "value": float(row[name]), "order": index}
            for row in rows
            for index, name in enumerate(words)
        ]
        drawn = _bars(values, title, language, Title("占比", "Share"), stacked=True)
        drawn["encoding"]["color"]["scale"] = {
            "domain": [word.in_language(language) for word in words.values()],
            "range": ["#5a9e6f", "#cfcfcf", "#c8553d"],
        }
        return drawn

    return [Chart("gainers_losers_by_decile", title, spec)]


def _mean_changes(table: ReportTable) -> list[Chart]:
    rows = [row for row in _main(table) if row.get("mean_change") is not None]
    if not rows:
        return []
    title = _of(Title("各收入组人均变化", "Mean change by income decile"), rows[0])

    def spec(language: Language) -> Spec:
        values = [{"name": _label(row["group"], language), "value": float(row["mean_change"])} for row in rows]
        return _bars(values, title, language, _YUAN_MONTH, number=_PLAIN)

    return [Chart("mean_change_by_decile", title, spec)]


def _status_changes(table: ReportTable) -> list[Chart]:
    rows = _main(table)
    title = _of(Title("资格变化（人数）", "Changes of status (persons)"), rows[0])

    def spec(language: Language) -> Spec:
        words = {name: word.in_language(language) for name, word in STATUS_TITLES.items()}
        values: list[Record] = [
            {"before": words[row["before_status"]], "after": words[row["after_status"]], "persons": float(row["persons"])}
            for row in rows
            if row["persons"]
        ]
        order = [words[name] for name in STATUS_TITLES]
        place = {
            "x": {
                "field": "after",
                "type": "nominal",
                "title": AFTER.in_language(language),
                "sort": order,
                "axis": {"labelAngle": 0, "orient": "top"},
            },
            "y": {"field": "before", "type": "nominal", "title": BEFORE.in_language(language), "sort": order},
        }
        most = max((row["persons"] for row in values), default=0)
        shade = {"field": "persons", "type": "quantitative", "scale": {"scheme": "blues", "domainMin": 0}, "legend": None}
        ink = {"condition": {"test": f"datum.persons > {most / 2}", "value": "white"}, "value": "black"}
        text = {"text": {"field": "persons", "type": "quantitative", "format": _PLAIN}, "color": ink}
        return {
            **_head(title, language),
            "width": 360,
            "height": {"step": 44},
            "data": {"values": values},
            "encoding": place,
            "layer": [{"mark": "rect", "encoding": {"color": shade}}, {"mark": "text", "encoding": text}],
        }

    return [Chart("status_changes", title, spec)]


def _lorenz(table: ReportTable) -> list[Chart]:
    rows = table.records()
    title = Title("洛伦兹曲线", "Lorenz curves")

    def spec(language: Language) -> Spec:
        values = [{**row, "side": SIDE_TITLES[row["side"]].in_language(language)} for row in rows]
        values += [{"side": Title("完全平均", "Equality").in_language(language), "persons_share": end, "income_share": end} for end in (0.0, 1.0)]
        axis = {"type": "quantitative", "axis": {"format": _PERCENT}}
        return {
            **_head(title, language),
            "width": 420,
            "height": 320,
            "data": {"values": values},
            "mark": {"type": "line", "strokeWidth": 2},
            "encoding": {
                "x": {"field": "persons_share", "title": Title("累计人口", "Persons, poorest first").in_language(language), **axis},
                "y": {"field": "income_share", "title": Title("累计收入", "Income they have").in_language(language), **axis},
                "color": {"field": "side", "type": "nominal", "title": None, "sort": None},
            },
        }

    return [Chart("lorenz", title, spec)]


def _cliffs(table: ReportTable) -> list[Chart]:
    rows = [row for row in _main(table) if row.get("cliff_share") is not None]
    if not rows:
        return []
    title = _of(Title("各组处于悬崖的人所占比例", "Share of persons on a cliff, by decile"), rows[0])

    def spec(language: Language) -> Spec:
        values = [{"name": _label(row["group"], language), "value": float(row["cliff_share"])} for row in rows]
        return _bars(values, title, language, Title("占比", "Share"), number=".1%")

    return [Chart("cliffs_by_decile", title, spec)]


def _pool(table: ReportTable) -> list[Chart]:
    rows = [row for row in table.records() if row["region"] != "total"]
    title = Title("各地当月收支差", "The pool's balance by region")

    def spec(language: Language) -> Spec:
        values = [{"name": row["region_name"], "value": float(row["balance"])} for row in rows]
        return _bars(values, title, language, _YUAN_MONTH)

    return [Chart("pool_balance", title, spec)] if rows else []


# -- parts ------------------------------------------------------------------------------------------


def _main(table: ReportTable) -> list[Record]:
    """The rows of all schemes together where there are any, else of the first scheme of the table."""
    rows = table.records()
    together = [row for row in rows if row["scheme"] == TOGETHER]
    if together or not rows:
        return together
    paid = next((row for row in rows if row["basis"] != "none"), rows[0])
    return [row for row in rows if (row["scheme"], row["basis"]) == (paid["scheme"], paid["basis"])]


def _of(title: Title, row: Mapping[str, Any]) -> Title:
    return Title(f"{title.zh}：{row['scheme_zh']}", f"{title.en}: {row['scheme_en']}")


def _label(name: str, language: Language) -> str:
    return UNKNOWN.in_language(language) if name in (UNKNOWN.zh, UNKNOWN.en) else name


def _sides(rows: Iterable[Record], label: Callable[[Record], Record], measure: str, language: Language) -> list[Record]:
    """A value a row, or two where the reform is compared."""
    values = []
    for row in rows:
        for index, (prefix, word) in enumerate((("", BEFORE), ("after_", AFTER))):
            if row.get(prefix + measure) is not None:
                values.append({**label(row), "side": word.in_language(language), "value": float(row[prefix + measure]), "order": index})
    return values


def _head(title: Title, language: Language) -> Spec:
    return {"title": title.in_language(language)}


def _large(language: Language) -> str:
    """A Vega expression for an axis label."""
    words = "".join(f"abs(datum.value) >= {size:g} ? format(datum.value / {size:g}, ',') + '{word}' : " for size, word in _LARGE[language])
    return words + "format(datum.value, ',')"


def _bars(values: list[Record], title: Title, language: Language, unit: Title, *, number: str | None = None, stacked: bool = False) -> Spec:
    """Bars lying on their side, one a name; side by side (or stacked to the whole) where there are several sides."""
    axis = {"format": _PERCENT} if stacked else {"labelExpr": _large(language)} if number is None else {"format": number}
    encoding: Spec = {
        "y": {"field": "name", "type": "nominal", "sort": None, "title": None},
        "x": {"field": "value", "type": "quantitative", "title": unit.in_language(language), "axis": axis},
    }
    sides = list(dict.fromkeys(row["side"] for row in values if "side" in row))
    if len(sides) > 1:
        encoding["color"] = {"field": "side", "type": "nominal", "title": None, "sort": sides}
        encoding["order"] = {"field": "order"}
        if stacked:
            encoding["x"]["stack"] = "normalize"
        else:
            encoding["x"]["stack"] = None
            encoding["yOffset"] = {"field": "side", "sort": sides}
    height = {"step": _BAR if stacked or len(sides) < 2 else _BAR // 2}
    return {**_head(title, language), "width": _WIDTH, "height": height, "data": {"values": values}, "mark": "bar", "encoding": encoding}
