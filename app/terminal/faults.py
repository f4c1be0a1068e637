"""Faults of requests and of rule files, one a line."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Group, RenderableType
from rich.text import Text

from app.engine import InputFault, Language
from app.language import Fault


def render_input_faults(faults: Iterable[InputFault], language: Language) -> RenderableType:
    """Each fault of a request with its JSON pointer."""
    return Group(*(Text(fault.pointer or "/", style="bold red").append(f"  {fault.detail(language)}", style="not bold default") for fault in faults))


def render_rule_faults(faults: Iterable[Fault]) -> RenderableType:
    """Each fault of the rule files with its file and line."""
    return Group(*(Text(f"{fault.place}: ", style="bold red").append(fault.message, style="not bold default") for fault in faults))
