"""The C source of a kernel: functions by content, so that what is worded alike in many places is written once."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from pathlib import Path

from app.language import ir

from .texts import Texts

_FUNCTION_NAME = re.compile(r"\bf_[0-9a-f]{12}\b")
PRELUDE = Path(__file__).with_name("prelude.h")
CHECKS = Path(__file__).with_name("checks.h")
ALIGNMENT = 16
# `restrict`: what a function stores is never a column, so columns may stay in registers.
# What is kept of a person lies behind the context: one register for both.
_MEMO = "struct run { ctx c; struct memory memory; };\n#define MEMO (&((struct run *)c)->memory)"
_COLUMNS = "const struct col *const restrict col = c->col;"


@dataclass
class Slots:
    """Where values that are computed once a person are kept: a number and a place in memory for each name."""

    numbers: dict[ir.Name, int] = field(default_factory=dict)
    sizes: dict[int, list[str]] = field(default_factory=dict)

    def take(self, name: ir.Name, ctype: str) -> int:
        """The slot of a name, at least as large as a C type."""
        number = self.numbers.setdefault(name, len(self.numbers))
        kinds = self.sizes.setdefault(number, [])
        if ctype not in kinds:
            kinds.append(ctype)
        return number

    def define(self) -> list[str]:
        """A union a slot, and one struct of all of them."""
        unions = []
        for number, kinds in sorted(self.sizes.items()):
            members = " ".join(f"{kind} m{index};" for index, kind in enumerate(kinds))
            unions.append(f"    union {{ {members} }} slot{number} __attribute__((aligned({ALIGNMENT})));")
        return ["struct memory {", f"    unsigned char state[{max(len(self.numbers), 1)}];", *unions, "    char end;", "};", _MEMO]


@dataclass(frozen=True, slots=True)
class Function:
    """A C function: its head without storage class, and its body."""

    head: str
    body: str

    def calls(self) -> set[str]:
        return set(_FUNCTION_NAME.findall(self.body))


@dataclass
class Source:
    """Collects the parts of one C file."""

    texts: Texts
    slots: Slots = field(default_factory=Slots)
    types: dict[str, str] = field(default_factory=dict)
    functions: dict[str, Function] = field(default_factory=dict)
    parameters: dict[tuple[ir.Name, str], int] = field(default_factory=dict)

    def parameter(self, name: ir.Name, part: str = "") -> int:
        """The number of a parameter's table, the same in every law."""
        return self.parameters.setdefault((name, part), len(self.parameters))

    def struct(self, text: str) -> str:
        """The name of a C type with this content."""
        name = "T_" + hashlib.sha256(text.encode()).hexdigest()[:12]
        self.types.setdefault(name, f"typedef {text} {name};")
        return name

    def function(self, head: str, body: str) -> str:
        """Add a function unless the same one is there; `@` in the head stands for its name. Returns the name."""
        content = f"{head}\n{body}"
        name = "f_" + hashlib.sha256(content.encode()).hexdigest()[:12]
        self.functions.setdefault(name, Function(head.replace("@", name), body))
        return name

    def parts(self, laws: list[str], count: int) -> tuple[str, ...]:
        """The source as files that may be compiled side by side; `laws` names the driver of each law."""
        head = [f'#include "{PRELUDE.name}"', *self.texts.defines(), *self.types.values(), *self.slots.define()]
        chunks = _chunks(self.functions, count)
        outside = _called_from_outside(chunks, set(laws))
        files = []
        for number, chunk in enumerate(chunks):
            own = [f"{'' if name in outside else 'static '}{each.head} {{\n{_COLUMNS}\n{each.body}\n}}" for name, each in chunk.items()]
            called = {name for each in chunk.values() for name in each.calls()} | (set(laws) if number == 0 else set())
            declared = [f"{self.functions[name].head};" for name in self.functions if name in called and name in outside]
            last = [_driver(laws)] if number == 0 else []
            files.append("\n".join([*head, *declared, *own, *last]))
        return tuple(files)


def _chunks(functions: dict[str, Function], count: int) -> list[dict[str, Function]]:
    """Functions in their order in stretches of about the same length."""
    share = sum(len(each.body) for each in functions.values()) / count
    chunks: list[dict[str, Function]] = [{}]
    size = 0
    for name, each in functions.items():
        if size >= share * len(chunks) and len(chunks) < count:
            chunks.append({})
        chunks[-1][name] = each
        size += len(each.body)
    return chunks


def _called_from_outside(chunks: list[dict[str, Function]], laws: set[str]) -> set[str]:
    """The functions that a file other than their own calls; the first file calls the laws."""
    home = {name: number for number, chunk in enumerate(chunks) for name in chunk}
    found = {name for name in laws if home[name] != 0}
    for number, chunk in enumerate(chunks):
        for each in chunk.values():
            found |= {name for name in each.calls() if home[name] != number}
    return found


def _driver(laws: list[str]) -> str:
    return f"""
#include "{CHECKS.name}"
static void (*const LAWS[])(ctx *) = {{ {", ".join(laws)} }};
#define BLOCK 512
#define LAW_COUNT {len(laws)}

static void person(ctx *c, i64 row, const short *law, const int *region, const struct tab *const *tabs, unsigned char *flags) {{
    memset(MEMO->state, 0, sizeof MEMO->state);
    c->row = row;
    c->region = region ? region[row] : 0;
    c->tab = tabs[law[row]];
    c->flag = 0;
    LAWS[law[row]](c);
    flags[row] = c->flag;
}}

/* Rows of [begin, end) whose law is not negative, a block at a time: first tested, then answered law by law, so that
 * each law's code and the block's columns stay at hand. */
__attribute__((visibility("default"))) void shebao_run(const struct col *col, const struct tab *const *tabs, const struct col *given, const struct out *out, const i64 *const *functions,
                const short *law, const int *region, unsigned char *flags, const struct check *checks, i64 count, const int *choices, i64 as_of, i64 begin, i64 end) {{
    struct run *run = aligned_alloc(64, (sizeof(struct run) + 63) / 64 * 64);
    ctx *c = &run->c;
    int start[LAW_COUNT + 1], order[BLOCK];
    *c = (ctx){{ .col = col, .given = given, .out = out, .functions = functions, .as_of = as_of }};
    for (i64 block = begin; block < end; block += BLOCK) {{
        i64 stop = block + BLOCK < end ? block + BLOCK : end;
        check_rows(col, checks, count, choices, flags, block, stop);
        memset(start, 0, sizeof start);
        for (i64 row = block; row < stop; row++) if (law[row] >= 0 && !flags[row]) start[law[row] + 1]++;
        for (int k = 0; k < LAW_COUNT; k++) start[k + 1] += start[k];
        int total = start[LAW_COUNT];
        for (i64 row = block; row < stop; row++) if (law[row] >= 0 && !flags[row]) order[start[law[row]]++] = (int)(row - block);
        for (int k = 0; k < total; k++) person(c, block + order[k], law, region, tabs, flags);
    }}
    free(run);
}}
"""
