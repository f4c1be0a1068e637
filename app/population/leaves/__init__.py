"""Lists of records in Parquet, read several times as fast as by Arrow, which takes every level of every leaf by itself.

`list_plans` says which columns of a file are read so, `ListReader` reads them, row group by row group, into what Arrow
would make of them, but decimals of up to 18 digits in 64 bits. Nothing is judged here: what is stored in another way
or is not as it should be is `NotReadable`, and Arrow reads that row group instead.
"""

from .pages import NotReadable
from .plans import ListPlan, list_plans, stated
from .reading import ListReader

__all__ = ["ListPlan", "ListReader", "NotReadable", "list_plans", "stated"]
