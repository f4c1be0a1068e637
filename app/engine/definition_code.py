"""A definition to the lines of its Python function: computed once a case, with its wording and rounding noted."""

from __future__ import annotations

from app.language import Definition
from app.language.types import NumberType

from .emitter import Emitter


def definition_function(number: int, definition: Definition, emitter: Emitter) -> str:
    """The function `d{number}(c)`: the first wording that applies, rounded as it says."""
    lines = [f"def d{number}(c):", f"    v = c.memo[{number}]", "    if v is not UNSET: return v"]
    indent = "    "
    for index, version in enumerate(definition.versions):
        if version.guard is not None:
            lines.append(f"{indent}g = {emitter.emit(version.guard)}")
            lines.append(f"{indent}if g is None: v = None; c.version[{number}] = {index}")
            lines.append(f"{indent}elif g:")
        block = indent + ("    " if version.guard is not None else "")
        lines.append(f"{block}v = {emitter.emit(version.body)}")
        if version.rounding is not None and isinstance(definition.type, NumberType):
            step = f"S{number}_{len(emitter.raw)}"
            emitter.raw[step] = version.rounding.step
            lines.append(f"{block}if v is not None:")
            lines.append(f"{block}    c.before_rounding[{number}] = v")
            lines.append(f"{block}    v = round_to(v, {step}, {version.rounding.mode!r})")
        if len(definition.versions) > 1:
            lines.append(f"{block}c.version[{number}] = {index}")
        if version.guard is not None:
            lines.append(f"{indent}else:")
            indent += "    "
    lines += [f"    c.memo[{number}] = v", f"    c.order.append({number})", "    return v"]
    return "\n".join(lines)
