"""manifest.json: what was asked of which input, by which rules, and what came out; enough to repeat the run or go on with it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

from app import __version__
from app.engine import InputFault
from app.language import FactDictionary

from ..question import Question
from .faults import refuse

FORMAT = 1
MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class InputRecord:
    """A file that was read. `rows` is None until a CSV file has been read whole."""

    path: str
    format: str
    rows: int | None
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class PartRecord:
    """One finished part: `input_rows` rows of the input from `first_row` (from 1) gave `rows` results and `rejected_rows` rejects."""

    file: str
    first_row: int
    input_rows: int
    rows: int
    rejected_rows: int
    exact_rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """A run. `reforms` and `against_as_of` say what the baseline is compared with, if with anything."""

    release: str
    tag: str
    as_of: str
    region: str
    schemes: tuple[str, ...]
    baseline_reforms: tuple[str, ...]
    reforms: tuple[str, ...]
    against_as_of: str | None
    assumptions: Mapping[str, str | bool]
    outputs: bool
    exact: bool
    inputs: tuple[InputRecord, ...]
    part_rows: int
    parts: tuple[PartRecord, ...] = ()
    started: str = ""
    finished: str | None = None
    seconds: float = 0.0
    resumed: int = 0
    engine: str = __version__
    state: Literal["running", "finished"] = "running"
    format: int = FORMAT

    @property
    def counts(self) -> dict[str, int]:
        """Rows read, answered, rejected, and answered by the exact engine, over the finished parts."""
        kinds = {"input_rows": "input_rows", "result_rows": "rows", "rejected_rows": "rejected_rows", "exact_rows": "exact_rows"}
        return {name: sum(getattr(part, kind) for part in self.parts) for name, kind in kinds.items()}

    @property
    def compared(self) -> bool:
        """Whether results have a second set of columns, `after.`."""
        return bool(self.reforms) or self.against_as_of is not None

    def with_part(self, part: PartRecord) -> Manifest:
        """The run with one more part finished."""
        others = [each for each in self.parts if each.file != part.file]
        return replace(self, parts=tuple(sorted([*others, part], key=lambda each: each.first_row)))

    def to_json(self) -> dict[str, Any]:
        stated = asdict(self)
        order = ("format", "state", "engine", "release", "tag")
        return {**{name: stated.pop(name) for name in order}, "counts": self.counts, **stated}

    def save(self, out: Path) -> None:
        """Write the manifest in one step: a reader sees the old one or the new one, whole."""
        text = json.dumps(self.to_json(), ensure_ascii=False, indent=1) + "\n"
        write_whole(out / MANIFEST, text.encode())


def new_manifest(
    baseline: Question, after: Question | None, release: tuple[str, str], inputs: tuple[InputRecord, ...], part_rows: int, *, exact: bool
) -> Manifest:
    """The manifest of a run that begins now; `release` is the rules' release and tag."""
    moved = after is not None and after.as_of != baseline.as_of
    return Manifest(
        release=release[0],
        tag=release[1],
        as_of=baseline.as_of.isoformat(),
        region=baseline.region,
        schemes=baseline.schemes,
        baseline_reforms=baseline.reforms,
        reforms=() if after is None else after.reforms,
        against_as_of=after.as_of.isoformat() if after is not None and moved else None,
        assumptions={name: format(value, "f") if isinstance(value, Decimal) else value for name, value in baseline.assumptions.items()},
        outputs=baseline.outputs,
        exact=exact,
        inputs=inputs,
        part_rows=part_rows,
        started=now(),
    )


def recorded_questions(manifest: Manifest, dictionary: FactDictionary) -> tuple[Question, Question | None]:
    """What a run asked: the baseline, and what it was compared with."""
    assumptions = {name: value if isinstance(value, bool) else Decimal(value) for name, value in manifest.assumptions.items() if name in dictionary.assumptions}
    baseline = Question(date.fromisoformat(manifest.as_of), manifest.schemes, manifest.baseline_reforms, manifest.region, assumptions, manifest.outputs)
    if not manifest.compared:
        return baseline, None
    return baseline, replace(baseline, as_of=date.fromisoformat(manifest.against_as_of or manifest.as_of), reforms=manifest.reforms)


def read_manifest(out: Path) -> Manifest:
    """The manifest of a folder. Raises InputError where there is none, or it cannot be read."""
    path = out / MANIFEST
    try:
        stated = json.loads(path.read_bytes())
        stated.pop("counts")
        if stated["format"] != FORMAT:
            raise ValueError(stated["format"])
        stated["inputs"] = tuple(InputRecord(**each) for each in stated["inputs"])
        stated["parts"] = tuple(PartRecord(**each) for each in stated["parts"])
        for name in ("schemes", "baseline_reforms", "reforms"):
            stated[name] = tuple(stated[name])
        return Manifest(**stated)
    except FileNotFoundError:
        zh, en = f"'{out}' 中没有 {MANIFEST}，没有可继续的运行。", f"there is no {MANIFEST} in '{out}', so there is no run to go on with."
        raise refuse("/out", "no_run", zh, en) from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        zh = f"'{path}' 无法读取，或由另一版本的程序写成。请另选一个输出文件夹重新运行。"
        en = f"'{path}' cannot be read, or another version of the program wrote it. Run anew into another folder."
        raise refuse("/out", "unreadable", zh, en) from None


# What must be the same for a run to go on, and what each is called.
_IDENTITY = {
    "release": ("规则版本", "the release of the rules"),
    "engine": ("程序版本", "the version of the program"),
    "as_of": ("询问日期", "the day asked about"),
    "region": ("地区", "the region"),
    "schemes": ("险种", "the schemes"),
    "baseline_reforms": ("基准的改革方案", "the reforms of the baseline"),
    "reforms": ("改革方案", "the reforms"),
    "against_as_of": ("对比日期", "the day compared with"),
    "assumptions": ("假设", "the assumptions"),
    "outputs": ("是否输出主要数据", "whether other figures are wanted (--outputs)"),
    "exact": ("是否逐行精确计算", "whether every row is computed exactly (--exact)"),
    "part_rows": ("每部分行数", "the rows of a part"),
}


def differences(before: Manifest, now: Manifest) -> list[InputFault]:
    """What keeps `now` from going on with `before`; empty where it may."""
    faults = []
    for name, (zh, en) in _IDENTITY.items():
        old, new = getattr(before, name), getattr(now, name)
        if old != new:
            faults.append(InputFault(f"/{name}", "changed", f"{zh}：原为 {_shown(old)}，现为 {_shown(new)}。", f"{en}: was {_shown(old)}, is {_shown(new)}."))
    old_files, new_files = [each.sha256 for each in before.inputs], [each.sha256 for each in now.inputs]
    if len(old_files) != len(new_files):
        zh, en = f"输入文件：原有 {len(old_files)} 个，现有 {len(new_files)} 个。", f"the input: there were {len(old_files)} files, there are {len(new_files)}."
        faults.append(InputFault("/inputs", "changed", zh, en))
    else:
        for index, (old_file, new_file) in enumerate(zip(before.inputs, now.inputs, strict=True)):
            if old_file.sha256 != new_file.sha256:
                zh, en = f"输入文件 '{new_file.path}' 的内容已变。", f"the content of the input '{new_file.path}' has changed."
                faults.append(InputFault(f"/inputs/{index}", "changed", zh, en))
    if faults:
        zh, en = "请改回原样再继续，或另选一个输出文件夹重新运行。", "Go on with what it was begun with, or run anew into another folder."
        faults.append(InputFault("", "cannot_resume", zh, en))
    return faults


def _shown(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "-"
    return "-" if value is None else json.dumps(dict(value), ensure_ascii=False) if isinstance(value, Mapping) else str(value)


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that after a crash it is there whole or as it was before."""
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        put_in_place(temporary, path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise


def put_in_place(temporary: Path, path: Path) -> None:
    """Rename a finished (and synced) file to its name, for good."""
    temporary.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
