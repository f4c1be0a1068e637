"""The C function that answers one person under one law: plausibility, then each scheme's conditions, benefits and outputs."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import partial

import pyarrow as pa

from app.language import Definition, ir
from app.language.types import BooleanType, DateType, NumberType

from ..results import STATUSES, ResultColumn
from .expressions import Expressions
from .lanes import FLAG, CannotCompile, Nothing, Plain, Row, Whole
from .law import LawCode, Written
from .needs import needed_facts
from .rounding import round_to
from .writer import KNOWN, Value, Writer, conjunction, integer, scaled

ELIGIBLE, NOT_ELIGIBLE, UNDETERMINED = (STATUSES.index(word) for word in ("eligible", "not_eligible", "undetermined"))


def write_driver(law: LawCode, columns: Sequence[ResultColumn], checks: Sequence[ir.Expr]) -> str:
    """Add the function to the law's source; returns its name. Raises CannotCompile."""
    w = Writer()
    for name, given in law.given.items():
        if not _may_be_given(law, name):
            w.line(f"if (known(&c->given[{given}], c->row)) {{ c->flag = 1; return; }}")
    if checks:
        tested = law.once("checks", checks, lambda: _checks_function(law, checks))
        w.line(f"if ({tested.call}(c)) {{ c->flag = 1; return; }}")
    for number, column in enumerate(columns):
        if not column.local:
            answered = law.once(f"scheme {number}", law.law.schemes.get(column.scheme), partial(_scheme_function, law, number, columns))
            w.line(f"{answered.call}(c);")
    return law.source.function("void", w.text(), "")


def _scheme_function(law: LawCode, number: int, columns: Sequence[ResultColumn]) -> Written:
    w = Writer()
    _write_scheme(w, law, number, columns)
    return Written(law.source.function("void", w.text(), columns[number].scheme), law.source.call(ir.Name(columns[number].scheme, "(a person's results)"), "void"))


def _checks_function(law: LawCode, checks: Sequence[ir.Expr]) -> Written:
    """Whether the person fails one of the checks between facts; the same function in nearly every law. What nobody stated fails none."""
    w = Writer()
    e = Expressions(w, law)
    for check in checks:
        stated = " && ".join(f"col[{law.facts.number(name)}].data" for name in sorted(needed_facts(check)))
        with w.block(f"if ({stated or KNOWN})"):
            try:
                holds = e.flag(check)
            except CannotCompile as error:
                raise CannotCompile(error.reason, error.where or "a check between facts") from None
            w.line(f"if ({conjunction(holds.ok, f'!{holds.part}')}) return 1;")
    return Written(law.source.function("char", f"{w.text()}\nreturn 0;", ""), law.source.call(ir.Name("", "(checks between facts)"), "char"))


def _may_be_given(law: LawCode, name: str) -> bool:
    """Whether compiled code reads a figure given for this rule; others go to the exact engine."""
    scheme, _, local = name.rpartition(".")
    stood = law.law.schemes.get(scheme)
    rule = law.law.derived.get(ir.Name(scheme, local)) if stood is None else stood.definitions.get(local) or stood.parameters.get(local) or law.law.derived.get(ir.Name(scheme, local))
    return rule is not None and isinstance(rule.type, NumberType | BooleanType | DateType) and not getattr(rule, "bands", ())


def _write_scheme(w: Writer, law: LawCode, status: int, columns: Sequence[ResultColumn]) -> None:
    """A scheme that is not in force in a place leaves its people to the exact engine, which refuses them in words."""
    name = columns[status].scheme
    scheme = law.law.schemes.get(name)
    if scheme is None:
        w.line("c->flag = 1;")
        return
    numbers = {column.local: number for number, column in enumerate(columns) if column.scheme == name and column.local}
    w.line("char refused = 0, open = 0;")
    for condition in scheme.conditions():
        _write_condition(w, law.definition(w, condition.name))
    with w.block("if (!refused && !open)"):
        for benefit in scheme.benefits():
            number = numbers.get(benefit.name.local)
            _write_result(w, law, benefit, None if number is None else (number, columns[number]))
    for local, number in numbers.items():
        if not columns[number].benefit and local in scheme.definitions:
            _write_result(w, law, scheme.definitions[local], (number, columns[number]))
    w.line(f"((signed char *)c->out[{status}].data)[c->row] = refused ? {NOT_ELIGIBLE} : open ? {UNDETERMINED} : {ELIGIBLE};")
    w.line(f"c->out[{status}].known[c->row] = 1;")


def _write_condition(w: Writer, met: object) -> None:
    assert isinstance(met, Value)
    if isinstance(met.lane, Nothing):
        w.line("open = 1;")
        return
    w.line(f"if ({conjunction(met.ok, f'!{met.part}')}) refused = 1;")
    if met.ok != KNOWN:
        w.line(f"if (!{met.ok}) open = 1;")


def _write_result(w: Writer, law: LawCode, definition: Definition, column: tuple[int, ResultColumn] | None) -> None:
    """Compute a result, and store it where it has a column; an unknown benefit leaves the scheme open."""
    found = law.definition(w, definition.name)
    ok = found.ok if isinstance(found, Value) else found.loop(w, lambda _: None)
    if definition.kind == "benefit" and ok != KNOWN:
        w.line("open = 1;" if ok == "0" else f"if (!{ok}) open = 1;")
    if column is None or not isinstance(found, Value) or isinstance(found.lane, Nothing | Row):
        return
    number, shape = column
    with w.block(f"if ({found.ok})"):
        w.line(f"{_store(w, found, shape, number)} c->out[{number}].known[c->row] = 1;")


def _store(w: Writer, value: Value, column: ResultColumn, number: int) -> str:
    if isinstance(value.lane, Plain):
        ctype = "unsigned char" if value.lane is FLAG else "int"
        return f"(({ctype} *)c->out[{number}].data)[c->row] = ({ctype}){value.part};"
    assert pa.types.is_decimal(column.type)
    shown = round_to(w, value, Decimal(1).scaleb(-column.type.scale), "half even")
    assert isinstance(shown.lane, Whole)
    more = column.type.scale - shown.lane.scale
    limit = 10 ** (column.type.precision - more)
    if max(shown.lane.span.high, -shown.lane.span.low) >= limit:
        # Too large for the column: the exact engine says so in words.
        w.line(f"if ({shown.part} >= {integer(limit)} || {shown.part} <= {integer(-limit)}) c->flag = 1;")
    return f"((i128 *)c->out[{number}].data)[c->row] = {scaled(shown.part, 'i128', more)};"
