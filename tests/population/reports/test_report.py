"""The report's files: the page, the pictures, the headline; and what is said of runs that cannot be reported on."""

from __future__ import annotations

import json
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from app.language import Rulebook, Title
from app.population.reports import MeasureError, ReportFiles, ReportOptions, RunError, drawing, write_report
from app.population.reports.measures import entries, number_benefits, scheme_titles
from app.population.reports.tables import table
from app.population.reports.words import columns

from .sample import AFTER_COLUMNS, ALL_COLUMNS, AS_OF, random_rows, write_run

PNG = b"\x89PNG\r\n\x1a\n"
NO_CHARTS = ReportOptions(charts=False)


@pytest.fixture(scope="module")
def report(rulebook: Rulebook, tmp_path_factory: pytest.TempPathFactory) -> ReportFiles:
    folder = tmp_path_factory.mktemp("run")
    names = [*ALL_COLUMNS, *AFTER_COLUMNS]
    run = write_run(
        folder / "run", random_rows(120, 5), names, release=rulebook.release, tag="small", reforms=["higher_base"], counts={"rejected_rows": 3}
    )
    return write_report(run, folder / "report", rulebook)


class Page(HTMLParser):
    """The tags that stand open, and whatever would be fetched or run."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.fetched: list[str] = []
        self.headings: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("meta", "input"):
            self.open.append(tag)
        self.fetched += [f"{tag} {name}" for name, _ in attrs if name in ("src", "href", "xlink:href", "srcset") or name.startswith("on")]
        self.fetched += [tag] if tag in ("script", "link", "iframe", "img", "object") else []

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in ("h1", "h2"):
            self.headings.append(data)


def test_the_page_is_whole_and_fetches_nothing(report: ReportFiles) -> None:
    text = report.page.read_text(encoding="utf-8")
    page = Page(text)
    assert page.open == []
    assert page.fetched == []
    assert "url(" not in text and "@import" not in text
    assert {"社会保险测算报告", "汇总", "受益与受损", "Report of a simulation of social insurance", "Gainers and losers"} <= set(page.headings)
    assert "default-src 'none'" in text


def test_the_page_shows_figures_of_the_tables(report: ReportFiles) -> None:
    text = report.page.read_text(encoding="utf-8")
    for row in pq.read_table(report.folder / "summary.parquet").to_pylist():
        if row["cost_month"] is not None:
            assert f"{row['cost_month']:,.2f}" in text
    assert "北京市" in text and "2026-03-01" in text and "higher_base" in text


def test_words_are_escaped(rulebook: Rulebook, tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", random_rows(20, 1), ALL_COLUMNS, release="<b>", tag="<script>alert(1)</script>")
    report = write_report(run, tmp_path / "report", rulebook, NO_CHARTS)
    assert Page(report.page.read_text(encoding="utf-8")).fetched == []


def test_every_chart_is_a_picture(report: ReportFiles) -> None:
    pictures = [file for file in report.files if file.suffix == ".png"]
    assert {file.stem for file in pictures} == {
        "cost_by_scheme",
        "cost_by_region",
        "by_age",
        "cost_by_decile",
        "gainers_losers_by_decile",
        "mean_change_by_decile",
        "status_changes",
        "lorenz",
    }
    assert all(file.read_bytes().startswith(PNG) and file.stat().st_size > 5_000 for file in pictures)


def test_chinese_shows_in_pictures() -> None:
    assert drawing.picture_language() == "zh"
    # A missing character is drawn as a box, the same for all; each of these is drawn as itself.
    assert len({drawing._draw(glyph) for glyph in "社保养老金待遇新疆硚浉瀍龥"}) > 12


def test_without_a_font_pictures_are_labelled_in_english(
    report: ReportFiles, rulebook: Rulebook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.population.reports.report.picture_language", lambda: "en")
    drawn: list[dict[str, Any]] = []

    def draw(spec: dict[str, Any]) -> bytes:
        drawn.append(spec)
        return PNG

    monkeypatch.setattr("app.population.reports.report.to_png", draw)
    run = write_run(tmp_path / "run", random_rows(60, 5), ALL_COLUMNS, release=rulebook.release)
    headline = json.loads(write_report(run, tmp_path / "report", rulebook).headline.read_bytes())
    assert "no Chinese font" in headline["notes"][0]["en"]
    assert {spec["title"] for spec in drawn} >= {"Cost a month by scheme", "Lorenz curves"}


def test_the_headline(report: ReportFiles) -> None:
    told = json.loads(report.headline.read_bytes())
    assert (told["as_of"], told["reforms"], told["rejected_rows"]) == ("2026-03-01", ["higher_base"], 3)
    assert sorted(told["files"]) == sorted(path.name for path in report.folder.iterdir())
    summary = pq.read_table(report.folder / "summary.parquet").to_pylist()
    for mine, kept in zip(told["summary"], summary, strict=True):
        assert (mine["scheme"], Decimal(mine["persons"])) == (kept["scheme"], kept["persons"])
        assert mine.get("cost_month") == (None if kept["cost_month"] is None else str(kept["cost_month"]))
    assert [row["side"] for row in told["inequality"]] == ["without", "before", "after"]


def test_tables_made_elsewhere_are_shown(rulebook: Rulebook, tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", random_rows(20, 1), ALL_COLUMNS, release=rulebook.release)
    own = table("own", Title("另表", "Own table"), columns("scheme persons"), [{"scheme": "x", "persons": Decimal("12.5")}], [Title("注", "A note")])
    report = write_report(run, tmp_path / "report", rulebook, NO_CHARTS, extra=[own])
    assert {"own.csv", "own.parquet"} <= {file.name for file in report.files}
    assert "Own table" in report.page.read_text(encoding="utf-8")


def test_another_release_is_said(rulebook: Rulebook, tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", random_rows(20, 1), ALL_COLUMNS, release="0123")
    told = json.loads(write_report(run, tmp_path / "report", rulebook, NO_CHARTS).headline.read_bytes())
    assert told["notes"][-1]["en"].startswith("The run was made with release 0123; ")


def test_a_report_replaces_an_earlier_one(rulebook: Rulebook, tmp_path: Path) -> None:
    first = write_run(tmp_path / "first", random_rows(20, 1), ALL_COLUMNS + AFTER_COLUMNS, release=rulebook.release)
    second = write_run(tmp_path / "second", random_rows(20, 1), ALL_COLUMNS, release=rulebook.release)
    write_report(first, tmp_path / "report", rulebook, NO_CHARTS)
    (tmp_path / "report" / "mine.txt").write_text("kept")
    report = write_report(second, tmp_path / "report", rulebook, NO_CHARTS)
    assert {path.name for path in report.folder.iterdir()} == {"mine.txt", *(file.name for file in report.files)}
    assert not (report.folder / "gainers_losers.csv").exists()


# -- what counts ---------------------------------------------------------------------------------


def test_what_a_scheme_pays_is_what_no_other_benefit_is_made_of(rulebook: Rulebook) -> None:
    schemes = ("pension.small", "grant.small", "subsidy.small", "relief.small", "age.small", "contributions.monthly")
    found = entries(number_benefits(rulebook, AS_OF, (), schemes), scheme_titles(rulebook, AS_OF, ()), schemes, {})
    assert [(entry.scheme, entry.kind, entry.basis, entry.parts) for entry in found] == [
        ("pension.small", "benefit", "month", (("pension.small.monthly_pension", 12),)),
        ("grant.small", "benefit", "once", (("grant.small.grant", 1),)),
        ("subsidy.small", "benefit", "month", (("subsidy.small.yearly", 1),)),
        ("relief.small", "benefit", "month", (("relief.small.relief", 12),)),
        ("age.small", "benefit", "none", ()),
        (
            "contributions.monthly",
            "contribution",
            "month",
            (("contributions.monthly.employer_pension", 12), ("contributions.monthly.employee_pension", 12)),
        ),
        ("all", "benefit", "month", (("pension.small.monthly_pension", 12), ("subsidy.small.yearly", 1), ("relief.small.relief", 12))),
    ]


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        (
            {"pension.small": ("pension",)},
            r"'pension' is no benefit of 'pension\.small' that is paid in yuan\. Its money benefits are: base_part, monthly",
        ),
        ({"age.small": ("months_paid",)}, r"'months_paid' is no benefit of 'age\.small' that is paid in yuan\. It has no money benefit\."),
    ],
)
def test_a_measure_that_is_none(rulebook: Rulebook, tmp_path: Path, chosen: dict[str, tuple[str, ...]], message: str) -> None:
    run = write_run(tmp_path / "run", random_rows(20, 1), ALL_COLUMNS, release=rulebook.release)
    with pytest.raises(MeasureError, match=message):
        write_report(run, tmp_path / "report", rulebook, ReportOptions(measures=chosen, charts=False))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"poverty_line": Decimal(0)}, "above 0"),
        ({"poverty_share": Decimal(1)}, "between 0 and 1"),
        ({"equivalence": Decimal(2)}, "equivalence exponent is 2"),
        ({"age_starts": (30, 20)}, "rising ages"),
    ],
)
def test_options_that_make_no_sense(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ReportOptions(**options)


# -- runs that cannot be reported on --------------------------------------------------------------


def test_a_folder_that_is_no_run(rulebook: Rulebook, tmp_path: Path) -> None:
    with pytest.raises(RunError, match="is no finished run: it needs manifest"):
        write_report(tmp_path, tmp_path / "report", rulebook)
    run = write_run(tmp_path / "run", random_rows(10, 1), ALL_COLUMNS)
    for text, message in (
        ("{", "is not JSON"),
        ("[]", "does not hold an object"),
        ('{"as_of": "soon"}', "does not say as_of"),
        ('{"state": "running"}', "is not finished"),
    ):
        (run / "manifest.json").write_text(text)
        with pytest.raises(RunError, match=message):
            write_report(run, tmp_path / "report", rulebook)


def test_results_that_do_not_fit(rulebook: Rulebook, tmp_path: Path) -> None:
    empty = write_run(tmp_path / "empty", [], ALL_COLUMNS)
    with pytest.raises(RunError, match="have no rows"):
        write_report(empty, tmp_path / "report", rulebook)
    other = write_run(tmp_path / "other", random_rows(10, 1), ["person_id", "weight"])
    with pytest.raises(RunError, match=r"have no column '<scheme>\.status'"):
        write_report(other, tmp_path / "report", rulebook)


@pytest.mark.parametrize("weight", [None, -1.0, float("nan"), float("inf")])
def test_weights_that_are_none(rulebook: Rulebook, tmp_path: Path, weight: float | None) -> None:
    rows = random_rows(10, 1)
    rows[3]["weight"] = weight
    run = write_run(tmp_path / "run", rows, ALL_COLUMNS)
    with pytest.raises(RunError, match="1 rows have no weight, or one that is negative or no number"):
        write_report(run, tmp_path / "report", rulebook)


def test_amounts_stored_as_floats_are_refused(rulebook: Rulebook, tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", random_rows(10, 1), ALL_COLUMNS, parts=1)
    file = run / "results" / "part-00000.parquet"
    kept = pq.read_table(file)
    index = kept.schema.get_field_index("grant.small.grant")
    pq.write_table(kept.set_column(index, "grant.small.grant", kept.column(index).cast(pa.float64())), file)
    with pytest.raises(RunError, match=r"'grant\.small\.grant' is stored as double; amounts are decimals"):
        write_report(run, tmp_path / "report", rulebook)
