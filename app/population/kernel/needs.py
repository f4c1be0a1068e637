"""Which facts an expression cannot do without: where one of them is unknown, so is the expression."""

from __future__ import annotations

from app.language import ir

_STRICT = (ir.Arithmetic, ir.Compare, ir.Negate, ir.Not, ir.Round, ir.Index)
_FROM_SOURCE = (ir.For, ir.Filter, ir.Quantified)
_NONE: frozenset[str] = frozenset()


def needed_facts(node: ir.Expr) -> frozenset[str]:
    """The facts by name; not necessarily all of them."""
    if isinstance(node, ir.FactRef):
        return frozenset({node.name})
    if isinstance(node, ir.Field):
        return needed_facts(node.record)
    if isinstance(node, _FROM_SOURCE):
        return needed_facts(node.source)
    if isinstance(node, ir.If):
        return needed_facts(node.condition)
    if isinstance(node, ir.And | ir.Or):
        return frozenset.intersection(*map(needed_facts, node.items))
    if isinstance(node, _STRICT) or (isinstance(node, ir.Call) and node.function != "or_else"):
        return _NONE.union(*map(needed_facts, ir.children(node)))
    return _NONE
