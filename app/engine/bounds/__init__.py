"""What the rules can come to while one number, day or month of a case lies anywhere in an interval.

`Enclosure(probe, moves).over(first, last)` bounds every definition over the interval: nothing that the exact engine can
come to is left out, so an interval whose bounds miss a goal holds no value that reaches it. A search that halves
intervals finds the nearest value that does, and proves it the nearest, whether or not the rules keep order.
"""

from .evaluator import Enclosure, Look
from .values import ANYTHING, Among, Bound, Items, Span, is_unknown, may_be_unknown, truths

__all__ = ["ANYTHING", "Among", "Bound", "Enclosure", "Items", "Look", "Span", "is_unknown", "may_be_unknown", "truths"]
