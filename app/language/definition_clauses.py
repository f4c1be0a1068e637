"""Marked YAML to the clauses of definitions, conditions, benefits and conclusions."""

from __future__ import annotations

import csv
import io
from typing import get_args

from .clause_parts import (
    FileContext,
    ReadTable,
    read_flag,
    read_rounding,
    read_source_patch,
    read_standing,
    read_text,
    require_text,
)
from .errors import Fault, Place, RuleError, suggestion
from .facts import Changes, read_changes, read_one_of, read_title, read_unit
from .ir import HitPolicy
from .marked_yaml import Mapping, Node
from .model import (
    Between,
    Body,
    CarryClause,
    ConclusionClause,
    ConclusionKind,
    DecisionClause,
    DefinitionClause,
    Kind,
    PaidTo,
    Text,
    Title,
)

DEFINITION_KEYS = frozenset("applies_when title unit value decide carry round source standing output holds shortfall unmet paid_to counts_as changes".split())
CONCLUSION_KEYS = frozenset({"kind", "when", "text", "source", "with", "benefit", "between"})
CARRY_KEYS = frozenset({"each", "in", "start", "next", "collect", "round"})
DECISION_KEYS = frozenset({"hit", "inputs", "rows", "table", "priorities"})
CONCLUSION_KINDS: tuple[ConclusionKind, ...] = get_args(ConclusionKind)
PAID_TO: tuple[PaidTo, ...] = get_args(PaidTo)
BETWEEN: tuple[Between, ...] = get_args(Between)
HIT_POLICIES: tuple[HitPolicy, ...] = get_args(HitPolicy)


def read_definition(name: str, kind: Kind, node: Node, context: FileContext) -> DefinitionClause:
    what = f"the {kind} '{name}'"
    entries = node.as_map(what, DEFINITION_KEYS)
    title_node, round_node, unmet = entries.get("title"), entries.get("round"), entries.get("unmet")
    if unmet is not None and entries.get("holds") is None:
        unmet.fail(f"'unmet' goes with 'holds': it says what '{name}' comes to where that does not hold.")
    return DefinitionClause(
        name=name,
        kind=kind,
        place=entries.node.place,
        title=None if title_node is None else read_title(title_node, f"the title of '{name}'"),
        unit=read_unit(entries),
        body=_read_body(name, kind, entries, context.read_table),
        round=read_rounding(entries),
        unrounded=round_node is not None and round_node.text == "none",
        shortfall=read_text(entries, "shortfall"),
        applies_when=read_text(entries, "applies_when"),
        output=read_flag(entries, "output"),
        source=context.source.merged(read_source_patch(entries)),
        standing=read_standing(entries, context.standing),
        unmet=None if unmet is None else read_title(unmet, f"'unmet' of '{name}'"),
        paid_to=read_one_of(entries, "paid_to", PAID_TO),
        counts_as=_word(entries, "counts_as"),
        changes=_read_changes(kind, entries),
    )


def _word(entries: Mapping, key: str) -> str | None:
    node = entries.get(key)
    return None if node is None else node.as_text(f"'{key}'")


def _read_changes(kind: Kind, entries: Mapping) -> Changes | None:
    changes = read_changes(entries)
    if changes is not None and kind != "definition":
        entries.node.fail(f"a {kind} is what follows, and nobody changes it directly. Say 'changes:' of a definition, or of a fact.")
    return changes


def _read_body(name: str, kind: Kind, entries: Mapping, read_table: ReadTable) -> Body | None:
    stated = [key for key in ("value", "decide", "carry", "holds") if entries.get(key) is not None]
    if len(stated) > 1:
        entries.node.fail(f"'{name}' states {' and '.join(stated)}. Keep one.")
    if not stated:
        return None
    if (stated[0] == "holds") != (kind == "condition"):
        entries.node.fail(f"'{name}': a condition says 'holds:', a definition or benefit says 'value:', 'decide:' or 'carry:'.")
    if stated[0] == "decide":
        return _read_decision(name, entries.require("decide", name), read_table)
    if stated[0] == "carry":
        return _read_carry(name, entries.require("carry", name))
    return read_text(entries, stated[0])


def _read_carry(name: str, node: Node) -> CarryClause:
    what = f"the carry of '{name}'"
    fields = node.as_map(what, CARRY_KEYS)
    return CarryClause(
        variable=fields.require("each", what).as_text("'each'"),
        over=require_text(fields, "in", what),
        start=require_text(fields, "start", what),
        next=require_text(fields, "next", what),
        collect=read_flag(fields, "collect") or False,
        round=read_rounding(fields),
        unrounded=(stated := fields.get("round")) is not None and stated.text == "none",
    )


def _read_decision(name: str, node: Node, read_table: ReadTable) -> DecisionClause:
    what = f"the decision table of '{name}'"
    fields = node.as_map(what, DECISION_KEYS)
    hit_node = fields.require("hit", what)
    hit = hit_node.as_text("'hit'")
    if hit not in HIT_POLICIES:
        hit_node.fail(f"'{hit}' is not a hit policy.{suggestion(hit, HIT_POLICIES)} Policies: {', '.join(HIT_POLICIES)}.")
    inputs = tuple(Text(item.as_text("an input"), item.place) for item in fields.require("inputs", what).as_list("'inputs'"))
    rows_node = fields.get("rows")
    if rows_node is not None:
        rows = tuple(_decision_row([_cell(cell) for cell in row.as_list("a row")], row.place) for row in rows_node.as_list("'rows'"))
        file = node.place.file
    else:
        table = fields.require("table", what)
        file, text = read_table(table, table.as_text("'table'"))
        reader = csv.reader(io.StringIO(text))
        next(reader, None)
        rows = tuple(
            _decision_row([Text(cell, Place(file, reader.line_num)) for cell in cells], Place(file, reader.line_num)) for cells in reader if cells
        )
    for tests, output in rows:
        if len(tests) != len(inputs):
            raise RuleError(
                [
                    Fault(
                        output.place,
                        f"the row has {len(tests)} test{'s' if len(tests) != 1 else ''} for {len(inputs)} input{'s' if len(inputs) != 1 else ''}. Write one cell per input, then the output.",
                    )
                ]
            )
    priorities_node = fields.get("priorities")
    priorities = () if priorities_node is None else tuple(
        Text(item.as_text("an output"), item.place) for item in priorities_node.as_list("'priorities'")
    )  # fmt: skip
    if (hit in ("priority", "output order")) != bool(priorities):
        hit_node.fail("'priorities' (the outputs, best first) goes with the hit policies priority and output order, which need it.")
    return DecisionClause(hit, inputs, rows, priorities, file)


def _cell(node: Node) -> Text:
    if node.text is None:
        node.fail('a cell must be one text. Put a range or a list in quotes, such as "[1..3]".')
    return Text(node.text, node.place)


def _decision_row(cells: list[Text], place: Place) -> tuple[tuple[Text, ...], Text]:
    if len(cells) < 2:
        raise RuleError([Fault(place, "a row needs a test for each input and an output.")])
    return tuple(cells[:-1]), cells[-1]


def read_conclusion(name: str, node: Node, context: FileContext) -> ConclusionClause:
    what = f"the conclusion '{name}'"
    entries = node.as_map(what, CONCLUSION_KEYS)
    kind_node = entries.require("kind", what)
    kind = kind_node.as_text("'kind'")
    if kind not in CONCLUSION_KINDS:
        kind_node.fail(f"'{kind}' is not a kind of conclusion. Kinds: {', '.join(CONCLUSION_KINDS)}.")
    text: Title = read_title(entries.require("text", what), "a conclusion's text")
    return ConclusionClause(
        name=name,
        kind=kind,
        place=entries.node.place,
        when=require_text(entries, "when", what),
        text=text,
        source=context.source.merged(read_source_patch(entries)),
        others=_others(entries),
        benefit=_word(entries, "benefit"),
        between=read_one_of(entries, "between", BETWEEN),
    )


def _others(entries: Mapping) -> tuple[str, ...]:
    """The schemes or benefits that a conclusion names: one, or a list of them."""
    node = entries.get("with")
    if node is None:
        return ()
    return (node.text,) if node.text is not None else tuple(item.as_text("a scheme") for item in node.as_list("'with'"))
