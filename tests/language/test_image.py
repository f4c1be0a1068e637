"""A rulebook that was kept answers as the one that was read."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from app.language import RuleError, load_rulebook
from tests.conftest import HEAD, write

TODAY = date(2025, 6, 1)
RATE = "parameters:\n  rate: {title: {zh: 率, en: Rate}, value: {rate}}\nbenefits:\n  paid: {title: {zh: 付, en: Paid}, value: rate * months, unit: month}\n"


def rules_with(folder: Path, rate: str) -> Path:
    return write(folder / "rules", {"a.yaml": HEAD + RATE.replace("{rate}", rate)})


def rate_of(folder: Path) -> Decimal:
    (row,) = load_rulebook(folder, remember=True).at(TODAY).schemes["test.scheme"].parameters["rate"].rows
    assert isinstance(row.value, Decimal)
    return row.value


@pytest.fixture(autouse=True)
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SHEBAO_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "rulebooks"


def test_what_was_kept_is_what_was_read(tmp_path: Path, kept: Path) -> None:
    folder = rules_with(tmp_path, "0.1")
    read, first, second = load_rulebook(folder), load_rulebook(folder, remember=True), load_rulebook(folder, remember=True)
    assert len(list(kept.iterdir())) == 1
    assert read.release == first.release == second.release
    assert dict(second.contents) == dict(read.contents)
    assert second.check_everywhere() == []
    laws = [each.at(TODAY).schemes["test.scheme"] for each in (read, second)]
    assert laws[0].definitions == laws[1].definitions
    assert laws[0].parameters == laws[1].parameters


def test_an_edit_is_seen_at_once(tmp_path: Path) -> None:
    assert rate_of(rules_with(tmp_path, "0.1")) == Decimal("0.1")
    assert rate_of(rules_with(tmp_path, "0.2")) == Decimal("0.2")
    assert rate_of(rules_with(tmp_path, "0.1")) == Decimal("0.1")


def test_the_tag_is_that_of_today(tmp_path: Path) -> None:
    folder = rules_with(tmp_path, "0.1")
    assert load_rulebook(folder, remember=True).tag == "untagged"
    (folder / "RELEASE").write_text("2026.12\n")
    assert load_rulebook(folder, remember=True).tag == "2026.12"


@pytest.mark.parametrize("rubbish", [b"", b"no pickle", b"\x80\x05]\x94."], ids=["nothing", "text", "a list"])
def test_rubbish_in_the_cache_is_read_again(tmp_path: Path, kept: Path, rubbish: bytes) -> None:
    folder = rules_with(tmp_path, "0.1")
    assert rate_of(folder) == Decimal("0.1")
    (file,) = kept.iterdir()
    file.write_bytes(rubbish)
    assert rate_of(folder) == Decimal("0.1")
    assert file.read_bytes() != rubbish


def test_a_cache_that_cannot_be_written_only_costs_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("SHEBAO_CACHE", str(tmp_path / "file"))
    assert rate_of(rules_with(tmp_path, "0.1")) == Decimal("0.1")


def test_faulty_rules_are_not_kept(tmp_path: Path, kept: Path) -> None:
    folder = rules_with(tmp_path, "wages")
    for _ in range(2):
        with pytest.raises(RuleError, match="plain decimal number"):
            load_rulebook(folder, remember=True)
    assert not kept.exists()
