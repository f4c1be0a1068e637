"""Parquet and CSV as a stream of numbered rows: nothing lost, nothing read twice, and no bytes that end a run."""

from __future__ import annotations

import csv
import io
import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.engine import InputError
from app.language import Rulebook
from app.population.columns.conforming import conform
from app.population.runs import csv_input, parquet_input
from app.population.runs.csv_input import CsvInput
from app.population.runs.pieces import Piece
from app.population.runs.streams import Population, open_population

from .people import COLUMNS, people, write_people


def pieces(population: Population, part_rows: int = 1000, batch_rows: int = 300, wanted: set[int] | None = None) -> list[Piece]:
    return list(population.pieces(part_rows, lambda part: wanted is None or part in wanted, batch_rows))


def ids(found: list[Piece]) -> list[Any]:
    return [each for piece in found for each in piece.batch.column("person_id").to_pylist()]


def opened(rulebook: Rulebook, *paths: Path) -> Population:
    return open_population(paths, rulebook.facts)


def fault(rulebook: Rulebook, *paths: Path) -> tuple[str, str]:
    with pytest.raises(InputError) as caught:
        opened(rulebook, *paths)
    assert all(each.zh and each.en for each in caught.value.faults)
    return caught.value.faults[0].code, caught.value.faults[0].en


# -- Parquet ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("at_once", [True, False])
def test_parquet_in_pieces_that_lie_in_one_part(tmp_path: Path, rulebook: Rulebook, at_once: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not at_once:
        monkeypatch.setattr(parquet_input, "LARGEST_AT_ONCE", 0)
    population = opened(rulebook, write_people(tmp_path / "a.parquet", 1700, group=450), write_people(tmp_path / "b.parquet", 900, 1700, group=5000))
    assert population.rows == 2600
    found = pieces(population)
    assert ids(found) == [f"p{number}" for number in range(2600)]
    assert population.starts == [0, 1700, 2600]
    last = 0
    for piece in found:
        assert (piece.first, piece.last - piece.first) == (last, piece.batch.num_rows)
        assert piece.first // 1000 == (piece.last - 1) // 1000
        assert piece.batch.num_rows <= 300
        assert piece.numbers.tolist() == list(range(piece.first, piece.last))
        assert piece.file == (piece.first >= 1700)
        last = piece.last
    some = pieces(population, wanted={1})
    assert ids(some) == [f"p{number}" for number in range(1000, 2000)]


def test_row_groups_nobody_wants_are_not_read(tmp_path: Path, rulebook: Rulebook, monkeypatch: pytest.MonkeyPatch) -> None:
    population = opened(rulebook, write_people(tmp_path / "a.parquet", 3000, group=500))
    read: list[int] = []
    whole = parquet_input._read_group

    def counted(*arguments: Any) -> Iterator[Piece]:
        read.append(arguments[2])
        return whole(*arguments)

    monkeypatch.setattr(parquet_input, "_read_group", counted)
    assert ids(pieces(population, wanted={2})) == [f"p{number}" for number in range(2000, 3000)]
    assert sorted(read) == [4, 5]


def test_a_reader_that_is_left_stops(tmp_path: Path, rulebook: Rulebook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.population.runs.ahead.MOST_WAITING", 1)
    found = opened(rulebook, write_people(tmp_path / "a.parquet", 3000, group=500)).pieces(1000, lambda _: True, 100)
    next(found)
    del found
    assert not [thread for thread in threading.enumerate() if thread.name == "read"]


def test_a_folder_of_files_in_the_order_of_their_names(tmp_path: Path, rulebook: Rulebook) -> None:
    (tmp_path / "in" / "deep").mkdir(parents=True)
    write_people(tmp_path / "in" / "b.parquet", 10, 20)
    write_people(tmp_path / "in" / "a.parquet", 20)
    write_people(tmp_path / "in" / "deep" / "c.parquet", 5, 30)
    (tmp_path / "in" / "_SUCCESS").touch()
    (tmp_path / "in" / ".hidden.parquet").write_bytes(b"no")
    assert ids(pieces(opened(rulebook, tmp_path / "in"))) == [f"p{number}" for number in range(35)]


def test_files_that_are_no_population(tmp_path: Path, rulebook: Rulebook) -> None:
    assert fault(rulebook)[0] == "missing"
    assert fault(rulebook, tmp_path / "none.parquet")[0] == "no_such_file"
    assert fault(rulebook, tmp_path)[0] == "no_files"
    whole = write_people(tmp_path / "whole.parquet", 100).read_bytes()
    (tmp_path / "cut.parquet").write_bytes(whole[: len(whole) // 2])
    code, words = fault(rulebook, tmp_path / "cut.parquet")
    assert code == "unreadable" and "cut.parquet" in words
    (tmp_path / "people.xlsx").write_bytes(b"PK\x03\x04")
    assert fault(rulebook, tmp_path / "people.xlsx")[0] == "unknown_format"
    (tmp_path / "people.csv").write_text("sex\n")
    assert fault(rulebook, tmp_path)[0] == "mixed"
    (tmp_path / "parts" / "region=110000").mkdir(parents=True)
    write_people(tmp_path / "parts" / "region=110000" / "a.parquet", 3)
    assert fault(rulebook, tmp_path / "parts")[0] == "partitioned"


def test_a_file_whose_middle_is_damaged_is_named(tmp_path: Path, rulebook: Rulebook) -> None:
    path = write_people(tmp_path / "a.parquet", 3000, group=500)
    population = opened(rulebook, path)
    content = bytearray(path.read_bytes())
    content[2000:6000] = os.urandom(4000)
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        pieces(population)
    assert "a.parquet" in caught.value.faults[0].en


def test_each_file_with_faulty_columns_is_named(tmp_path: Path, rulebook: Rulebook) -> None:
    pq.write_table(pa.table({"wages": [1]}), tmp_path / "a.parquet")
    pq.write_table(pa.table({"wage": [1.5]}), tmp_path / "b.parquet")
    with pytest.raises(InputError) as caught:
        opened(rulebook, tmp_path)
    first, second = caught.value.faults
    assert "a.parquet" in first.en and "'wages'" in first.en
    assert "b.parquet" in second.en and "binary float" in second.en


# -- CSV --------------------------------------------------------------------------------------------


def csv_file(path: Path, text: str | bytes) -> Path:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_csv_rows_keep_their_numbers_whatever_is_broken(tmp_path: Path, rulebook: Rulebook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_input, "BLOCK", 64)
    lines = [f"p{number},{number}" if number % 7 else f"p{number},{number},{number}" for number in range(1, 60)]
    path = csv_file(tmp_path / "a.csv", "﻿person_id,months\r\n" + "\r\n".join(lines) + "\r\n\r\n")
    found = pieces(opened(rulebook, path), part_rows=20, batch_rows=9)
    for piece in found:
        assert [f"p{number + 1}".encode() for number in piece.numbers.tolist()] == piece.batch.column("person_id").to_pylist()
        assert all(piece.first <= each.number < piece.last for each in piece.broken)
        assert piece.last - piece.first == piece.batch.num_rows + len(piece.broken)
    assert [each.number + 1 for piece in found for each in piece.broken] == [7, 14, 21, 28, 35, 42, 49, 56]
    assert found[-1].last == 59


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (b"", "no_header"),
        (b"\n", "no_header"),
        (b"\xef\xbb\xbf\n", "no_header"),
        (b"sex;months\n", "wrong_separator"),
        (b"sex\tmonths\n", "wrong_separator"),
        ("性别,月数".encode("gb18030"), "not_utf8"),
        ("sex,months".encode("utf-16"), "not_utf8"),
        (b"sex,month\n", "unknown_column"),
        (b"sex,sex\n", "repeated"),
        (b"sex,\n", "unknown_column"),
    ],
)
def test_a_header_that_is_none(text: bytes, code: str, tmp_path: Path, rulebook: Rulebook) -> None:
    assert fault(rulebook, csv_file(tmp_path / "a.csv", text))[0] == code


@pytest.mark.parametrize("text", ["sex,months", "sex,months\n", '"sex","months"\r\n', "sex,months\r"])
def test_a_header_without_rows(text: str, tmp_path: Path, rulebook: Rulebook) -> None:
    population = opened(rulebook, csv_file(tmp_path / "a.csv", text))
    assert population.names() == ["sex", "months"]
    assert sum(piece.last - piece.first for piece in pieces(population)) == 0
    assert population.starts == [0, 0]


def test_a_line_too_long_and_a_quotation_that_never_ends(tmp_path: Path, rulebook: Rulebook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_input, "BLOCK", 1000)
    population = opened(rulebook, csv_file(tmp_path / "a.csv", "person_id,sex\n" + "a,male\n" * 100 + 'b,"male\n' + "a,male\n" * 1000))
    with pytest.raises(InputError) as caught:
        pieces(population)
    assert "never closed" in caught.value.faults[0].en


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=8), min_size=1, max_size=4), max_size=40))
def test_a_csv_that_a_program_wrote_comes_back_as_it_was(rows: list[list[str]], tmp_path: Path) -> None:
    # Spaces alone or an empty line are no rows; neither does any program write them for a row with two cells.
    rows = [row for row in rows if len(row) > 1 or row[0].strip()]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["person_id", "about.x"])
    writer.writerows(rows)
    path = csv_file(tmp_path / "a.csv", text.getvalue())
    found = list(CsvInput(path).read(0, 0, lambda _: None))
    read: dict[int, list[str]] = {}
    for piece in found:
        cells = [["" if cell is None else cell.decode() for cell in column.to_pylist()] for column in piece.batch.columns]
        read |= {int(number): list(each) for number, each in zip(piece.numbers, zip(*cells, strict=True), strict=True)}
    broken = {each.number for piece in found for each in piece.broken}
    assert read == {number: row for number, row in enumerate(rows) if len(row) == 2}
    assert broken == {number for number, row in enumerate(rows) if len(row) != 2}


def test_the_same_people_from_csv_and_parquet(tmp_path: Path, rulebook: Rulebook) -> None:
    typed = opened(rulebook, write_people(tmp_path / "a.parquet", 400))
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS.names)
    for row in people(400).to_pylist():
        records = None if row["records"] is None else [{**each, "index": str(each["index"])} for each in row["records"]]
        flags = {name: json.dumps(row[name]) for name in ("insured", "about.urban")}
        writer.writerow("" if value is None else value for value in {**row, **flags, "records": json.dumps(records)}.values())
    texts = opened(rulebook, csv_file(tmp_path / "a.csv", text.getvalue()))
    first, second = ([conform(piece.batch, rulebook.facts) for piece in pieces(each, batch_rows=150)] for each in (typed, texts))
    assert [made.batch.num_rows for made in first] == [150, 150, 100] == [made.batch.num_rows for made in second]
    for one, other in zip(first, second, strict=True):
        assert (one.rejects, other.rejects) == ((), ())
        assert one.batch.drop_columns(["about.urban"]).to_pylist() == other.batch.drop_columns(["about.urban"]).to_pylist()
