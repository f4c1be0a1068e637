"""The whole report of a run: tables as CSV and Parquet, charts as PNG, one page, and the headline figures."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import orjson

from app.language import Rulebook, Title

from .charts import report_charts
from .drawing import picture_language, to_png
from .income import HOW_TO_ADD
from .inequality import inequality_tables
from .measures import Benefit, Entry, entries, number_benefits, scheme_titles
from .options import ReportOptions
from .outcomes import benefit_table, outcome_tables
from .page import Fact, render_page
from .people import load_people
from .pool import PoolQuestion, can_report, pool_balances, pool_tables
from .run_files import Run, check_benefits, open_run
from .tables import ReportTable, write_table

PAGE, HEADLINE = "report.html", "report.json"
_TITLE = Title("社会保险测算报告", "Report of a simulation of social insurance")
_AS_NOTHING = Title(
    "比较与收入统计中，无法判定者按无待遇计。", "Where people are compared and incomes added up, who is undetermined is taken to be paid nothing."
)
_NO_FONT = Title(
    "本机没有中文字体，PNG 图以英文标注；网页中的图不受影响。",
    "This machine has no Chinese font: PNG pictures are labelled in English; those on the page are not affected.",
)


@dataclass(frozen=True, slots=True)
class ReportFiles:
    """What a report wrote: the folder, the page, the headline figures, and every file by name."""

    folder: Path
    page: Path
    headline: Path
    files: tuple[Path, ...]


def write_report(
    run_folder: Path, out: Path, rulebook: Rulebook, options: ReportOptions | None = None, *, extra: Sequence[ReportTable] = ()
) -> ReportFiles:
    """Report on the run in a folder. `extra` are tables made elsewhere (`cliffs.cliff_tables`), shown with the rest.

    `rulebook` gives titles and units; it is the one the run was made with. Raises RunError where the folder is no
    finished run or its results do not fit, MeasureError where the options name a benefit that is none.
    """
    options = options or ReportOptions()
    run = open_run(run_folder)
    benefits = check_benefits(run, number_benefits(rulebook, run.as_of, run.reforms, run.schemes))
    lines = entries(benefits, scheme_titles(rulebook, run.as_of, run.reforms), run.schemes, options.measures)
    out.mkdir(parents=True, exist_ok=True)
    _remove_earlier(out)
    with tempfile.TemporaryDirectory(dir=out, prefix=".work-") as work:
        tables, notes = _tables(run, benefits, lines, options, Path(work))
    tables += extra
    if rulebook.release != run.release:
        zh = f"测算所用规则版本为 {run.release}，本报告的名称与单位取自 {rulebook.release}。"
        notes.append(Title(zh, f"The run was made with release {run.release}; titles and units here are those of {rulebook.release}."))
    return _write(run, lines, tables, notes, out, charts=options.charts)


def _remove_earlier(out: Path) -> None:
    """Remove the files of an earlier report in the folder, so that none is taken for a part of this one."""
    headline = out / HEADLINE
    if headline.is_file():
        for name in orjson.loads(headline.read_bytes()).get("files", ()):
            (out / Path(name).name).unlink(missing_ok=True)


def _tables(
    run: Run, benefits: Sequence[Benefit], lines: Sequence[Entry], options: ReportOptions, work: Path
) -> tuple[list[ReportTable], list[Title]]:
    """Every table, from a database in memory that spills to `work`, so that any number of rows fits."""
    notes: list[Title] = []
    if options.undetermined_as_nothing:
        notes.append(_AS_NOTHING)
    db = duckdb.connect(config={"memory_limit": options.memory, "temp_directory": str(work)})
    try:
        basis = load_people(db, run, lines, options)
        tables = outcome_tables(db, run, lines, options.age_groups())
        tables.append(benefit_table(db, run, benefits))
        inequality = inequality_tables(db, basis, options, run.has_reform)
        tables += inequality
        if not basis.available:
            notes.append(HOW_TO_ADD)
        tables += _pools(db, run, options)
    finally:
        db.close()
    return tables, notes


def _pools(db: duckdb.DuckDBPyConnection, run: Run, options: ReportOptions) -> list[ReportTable]:
    made: list[ReportTable] = []
    for after, prefix in ((False, "pool"), (True, "pool_after")):
        question = PoolQuestion(level=options.pool_level, within=options.pool_within, after=after)
        if can_report(run, question):
            made += pool_tables(pool_balances(db, run, question), prefix)
    return made


def _write(run: Run, lines: Sequence[Entry], tables: Sequence[ReportTable], notes: list[Title], out: Path, *, charts: bool) -> ReportFiles:
    files: list[Path] = []
    for made in tables:
        files += write_table(made, out)
    drawn = report_charts(tables) if charts else []
    if drawn and picture_language() != "zh":
        notes.append(_NO_FONT)
    for chart in drawn:
        files.append(out / f"{chart.name}.png")
        files[-1].write_bytes(to_png(chart.spec(picture_language())))
    page, headline = out / PAGE, out / HEADLINE
    page.write_text(render_page(_TITLE, _asked(run, lines), tables, drawn, notes), encoding="utf-8")
    everything = (page, headline, *files)
    headline.write_bytes(orjson.dumps(_headline(run, tables, notes, [file.name for file in everything]), option=orjson.OPT_INDENT_2))
    return ReportFiles(out, page, headline, everything)


def _asked(run: Run, lines: Sequence[Entry]) -> list[Fact]:
    titles = list(dict.fromkeys(f"{entry.title.zh} {entry.title.en}" for entry in lines if entry.scheme in run.schemes))
    return [
        Fact(Title("规则日期", "Rules as of"), run.as_of.isoformat()),
        Fact(Title("险种", "Schemes"), "；".join(titles)),
        Fact(Title("改革方案", "Reforms"), "、".join(run.reforms) or "–"),
        *([] if run.against_as_of is None else [Fact(Title("与此日规则比较", "Compared with the rules of"), run.against_as_of.isoformat())]),
        Fact(Title("规则版本", "Release"), f"{run.tag} {run.release}".strip()),
        Fact(Title("输入有误的行", "Rows rejected"), f"{run.rejected_rows:,}"),
    ]


def _headline(run: Run, tables: Sequence[ReportTable], notes: Sequence[Title], files: Sequence[str]) -> dict[str, Any]:
    """The figures most looked for; money and weighted persons as decimal text."""
    by_name = {made.name: made for made in tables}
    found: dict[str, Any] = {
        "as_of": run.as_of.isoformat(),
        "region": run.region,
        "release": run.release,
        "reforms": list(run.reforms),
        "against_as_of": None if run.against_as_of is None else run.against_as_of.isoformat(),
        "rejected_rows": run.rejected_rows,
        "summary": [_plain(row) for row in by_name["summary"].records()],
    }
    for name in ("gainers_losers", "inequality", "cliffs", "pool"):
        if name in by_name:
            found[name] = [_plain(row) for row in by_name[name].records()]
    return {
        **found,
        "notes": [{"zh": note.zh, "en": note.en} for note in notes],
        "tables": [{"name": made.name, "title": {"zh": made.title.zh, "en": made.title.en}, "rows": len(made.rows)} for made in tables],
        "files": list(files),
    }


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: _text(value) if isinstance(value, Decimal) else value for name, value in row.items() if value is not None}


def _text(value: Decimal) -> str:
    """A decimal as text: persons without needless zeros, money with both decimals of the fen."""
    if value.as_tuple().exponent == -2:
        return format(value, "f")
    return format(int(value), "d") if value == int(value) else format(value.normalize(), "f")
