"""The rulebook compiled for many persons at once.

`kernel_image` turns the typed rules of every place into one C source (exact whole numbers of 64 or 128 bits, and
floating numbers with a bound on their error where those do not fit) and compiles it, or finds it compiled.
`Kernel` runs it over Arrow columns. A row whose result the error could change is left open, never
guessed; a rule that has no compiled form is refused by name.
"""

from .build import CompilerError
from .facts import FactColumns
from .image import Image, kernel_image
from .kernel import Answer, Kernel
from .lanes import CannotCompile


class KernelError(Exception):
    """Rules that cannot be compiled: each reason once, with the places it concerns."""

    def __init__(self, uncompiled: dict[tuple[str, ...], str]) -> None:
        reasons: dict[str, list[str]] = {}
        for where, reason in uncompiled.items():
            reasons.setdefault(reason, []).append(where[-1] if where else "000000")
        self.reasons = reasons
        super().__init__("; ".join(f"{reason} (in {', '.join(regions)})" for reason, regions in reasons.items()))


__all__ = ["Answer", "CannotCompile", "CompilerError", "FactColumns", "Image", "Kernel", "KernelError", "kernel_image"]
