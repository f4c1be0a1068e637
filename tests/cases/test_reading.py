"""Case files as read: defaults under cases, and every fault with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.cases import RuleCase, case_files, read_cases
from app.language import RuleError, load_rulebook
from tests.cases.sample import sample

EXPECT = "expect: {test.scheme: {status: eligible}}"


def cases_of(tmp_path: Path, text: str) -> tuple[RuleCase, ...]:
    rules = sample(tmp_path, text)
    return read_cases(rules, load_rulebook(rules).facts)


def faults_of(tmp_path: Path, text: str) -> list[str]:
    with pytest.raises(RuleError) as caught:
        cases_of(tmp_path, text)
    return [str(fault) for fault in caught.value.faults]


def test_defaults_stand_under_each_case(tmp_path: Path) -> None:
    [case] = cases_of(
        tmp_path,
        f"""\
defaults: {{as_of: 2025-01-01, region: "110000", facts: {{wage: "100", months: 12, insured: true}}, given: {{rate: "0.1"}}}}
cases:
  - {{name: one, as_of: 2026-01-01, facts: {{months: 24, insured: null}}, {EXPECT}}}
""",
    )
    assert case.body == {
        "as_of": "2026-01-01",
        "region": "110000",
        "schemes": ["test.scheme"],
        "trace": "none",
        "facts": {"wage": "100", "months": 24},
        "given": {"rate": "0.1"},
    }
    assert str(case.place_of("/facts/months")) == "test/cases/sample.yaml:3"
    assert str(case.place_of("/facts/wage/deeper")) == "test/cases/sample.yaml:1"


def test_a_span_of_years_is_one_record_a_year(tmp_path: Path) -> None:
    [case] = cases_of(
        tmp_path,
        f"""\
cases:
  - name: spans
    as_of: 2025-01-01
    facts:
      records:
        - {{year: 2001..2003, paid: 12, index: "1.10"}}
        - {{year: 2004, paid: 6}}
    {EXPECT}
""",
    )
    records = case.body["facts"]["records"]
    assert records == [*({"year": year, "paid": 12, "index": "1.10"} for year in (2001, 2002, 2003)), {"year": 2004, "paid": 6}]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (f"cases:\n  - {{name: a, {EXPECT}}}\n", "2: the case 'a' does not say when it is asked."),
        ("cases:\n  - {name: a, as_of: 2025-01-01}\n", "2: the case 'a' has no 'expect'."),
        (f"cases:\n  - {{as_of: 2025-01-01, {EXPECT}}}\n", "2: a case has no 'name'."),
        (f"cases:\n  - name: a\n    as_of: 2025-01-01\n    factz: {{}}\n    {EXPECT}\n", "4: 'factz' is not a key of a case. Did you mean 'facts'?"),
        ("default: {}\n", "1: 'default' is not a key of a case file. Did you mean 'defaults'?"),
        ("defaults: {as_of: 2025-01-01}\n", "1: the file has no cases."),
        (
            "cases:\n  - {name: a, as_of: 2025-01-01, expect: {test.scheme: {status: yes}}}\n",
            "2: 'status' must be eligible, not_eligible or undetermined, not 'yes'.",
        ),
        (
            "cases:\n  - {name: a, as_of: 2025-01-01, expect: {test.scheme: {conditions: {enough_months: maybe}}}}\n",
            "2: the condition 'enough_months' must be true, false or unknown, not 'maybe'.",
        ),
        ("cases:\n  - {name: a, as_of: 2025-01-01, expect: {status: eligible}}\n", "2: 'expect' maps scheme ids to what they must answer;"),
        ("cases:\n  - {name: a, as_of: 2025-01-01, expect: {test.scheme: {}}}\n", "2: the case 'a' expects nothing."),
        (
            f"cases:\n  - {{name: a, as_of: 2025-01-01, schemes: [other.one], {EXPECT}}}\n",
            "2: 'test.scheme' is expected but not asked for.",
        ),
        (
            f"defaults: {{as_of: 2025-01-01}}\ncases:\n  - {{name: a, {EXPECT}}}\n  - {{name: a, {EXPECT}}}\n",
            "4: the name 'a' stands here a second time (first on test/cases/sample.yaml:3).",
        ),
        (
            f"cases:\n  - {{name: a, as_of: 2025-01-01, facts: {{records: [{{year: 2003..2001, paid: 12}}]}}, {EXPECT}}}\n",
            "2: '2003..2001' is not a span of years.",
        ),
        ("cases: [\n", "2: not readable as YAML:"),
    ],
)
def test_a_fault_names_its_line(tmp_path: Path, text: str, fault: str) -> None:
    [found] = faults_of(tmp_path, text)
    assert found.startswith(f"test/cases/sample.yaml:{fault}")


def test_every_faulty_case_is_reported(tmp_path: Path) -> None:
    assert len(faults_of(tmp_path, "cases:\n  - {name: a}\n  - {name: b, as_of: 2025-01-01}\n")) == 2


def test_a_path_narrows_the_files(tmp_path: Path) -> None:
    rules = sample(tmp_path, **{"other/cases/more.yaml": "x"})
    folder = rules / "test" / "cases"
    assert [file.name for file in case_files(rules)] == ["more.yaml", "sample.yaml"]
    assert case_files(rules, folder) == case_files(rules, rules / "test") == case_files(rules, folder / "sample.yaml") == [folder / "sample.yaml"]
    with pytest.raises(FileNotFoundError):
        case_files(rules, rules / "nowhere")
