"""A run's folder, opened for reading: what was asked, and which columns its results have."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from app.language import NATION

from .measures import Benefit

AFTER = "after."
STATUS = ".status"


class RunError(ValueError):
    """A folder that is no finished run, or results that cannot be reported on; says what to do."""


@dataclass(frozen=True, slots=True)
class Run:
    """A finished run. `schema` is of its result files; `columns` their names, without the reform's."""

    folder: Path
    files: tuple[Path, ...]
    schema: pa.Schema
    as_of: date
    region: str
    reforms: tuple[str, ...]
    against_as_of: date | None
    release: str
    tag: str
    rejected_rows: int

    @property
    def has_reform(self) -> bool:
        """Whether the results hold a second set of columns to compare with the first."""
        return any(name.startswith(AFTER) for name in self.schema.names)

    @property
    def schemes(self) -> tuple[str, ...]:
        """The schemes answered, in the order of their columns."""
        return tuple(name.removesuffix(STATUS) for name in self.schema.names if name.endswith(STATUS) and not name.startswith(AFTER))

    def has(self, column: str) -> bool:
        return column in self.schema.names

    def type_of(self, column: str) -> pa.DataType:
        return self.schema.field(column).type

    def scale(self, column: str) -> int:
        """The decimals of a money column, the wider of before and after."""
        kinds = [self.type_of(name) for name in (column, AFTER + column) if self.has(name)]
        return max((kind.scale for kind in kinds if pa.types.is_decimal(kind)), default=0)


def open_run(folder: Path) -> Run:
    """Open the folder of a finished run. Raises RunError where it is none."""
    files = tuple(sorted((folder / "results").glob("*.parquet")))
    manifest_file = folder / "manifest.json"
    if not files or not manifest_file.is_file():
        raise RunError(
            f"'{folder}' is no finished run: it needs manifest.json and results/*.parquet. Run `shebao simulate` first, and name its folder."
        )
    manifest = _manifest(manifest_file)
    if manifest.get("state") == "running":
        raise RunError(f"the run in '{folder}' is not finished. Go on with it: `shebao simulate --resume`.")
    schema = pq.read_schema(files[0])
    run = Run(
        folder=folder,
        files=files,
        schema=schema,
        as_of=_day(manifest, "as_of", manifest_file),
        against_as_of=_day(manifest, "against_as_of", manifest_file) if manifest.get("against_as_of") else None,
        region=str(manifest.get("region") or NATION),
        reforms=tuple(manifest.get("reforms") or ()),
        release=str(manifest.get("release") or ""),
        tag=str(manifest.get("tag") or ""),
        rejected_rows=int((manifest.get("counts") or {}).get("rejected_rows") or 0),
    )
    if not any(_rows(file) for file in files):
        raise RunError(f"the results in '{folder}' have no rows. Simulate a population that is not empty.")
    if not run.schemes:
        raise RunError(f"the results in '{folder}' have no column '<scheme>{STATUS}'. Were they written by `shebao simulate`?")
    return run


def check_benefits(run: Run, benefits: tuple[Benefit, ...]) -> tuple[Benefit, ...]:
    """The benefits that the results have. Raises RunError where one is stored as anything but an exact number."""
    present = tuple(benefit for benefit in benefits if run.has(benefit.column))
    for benefit in present:
        kind = run.type_of(benefit.column)
        if not pa.types.is_decimal(kind) and not pa.types.is_integer(kind):
            raise RunError(f"the column '{benefit.column}' is stored as {kind}; amounts are decimals. Run `shebao simulate` again.")
    return present


def _manifest(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise RunError(f"'{path}' is not JSON: {error}. Run `shebao simulate` again.") from None
    if not isinstance(found, dict):
        raise RunError(f"'{path}' does not hold an object. Run `shebao simulate` again.")
    return found


def _day(manifest: dict[str, Any], name: str, path: Path) -> date:
    try:
        return date.fromisoformat(manifest[name])
    except (KeyError, TypeError, ValueError):
        raise RunError(f"'{path}' does not say {name}, a day the rules were asked for. Run `shebao simulate` again.") from None


def _rows(path: Path) -> int:
    return int(pq.read_metadata(path).num_rows)
