"""The run's rows as every query reads them: `people`, one row a person, and `cases`, a row a person and a scheme.

`weighed` is the results as they are, with `exact_weight`. `people` holds weight, groups (province, sex, age_group, decile), incomes, and for each entry of the report the status
and amount before (`before_status_0`, `before_0`, ...) and after. `cases` is the same in long form. Amounts of an entry
paid by the month or year are per year, so that they are exact. An amount is 0 where not eligible, unknown (null) where
undetermined or rejected; `before_known` and `after_known` in `cases` are what is known to be paid.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import pyarrow as pa

from .income import INCOME_COLUMNS, IncomeBasis, income_basis
from .measures import TOGETHER, Entry
from .options import ReportOptions
from .run_files import AFTER, STATUS, Run, RunError

# Decimals kept of a weight that is not whole.
WEIGHT_DECIMALS = 6
_DIGITS = 38


def identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def open_results(db: duckdb.DuckDBPyConnection, run: Run) -> None:
    """Make `weighed`. Raises RunError on weights that are none."""
    files = "[" + ", ".join(literal(str(path)) for path in run.files) + "]"
    db.execute(f"CREATE VIEW results AS SELECT * FROM read_parquet({files})")
    db.execute(f"CREATE VIEW weighed AS SELECT *, {_weight(db, run)} AS exact_weight FROM results")


def load_people(db: duckdb.DuckDBPyConnection, run: Run, entries: Sequence[Entry], options: ReportOptions) -> IncomeBasis:
    """Make `people` and `cases`. Returns how incomes were read. Raises RunError on weights that are none."""
    open_results(db, run)
    basis = income_basis(run, options)
    columns = [
        "exact_weight AS weight",
        f"{_region(run)} AS region",
        f"substr({_region(run)}, 1, 2) || '0000' AS province",
        f"{_text(run, 'sex')} AS sex",
        f"{_age(run)} AS age",
        f"{_age_group(options)} AS age_group",
        f"{identifier('household_id') if run.has('household_id') else 'NULL'} AS household",
        *(f"{basis.column(name)} AS {name}" for name in INCOME_COLUMNS),
    ]
    sides = ("", AFTER) if run.has_reform else ("",)
    for number, entry in enumerate(entries):
        scale = max((run.scale(column) for column, _ in entry.parts), default=0)
        for side in sides:
            word = _word(side)
            if entry.scheme == TOGETHER:
                columns += _together(entries, number, word)
            else:
                columns.append(f"{_status(side, entry)} AS {word}_status_{number}")
                columns.append(f"{_amount(run, side, entry, scale, options)} AS {word}_{number}")
    db.execute(f"CREATE VIEW persons AS SELECT {', '.join(columns)} FROM weighed")
    basis.make_incomes(db, _recurring(entries), run.has_reform)
    _make_cases(db, entries, run.has_reform)
    return basis


def _word(side: str) -> str:
    return "after" if side else "before"


def _weight(db: duckdb.DuckDBPyConnection, run: Run) -> str:
    """The weight as an exact decimal: whole where all are, else to six decimals."""
    if not run.has("weight"):
        return "1::DECIMAL(18,0)"
    if not (pa.types.is_floating(run.type_of("weight")) or pa.types.is_integer(run.type_of("weight")) or pa.types.is_decimal(run.type_of("weight"))):
        raise RunError(f"the column 'weight' is stored as {run.type_of('weight')}; a weight is a number. Run `shebao simulate` again.")
    wrong, whole = db.execute(
        "SELECT count(*) FILTER (weight IS NULL OR NOT isfinite(weight::DOUBLE) OR weight < 0), coalesce(bool_and(weight::DOUBLE = floor(weight::DOUBLE)), true) FROM results"
    ).fetchall()[0]
    if wrong:
        raise RunError(
            f"{wrong} rows have no weight, or one that is negative or no number. Give every row a weight of 0 or more, or leave the column out."
        )
    return f"weight::DECIMAL(18,{0 if whole else WEIGHT_DECIMALS})"


def _region(run: Run) -> str:
    """The row's region; the run's where the input has none, or not for this row."""
    own = literal(run.region)
    return f"coalesce(region::VARCHAR, {own})" if run.has("region") else own


def _text(run: Run, column: str) -> str:
    return f"{identifier(column)}::VARCHAR" if run.has(column) else "NULL::VARCHAR"


def _age(run: Run) -> str:
    """Full years on the day asked for, from the date of birth; else `about.age`."""
    if run.has("birth_date"):
        day = f"DATE {literal(run.as_of.isoformat())}"
        months = f"12 * (year({day}) - year(birth_date)) + month({day}) - month(birth_date) - (day({day}) < day(birth_date))::INTEGER"
        return f"(({months}) // 12)::INTEGER"
    if run.has("about.age") and pa.types.is_integer(run.type_of("about.age")):
        return '"about.age"::INTEGER'
    return "NULL::INTEGER"


def _age_group(options: ReportOptions) -> str:
    names = options.age_groups()
    steps = " ".join(f"WHEN age < {start} THEN {literal(name)}" for start, name in zip(options.age_starts, names, strict=False))
    return f"CASE {steps} WHEN age IS NOT NULL THEN {literal(names[-1])} END"


def _status(side: str, entry: Entry) -> str:
    return f"{identifier(side + entry.scheme + STATUS)}::VARCHAR"


def _amount(run: Run, side: str, entry: Entry, scale: int, options: ReportOptions) -> str:
    """What a person is paid in a year (or once): 0 where not eligible, null where that is not known."""
    kind = f"DECIMAL({_DIGITS - 10},{scale})"
    if not entry.parts:
        return f"NULL::{kind}"
    present = [(side + column, times) for column, times in entry.parts if run.has(side + column)]
    paid = " + ".join(f"{times} * coalesce({identifier(column)}, 0)" for column, times in present) or "0"
    nothing = "'not_eligible', 'undetermined'" if options.undetermined_as_nothing else "'not_eligible'"
    status = identifier(side + entry.scheme + STATUS)
    return f"CASE WHEN {status} = 'eligible' THEN ({paid})::{kind} WHEN {status} IN ({nothing}) THEN 0::{kind} END"


def _recurring(entries: Sequence[Entry]) -> int | None:
    """The number of the entry that holds all a person is paid regularly; None where nothing is."""
    numbers = [number for number, entry in enumerate(entries) if entry.recurring]
    return numbers[-1] if numbers else None


def _members(entries: Sequence[Entry], number: int) -> list[int]:
    """The entries that an entry is the sum of: itself, or all recurring ones."""
    if entries[number].scheme != TOGETHER:
        return [number]
    return [index for index, entry in enumerate(entries) if entry.recurring and index != number]


def _together(entries: Sequence[Entry], number: int, word: str) -> list[str]:
    """Status and amount of all recurring benefits: eligible where one is; the amount unknown as soon as one is."""
    members = _members(entries, number)
    statuses = [f"{word}_status_{index}" for index in members]
    rejected = " OR ".join(f"{status} IS NULL" for status in statuses)
    status = (
        f"CASE WHEN 'eligible' IN ({', '.join(statuses)}) THEN 'eligible' WHEN {rejected} THEN NULL "
        f"WHEN 'undetermined' IN ({', '.join(statuses)}) THEN 'undetermined' ELSE 'not_eligible' END"
    )
    return [f"{status} AS {word}_status_{number}", f"{' + '.join(f'{word}_{index}' for index in members)} AS {word}_{number}"]


def _make_cases(db: duckdb.DuckDBPyConnection, entries: Sequence[Entry], has_reform: bool) -> None:
    """The long form; amounts as the widest of the entries, so that the union has one type."""
    selects = []
    for number, entry in enumerate(entries):
        kind = _type_of(db, number)
        members = _members(entries, number)
        side = [f"before_status_{number}", f"before_{number}", _known("before", members)]
        side += (
            [f"after_status_{number}", f"after_{number}", _known("after", members)]
            if has_reform
            else ["NULL::VARCHAR", f"NULL::{kind}", f"NULL::{kind}"]
        )
        selects.append(
            f"SELECT {number} AS entry, {literal(entry.scheme)} AS scheme, {literal(entry.basis)} AS basis, "
            f"weight, province, sex, age_group, decile, {', '.join(side)} FROM people"
        )
    names = "entry, scheme, basis, weight, province, sex, age_group, decile, before_status, before, before_known, after_status, after, after_known"
    db.execute(f"CREATE VIEW cases({names}) AS {' UNION ALL '.join(selects)}")


def _known(word: str, members: Sequence[int]) -> str:
    """What is known to be paid."""
    return " + ".join(f"coalesce({word}_{index}, 0)" for index in members)


def _type_of(db: duckdb.DuckDBPyConnection, number: int) -> str:
    found = db.execute("SELECT data_type FROM duckdb_columns() WHERE table_name = 'incomes' AND column_name = ?", [f"before_{number}"])
    return str(found.fetchall()[0][0])
